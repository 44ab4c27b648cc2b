"""Units: of times, which the project keeps in nanoseconds, and of values, which keep the unit of their point."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, NamedTuple

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


class MeasuringUnit(NamedTuple):
    """A unit of values: a value times `factor`, plus `offset`, is the value in the first unit of its `kind`."""

    kind: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


_SPELLINGS: Final[Mapping[MeasuringUnit, tuple[str, ...]]] = {
    MeasuringUnit("share"): (
        "%",
        "％",
        "%CH4",
        "% CH4",
        "%CO2",
        "% CO2",
        "%H2",
        "% H2",
        "%N2",
        "% N2",
        "%O2",
        "% O2",
        "%CO",
    ),
    MeasuringUnit("share", Fraction(1, 10**4)): ("ppm", "10-6", "10⁻⁶", "×10⁻⁶", "x10-6"),
    MeasuringUnit("share", Fraction(1, 10**7)): ("ppb", "10-9", "10⁻⁹", "×10⁻⁹"),
    MeasuringUnit("speed"): ("m/s",),
    MeasuringUnit("speed", Fraction(1, 60)): ("m/min",),
    MeasuringUnit("speed", Fraction(1000, 3600)): ("km/h",),
    MeasuringUnit("pressure"): ("kPa",),
    MeasuringUnit("pressure", Fraction(1, 1000)): ("Pa",),
    MeasuringUnit("pressure", Fraction(1, 10)): ("hPa", "mbar"),
    MeasuringUnit("pressure", Fraction(100)): ("bar",),
    MeasuringUnit("pressure", Fraction(1000)): ("MPa",),
    MeasuringUnit("flow"): ("m3/min", "m³/min"),
    MeasuringUnit("flow", Fraction(1, 60)): ("m3/h", "m³/h"),
    MeasuringUnit("flow", Fraction(60)): ("m3/s", "m³/s"),
    MeasuringUnit("flow", Fraction(1, 1000)): ("L/min", "l/min"),
    MeasuringUnit("temperature"): ("℃", "°C"),
    MeasuringUnit("temperature", Fraction(1), Fraction(-27315, 100)): ("K",),
    MeasuringUnit("temperature", Fraction(5, 9), Fraction(-160, 9)): ("℉", "°F"),
    MeasuringUnit("length"): ("m",),
    MeasuringUnit("length", Fraction(1, 100)): ("cm",),
    MeasuringUnit("length", Fraction(1, 1000)): ("mm",),
    MeasuringUnit("dust"): ("mg/m3", "mg/m³"),
    MeasuringUnit("dust", Fraction(1000)): ("g/m3", "g/m³"),
}
MEASURING_UNITS: Final[Mapping[str, MeasuringUnit]] = {
    name: unit for unit, names in _SPELLINGS.items() for name in names
}
"""Units of values that convert into others of their kind, by all their spellings."""


def conversion(unit: str, into: str) -> tuple[Fraction, Fraction] | None:
    """Return factor and offset by which a value of one unit becomes one of another; None if it cannot."""
    if unit == into:
        return Fraction(1), Fraction(0)
    old, new = MEASURING_UNITS.get(unit), MEASURING_UNITS.get(into)
    if old is None or new is None or old.kind != new.kind:
        return None
    return old.factor / new.factor, (old.offset - new.offset) / new.factor
