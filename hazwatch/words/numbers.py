"""How numbers, durations and times are written for people, in either language."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from plant import write_duration
from plant.units import HOUR, MICROSECOND, MINUTE, MS, SECOND

LONG: Final = 100 * HOUR
"""A longer duration is written in hours. [ns]"""
UNITS: Final = (("min", MINUTE), ("s", SECOND), ("ms", MS), ("µs", MICROSECOND), ("ns", 1))
"""Units of shorter durations, the largest first. [ns]"""
MINUS: Final = "\N{MINUS SIGN}"
NONE: Final = "\N{EM DASH}"


def signed(text: str) -> str:
    """Write the sign of a number as print does."""
    return text.replace("-", MINUS)


def decimal(number: float) -> str:
    """Write a number of a site file."""
    return np.format_float_positional(number, trim="0") if 1e-4 <= abs(number) < 1e15 or number == 0 else repr(number)


def duration(nanoseconds: int) -> str:
    """Write a duration of a site file; a minute is no metre."""
    text = write_duration(nanoseconds)
    number = text.rstrip("dhmsun")
    unit = text[len(number) :]
    return f"{number} {'min' if unit == 'm' else unit}"


def minutes_of(nanoseconds: int) -> str:
    """Write how long something lasted, in the unit that people would use."""
    if nanoseconds >= LONG:
        return f"{nanoseconds / HOUR:,.0f} h"
    unit, size = next((item for item in UNITS if nanoseconds >= item[1]), UNITS[1])
    number = nanoseconds / size
    return f"{number:,.0f} {unit}" if number >= 99.5 or (unit == "min" and number >= 10) else f"{number:.3g} {unit}"


def period_of(nanoseconds: int) -> str:
    """Write how long a period is."""
    return f"{nanoseconds / HOUR:,.1f} h" if nanoseconds >= HOUR else minutes_of(nanoseconds)


def shift_of(shift: int | None) -> str:
    """Write how much later something begins."""
    if shift is None:
        return NONE
    text = minutes_of(abs(shift))
    return text if shift == 0 else f"{'+' if shift > 0 else MINUS}{text}"


def moment(time: int, zone: ZoneInfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Write a time in the site's zone. [ns, UTC]."""
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)
