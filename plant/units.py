"""Units: of times, which the project keeps in nanoseconds, and of values, which keep the unit of their point."""

import re
import unicodedata
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
    MeasuringUnit("share"): ("%",),
    MeasuringUnit("share", Fraction(1, 10**4)): ("ppm", "10-6", "uL/L", "μL/L"),
    MeasuringUnit("share", Fraction(1, 10**7)): ("ppb", "10-9"),
    MeasuringUnit("speed"): ("m/s",),
    MeasuringUnit("speed", Fraction(1, 60)): ("m/min",),
    MeasuringUnit("speed", Fraction(1000, 3600)): ("km/h",),
    MeasuringUnit("pressure"): ("kPa",),
    MeasuringUnit("pressure", Fraction(1, 1000)): ("Pa",),
    MeasuringUnit("pressure", Fraction(1, 10)): ("hPa", "mbar"),
    MeasuringUnit("pressure", Fraction(100)): ("bar",),
    MeasuringUnit("pressure", Fraction(1000)): ("MPa", "Mpa", "MPA"),
    MeasuringUnit("flow"): ("m3/min",),
    MeasuringUnit("flow", Fraction(1, 60)): ("m3/h",),
    MeasuringUnit("flow", Fraction(60)): ("m3/s",),
    MeasuringUnit("flow", Fraction(1, 1000)): ("L/min",),
    MeasuringUnit("temperature"): ("℃",),
    MeasuringUnit("temperature", Fraction(1), Fraction(-27315, 100)): ("K",),
    MeasuringUnit("temperature", Fraction(5, 9), Fraction(-160, 9)): ("℉",),
    MeasuringUnit("length"): ("m",),
    MeasuringUnit("length", Fraction(1, 100)): ("cm",),
    MeasuringUnit("length", Fraction(1, 1000)): ("mm",),
    MeasuringUnit("dust"): ("mg/m3",),
    MeasuringUnit("dust", Fraction(1000)): ("g/m3",),
}
GASES: Final = ("ch4", "co2", "co", "h2s", "h2", "n2", "o2", "so2", "no2", "nh3", "c2h4", "c2h2", "c2h6")
SHARE_WORDS: Final = "|".join((*GASES, r"vol\.?", "v/v", "v"))
AROUND_A_SHARE: Final = re.compile(rf"(?:{SHARE_WORDS})?(?P<unit>%|ppm|ppb|10-6|10-9)(?:{SHARE_WORDS})?")
"""A share with the gas, or with the remark that it is one of volume: `%CH4`, `vol%`, `ppm CO`."""


def _plain(text: str) -> str:
    """Return a unit in one width, without blanks, brackets, signs of powers and a sign of multiplication before 10."""
    text = re.sub(r"[\s()^]", "", unicodedata.normalize("NFKC", text)).replace("\N{MINUS SIGN}", "-")
    return re.sub(r"^[×xX*·](?=10)", "", text)


_EXACT: Final[Mapping[str, MeasuringUnit]] = {
    _plain(name): unit for unit, names in _SPELLINGS.items() for name in names
}
# In a pressure, m and M are different prefixes: "mPa" is no "MPa", and "Mbar" is no "mbar".
_ANY_CASE: Final[Mapping[str, MeasuringUnit]] = {
    name.casefold(): unit for name, unit in _EXACT.items() if unit.kind != "pressure" or name[0] not in "mM"
}


def measuring_unit(text: str) -> MeasuringUnit | None:
    """Return the unit of a spelling, in any width and case and with any blanks; None if it is unknown."""
    plain = _plain(text)
    share = AROUND_A_SHARE.fullmatch(plain.casefold())
    name = plain if share is None else share["unit"]
    return _EXACT.get(name) or _ANY_CASE.get(name.casefold())


def names_of(kind: str) -> tuple[str, ...]:
    """Return a spelling of each unit of a kind."""
    return tuple(names[0] for unit, names in _SPELLINGS.items() if unit.kind == kind)


def conversion(unit: str, into: str) -> tuple[Fraction, Fraction] | None:
    """Return factor and offset by which a value of one unit becomes one of another; None if it cannot."""
    if unit == into:
        return Fraction(1), Fraction(0)
    old, new = measuring_unit(unit), measuring_unit(into)
    if old is None or new is None or old.kind != new.kind:
        return None
    return old.factor / new.factor, (old.offset - new.offset) / new.factor
