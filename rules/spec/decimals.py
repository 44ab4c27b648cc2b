"""Numbers as engineers write them: sums in decimal, rounded once to float64."""

from decimal import Context, Decimal
from typing import Final

# In floats 1.0 - 0.9 is 0.09999999999999998, and a clear computed from a deadband would miss its step of the sensor.
EXACT: Final = Context(prec=800)
"""Enough digits for the sum of any two float64."""
RELATIVE: Final = Decimal("1e-9")
SMALLEST_DECIMAL: Final = Decimal("1e-12")


def written(number: float) -> Decimal:
    """Return a number as it was written: the shortest decimal that reads as this float64."""
    return Decimal(repr(float(number)))


def plus(number: Decimal, other: Decimal) -> Decimal:
    """Return the exact sum."""
    return EXACT.add(number, other)


def minus(number: Decimal, other: Decimal) -> Decimal:
    """Return the exact difference."""
    return EXACT.subtract(number, other)


def tolerance(resolution: float | None, *numbers: Decimal) -> Decimal:
    """Return e: half the resolution; without a resolution 1e-9 of the largest number, but at least 1e-12."""
    if resolution is not None:
        return EXACT.divide(written(resolution), Decimal(2))
    return max(EXACT.multiply(RELATIVE, max(abs(number) for number in numbers)), SMALLEST_DECIMAL)


def is_multiple(number: Decimal, resolution: float) -> bool:
    """Tell whether a number is a whole multiple of a resolution, both as written."""
    return EXACT.remainder(number, written(resolution)) == 0
