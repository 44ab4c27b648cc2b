"""Quality and State: may a value be believed."""

from enum import IntEnum, IntFlag
from typing import Final


class Quality(IntEnum):
    """Quality of a sample, as in OPC UA (the two top bits of a StatusCode). Larger is worse."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class State(IntFlag):
    """Run state of a point: the bit mask of MT/T 1201 (it may combine: 5 = alarm while calibrating)."""

    NORMAL = 0
    ALARM = 1
    POWER_CUT = 2
    CALIBRATING = 4
    OVER_RANGE = 8
    SUBSTATION_FAULT = 16
    NOT_SCANNED = 32
    PAUSED = 64
    SENSOR_FAULT = 128


NO_EVIDENCE: Final = State.CALIBRATING | State.SUBSTATION_FAULT | State.NOT_SCANNED | State.PAUSED | State.SENSOR_FAULT
"""A sample with one of these bits says nothing about safety."""
