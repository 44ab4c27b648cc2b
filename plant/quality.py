"""`Quality` and `State` of a sample, as enums and as the plain integers that compiled kernels need."""

from enum import IntEnum, IntFlag
from typing import Final, Literal

GOOD: Final = 0
UNCERTAIN: Final = 1
BAD: Final = 2


QualityName = Literal["GOOD", "UNCERTAIN", "BAD"]
QUALITY_NAMES: Final[tuple[QualityName, ...]] = ("GOOD", "UNCERTAIN", "BAD")
"""What events and pages write, by number."""


class Quality(IntEnum):
    """Quality of a sample, with the numbers of OPC UA (the two top bits of a StatusCode). Larger is worse."""

    GOOD = GOOD
    UNCERTAIN = UNCERTAIN
    BAD = BAD


CALIBRATING: Final = 4
OVER_RANGE_BIT: Final = 8
FAULTY: Final = 16 | 32 | 64 | 128
"""State bits of a fault in the sensor, the substation or the scan."""
BLOCKING: Final = CALIBRATING | FAULTY
"""State bits that make a sample unusable as evidence."""


# MT/T 1201 defines these eight bits. A status word of a device has sixteen, and samples keep all of them.
class State(IntFlag):
    """Run state of a point: the bit mask of MT/T 1201. Bits combine; 5 is an alarm during a calibration."""

    NORMAL = 0
    ALARM = 1
    POWER_CUT = 2
    CALIBRATING = CALIBRATING
    OVER_RANGE = OVER_RANGE_BIT
    SUBSTATION_FAULT = 16
    NOT_SCANNED = 32
    PAUSED = 64
    SENSOR_FAULT = 128
