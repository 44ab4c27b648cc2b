"""Writes numbers, durations and times for people, in the same form for both languages."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from plant import write_duration
from plant.units import HOUR, MICROSECOND, MINUTE, MS, SECOND

LONG: Final = 100 * HOUR
"""Longer durations are written in hours. [ns]"""
UNITS: Final = (("min", MINUTE), ("s", SECOND), ("ms", MS), ("µs", MICROSECOND), ("ns", 1))
"""Units of shorter durations, the largest first. [ns]"""
MINUS: Final = "\N{MINUS SIGN}"
NONE: Final = "\N{EM DASH}"


def signed(text: str) -> str:
    """Return a number with the typographic minus sign."""
    return text.replace("-", MINUS)


def decimal(number: float) -> str:
    """Return a number as a site file writes it."""
    # repr would write 1e-05 for 0.00001 and 1e+16 for large numbers, which people misread; only extremes keep it.
    return np.format_float_positional(number, trim="0") if 1e-4 <= abs(number) < 1e15 or number == 0 else repr(number)


def duration(nanoseconds: int) -> str:
    """Return a duration as a site file writes it, but with `min` for a minute, since `m` would read as metre."""
    text = write_duration(nanoseconds)
    number = text.rstrip("dhmsun")
    unit = text[len(number) :]
    return f"{number} {'min' if unit == 'm' else unit}"


def minutes_of(nanoseconds: int) -> str:
    """Return a length of time in a usual unit."""
    if nanoseconds >= LONG:
        return f"{nanoseconds / HOUR:,.0f} h"
    unit, size = next((item for item in UNITS if nanoseconds >= item[1]), UNITS[1])
    number = nanoseconds / size
    # Three digits in all: 99.5 would be rounded to 1e+02 by the shorter format.
    return f"{number:,.0f} {unit}" if number >= 99.5 or (unit == "min" and number >= 10) else f"{number:.3g} {unit}"


def period_of(nanoseconds: int) -> str:
    """Return the length of a period."""
    return f"{nanoseconds / HOUR:,.1f} h" if nanoseconds >= HOUR else minutes_of(nanoseconds)


def shift_of(shift: int | None) -> str:
    """Return a delay with its sign."""
    if shift is None:
        return NONE
    text = minutes_of(abs(shift))
    return text if shift == 0 else f"{'+' if shift > 0 else MINUS}{text}"


def moment(time: int, zone: ZoneInfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a time in the site's zone. [ns, UTC]."""
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)
