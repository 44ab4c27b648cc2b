"""Writes how far a clock is off, and what is wrong with the clock of this machine, in the words of people."""

from typing import Final

from plant import Message
from plant.units import DAY, HOUR, MINUTE, MS, SECOND

MONTH: Final = 30 * DAY
YEAR: Final = 365 * DAY
"""[ns]"""
EXACT_CLOCK: Final = 100
"""A clock that is off by less is exact, as far as an answer over a network can show. [ms]"""
FEWEST_UNITS: Final = 2
"""A clock that is off by fewer units than this is written in the next smaller one."""


def clock_error(skew: int) -> Message:
    """Return how far a clock is ahead, or behind if the skew is negative. [ms]."""
    if abs(skew) < EXACT_CLOCK:
        return Message("exact")
    time = length_of_time(abs(skew) * MS)
    return Message("ahead by {time}", time=time) if skew > 0 else Message("behind by {time}", time=time)


def own_clock_notice(skew: int, sources: int) -> Message:
    """Return that this machine's clock is off by a skew, as all sources with a clock show. [ms]."""
    return Message(
        "The clock of this machine is {error}, as the clocks of all {count} sources show: correct it",
        error=clock_error(skew),
        count=sources,
    )


def moved_notice(by: int, *, slept: bool) -> Message:
    """Return that this machine slept, or that its clock was set, and what the engine did. [ns]."""
    time = length_of_time(abs(by))
    if slept:
        return Message(
            "This machine slept for {time}: nothing was evaluated meanwhile; the engine started anew", time=time
        )
    if by > 0:
        return Message("The clock of this machine was set ahead by {time}: the engine started anew with it", time=time)
    return Message("The clock of this machine was set back by {time}: the engine started anew with it", time=time)


def behind_records_notice(by: int) -> Message:
    """Return that this machine's clock is behind the records of earlier runs. [ns]."""
    return Message(
        "The clock of this machine is behind the records of the last run by {time}: one of the two was wrong",
        time=length_of_time(by),
    )


def length_of_time(time: int) -> Message:
    """Return a length of time in the largest unit of which it has two, rounded. [ns]."""
    if time >= FEWEST_UNITS * YEAR:
        return Message("{count} {count:year|years}", count=_rounded(time, YEAR))
    if time >= FEWEST_UNITS * MONTH:
        return Message("{count} {count:month|months}", count=_rounded(time, MONTH))
    if time >= FEWEST_UNITS * DAY:
        return Message("{count} {count:day|days}", count=_rounded(time, DAY))
    if time >= FEWEST_UNITS * HOUR:
        return Message("{count} {count:hour|hours}", count=_rounded(time, HOUR))
    if time >= FEWEST_UNITS * MINUTE:
        return Message("{count} {count:minute|minutes}", count=_rounded(time, MINUTE))
    return Message("{seconds} seconds", seconds=f"{time / SECOND:.1f}")


def _rounded(time: int, unit: int) -> int:
    return (time + unit // 2) // unit
