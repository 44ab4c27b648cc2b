"""Units of time in nanoseconds, the only unit in which the project keeps times and durations."""

from typing import Final

# int64 nanoseconds are exact and last until 2262; seconds in float64 would be off by 200 ns today.
MICROSECOND: Final = 1_000
MS: Final = 1_000 * MICROSECOND
SECOND: Final = 1_000 * MS
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NANOSECONDS: Final[dict[str, int]] = {
    "ns": 1,
    "us": MICROSECOND,
    "ms": MS,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
    "d": DAY,
}
"""Length of each unit of a written duration. [ns]"""
