"""Stand-ins for the plant: traces, faults, and the servers that play them at a clock's pace."""

from simulators.faults import Fault, Faults, Kind, LostLink
from simulators.pace import Clock, Deliver, play

__all__ = ["Clock", "Deliver", "Fault", "Faults", "Kind", "LostLink", "play"]
