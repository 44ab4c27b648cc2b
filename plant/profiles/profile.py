"""A profile: what the regulations ask of a point at a place, as [[limit]] tables."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

from plant.message import Message
from plant.point import Point

SIDES: Final[Mapping[str, str]] = {"high": "high", "low": "low", "above": "high", "below": "low"}
"""Keys of a setpoint in the data, and in a limit: `above` and `below` are beyond what is permitted, not at it."""


class UnknownProfileError(LookupError):
    """There is no profile of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of one place.

    Attributes
    ----------
    place, place_en : str
        Where the regulation asks for them.
    basis, basis_en : str
        Regulation and article.
    example, example_en : str
        Why it is an example only; empty if its numbers are verified. An example gives no limits.
    quantities, units : tuple of str
        What a point may measure, and in which unit: the first of each, or other spellings of the same.
    numbers : mapping of str to float
        Its values, by the names that the templates use. [unit]
    templates : mapping of str to mapping
        What a limit says, by the last part of its id.
    texts : mapping of str to str
        What stands in for {names} in the texts of the templates.

    """

    name: str
    place: str
    place_en: str
    basis: str
    basis_en: str
    example: str
    example_en: str
    quantities: tuple[str, ...]
    units: tuple[str, ...]
    numbers: Mapping[str, float]
    templates: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]

    def misfits(self, point: Point) -> list[tuple[str, Message]]:
        """Return the keys of a point to which the profile cannot be applied, and what was expected."""
        expected = {"quantity": self.quantities, "unit": self.units}
        return [
            (
                key,
                Message(
                    'profile "{profile}" is for "{expected}"; found "{value}"',
                    profile=self.name,
                    expected=names[0],
                    value=getattr(point, key),
                ),
            )
            for key, names in expected.items()
            if getattr(point, key) not in names
        ]

    def limits(self, point: Point) -> list[dict[str, Any]]:
        """Return the limits of a point at this place, as tables [[limit]] of a site file."""
        tables = [self._limit(point, suffix, template) for suffix, template in self._given()]
        setpoints = [(table.get("high"), table.get("low")) for table in tables]
        for number, table in enumerate(tables):
            if setpoints[number] in setpoints[number + 1 :]:
                table["ticket"] = False
        return tables

    def _given(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the templates for which this place has a number."""
        for suffix, template in self.templates.items():
            if any(template.get(side) in self.numbers for side in SIDES):
                yield suffix, template

    def _limit(self, point: Point, suffix: str, template: Mapping[str, Any]) -> dict[str, Any]:
        limit: dict[str, Any] = {"id": f"{point.id}.{suffix}", "point": point.id, "feature": "value"}
        for key, given in template.items():
            if key in SIDES:
                limit[SIDES[key]] = _setpoint(key, self.numbers[given], point.resolution)
            elif key != "clear":
                limit[key] = given.format_map(self.texts) if isinstance(given, str) else given
            elif given in self.numbers:
                limit[key] = self.numbers[given]
        return limit | {"basis": self.basis, "basis_en": self.basis_en}


def _setpoint(side: str, number: float, resolution: float | None) -> float:
    """Return the reading at which a limit is reached: for `above` and `below` the first beyond the number."""
    if side not in ("above", "below") or resolution is None:
        return number
    step = Decimal(repr(resolution))
    steps = Decimal(repr(number)) / step
    if side == "above":
        return float((steps.to_integral_value(ROUND_FLOOR) + 1) * step)
    return float((steps.to_integral_value(ROUND_CEILING) - 1) * step)


def override(limit: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile's limit with what a site file writes in its place, key by key.

    A setpoint that is written takes the place of the profile's, be it high or low, so does `deadband` that of `clear`,
    and a text that is written takes its English away; all other keys that are not written stay.
    """
    replaced = set(written) | {f"{key}_en" for key in written}
    for keys in ({"high", "low"}, {"clear", "deadband"}):
        if keys & replaced:
            replaced |= keys
    return {key: value for key, value in limit.items() if key not in replaced} | dict(written)


@cache
def profiles() -> Mapping[str, Profile]:
    """Return all profiles by name, examples too, in the order of their files."""
    found: dict[str, Profile] = {}
    for file in sorted(files("plant.profiles").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            family = tomllib.loads(file.read_text(encoding="utf-8"))
            found |= {name: _read(name, row, family) for name, row in family["profile"].items()}
    return found


def _read(name: str, row: Mapping[str, Any], family: Mapping[str, Any]) -> Profile:
    return Profile(
        name=name,
        place=row["place"],
        place_en=row["place_en"],
        basis=row["basis"],
        basis_en=row["basis_en"],
        example=row.get("example", ""),
        example_en=row.get("example_en", ""),
        quantities=tuple(family["quantities"]),
        units=tuple(family["units"]),
        numbers={key: value for key, value in row.items() if isinstance(value, float)},
        templates=family["limit"],
        texts={key: value for key, value in row.items() if isinstance(value, str)},
    )


def profile(name: str) -> Profile:
    """Return the profile of a name.

    Raises
    ------
    UnknownProfileError
        With the names that are most like it, of those that may be used.

    """
    known = profiles()
    if name in known:
        return known[name]
    usable = sorted(name for name, row in known.items() if not row.example)
    similar = get_close_matches(name, usable, n=4, cutoff=0.5) or usable
    raise UnknownProfileError(
        Message(
            'no profile "{name}"; expected one of docs/profiles.md, such as {similar}',
            name=name,
            similar=tuple(f'"{name}"' for name in similar),
        )
    )
