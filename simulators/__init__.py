"""Simulated plants: traces, faults, and servers that play them at the pace of a clock."""

from simulators.faults import Fault, FaultKind, Faults, LostLink
from simulators.pace import Deliver, TraceClock, play

__all__ = ["Deliver", "Fault", "FaultKind", "Faults", "LostLink", "TraceClock", "play"]
