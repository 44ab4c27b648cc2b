"""Simulated plants: traces, faults, and servers that play them at the pace of a clock."""

from simulators.faults import Fault, Faults, Kind, LostLink
from simulators.pace import Clock, Deliver, play

__all__ = ["Clock", "Deliver", "Fault", "Faults", "Kind", "LostLink", "play"]
