"""Writes how far the clock of a source is off, in the words of people."""

from typing import Final

from plant import Message
from plant.units import DAY, HOUR, MINUTE, MS, SECOND

MONTH: Final = 30 * DAY
YEAR: Final = 365 * DAY
"""[ns]"""
FEWEST_UNITS: Final = 2
"""A clock that is off by fewer units than this is written in the next smaller one."""


def clock_error(skew: int) -> Message:
    """Return how far a clock is ahead, or behind if the skew is negative. [ms]."""
    time = _in_words(abs(skew) * MS)
    return Message("ahead by {time}", time=time) if skew > 0 else Message("behind by {time}", time=time)


def _in_words(time: int) -> Message:
    """Return a length of time in the largest unit of which it has two. [ns]."""
    if time >= FEWEST_UNITS * YEAR:
        return Message("{count} {count:year|years}", count=time // YEAR)
    if time >= FEWEST_UNITS * MONTH:
        return Message("{count} {count:month|months}", count=time // MONTH)
    if time >= FEWEST_UNITS * DAY:
        return Message("{count} {count:day|days}", count=time // DAY)
    if time >= FEWEST_UNITS * HOUR:
        return Message("{count} {count:hour|hours}", count=time // HOUR)
    if time >= FEWEST_UNITS * MINUTE:
        return Message("{count} {count:minute|minutes}", count=time // MINUTE)
    return Message("{seconds} seconds", seconds=f"{time / SECOND:.1f}")
