"""Durations: written as a decimal number and a unit, kept as whole nanoseconds."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from plant.message import Message
from plant.units import DAY, NANOSECONDS

# A time of today plus or minus 100 years stays within int64 nanoseconds (1677 to 2262).
LONGEST_DURATION: Final = 36_500 * DAY
PATTERN: Final = r"^\d+(\.\d+)?(ns|us|ms|s|m|h|d)$"


def parse_duration(text: Any) -> int:
    """Read "500ms", "7.5s" or "12h" as whole nanoseconds.

    Raises
    ------
    ValueError
        The text is not a duration, has a fraction of a nanosecond, or exceeds 100 years.

    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|d)", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(Message('expected a duration such as "500ms", "7.5s" or "12h" (ns, us, ms, s, m, h, d)'))
    # Decimal is exact: in floats "0.067s" is 67000000.00000001 ns, which the next line would refuse.
    exact = Decimal(match[1]) * NANOSECONDS[match[2]]
    if exact != exact.to_integral_value():
        raise ValueError(Message("expected a whole number of nanoseconds"))
    if exact > LONGEST_DURATION:
        raise ValueError(Message("expected at most 36500d"))
    return int(exact)


def write_duration(nanoseconds: int) -> str:
    """Return the text of a duration in the largest unit that holds it exactly; the inverse of `parse_duration`."""
    for unit in ("d", "h", "m", "s", "ms", "us"):
        if nanoseconds and nanoseconds % NANOSECONDS[unit] == 0:
            return f"{nanoseconds // NANOSECONDS[unit]}{unit}"
    return f"{nanoseconds}ns" if nanoseconds else "0s"


DURATION_SCHEMA: Final = WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["500ms", "7.5s", "12h"]})
Duration = Annotated[
    int, BeforeValidator(parse_duration), PlainSerializer(write_duration, return_type=str), DURATION_SCHEMA
]
"""A duration in the site file; pydantic turns it into an int. [ns]"""
PositiveDuration = Annotated[
    int, Field(gt=0), BeforeValidator(parse_duration), PlainSerializer(write_duration, return_type=str), DURATION_SCHEMA
]
"""A duration above zero, for windows, periods and staleness. [ns]"""
