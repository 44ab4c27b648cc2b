"""A profile: the limits that the regulations require for a point at a place, as [[limit]] tables."""

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
"""Key of a setpoint in a profile -> key in a limit. The number of `above` and `below` is still permitted."""


class UnknownProfileError(LookupError):
    """No profile has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of one place.

    Attributes
    ----------
    place, place_en : str
        The place for which the regulation requires the limits.
    basis, basis_en : str
        Regulation and article.
    example, example_en : str
        Why the profile is only an example; empty if its numbers are verified. Site files cannot use an example.
    quantities, units : tuple of str
        Quantity and unit that a point must have; the first spelling of each is the usual one.
    numbers : mapping of str to float
        Values by the names in the templates. [unit]
    templates : mapping of str to mapping
        Keys of a limit, by the last part of its id.
    texts : mapping of str to str
        Values of the {names} in the texts of the templates.

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
        """Return the keys of a point that do not fit the profile, each with a message about the expected value."""
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
        """Return the limits of a point at this place, as [[limit]] tables of a site file."""
        tables = [self._limit(point, suffix, template) for suffix, template in self._applicable()]
        # Alarm and power cut may have the same setpoint at a place; one excess must not open two tickets.
        setpoints = [(table.get("high"), table.get("low")) for table in tables]
        for number, table in enumerate(tables):
            if setpoints[number] in setpoints[number + 1 :]:
                table["ticket"] = False
        return tables

    def _applicable(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the templates whose setpoint has a number at this place."""
        for suffix, template in self.templates.items():
            if any(template.get(side) in self.numbers for side in SIDES):
                yield suffix, template

    def _limit(self, point: Point, suffix: str, template: Mapping[str, Any]) -> dict[str, Any]:
        limit: dict[str, Any] = {"id": f"{point.id}.{suffix}", "point": point.id, "feature": "value"}
        for key, value in template.items():
            if key in SIDES:
                limit[SIDES[key]] = _setpoint(key, self.numbers[value], point.resolution)
            elif key != "clear":
                limit[key] = value.format_map(self.texts) if isinstance(value, str) else value
            elif value in self.numbers:
                limit[key] = self.numbers[value]
        return limit | {"basis": self.basis, "basis_en": self.basis_en}


def _setpoint(side: str, number: float, resolution: float | None) -> float:
    """Return the setpoint: the number itself, or for `above` and `below` the first reading beyond it."""
    # Decimal is exact: in floats 0.7 / 0.1 is 6.999999999999999, and the setpoint would be one step off.
    if side not in ("above", "below") or resolution is None:
        return number
    step = Decimal(repr(resolution))
    steps = Decimal(repr(number)) / step
    if side == "above":
        return float((steps.to_integral_value(ROUND_FLOOR) + 1) * step)
    return float((steps.to_integral_value(ROUND_CEILING) - 1) * step)


def override(limit: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile's limit with the keys that a site file overrides.

    A written setpoint, high or low, replaces the profile's setpoint. A written `deadband` or `clear` replaces both. A
    written text also removes its English version. All other keys keep the profile's values.
    """
    replaced = set(written) | {f"{key}_en" for key in written}
    for keys in ({"high", "low"}, {"clear", "deadband"}):
        if keys & replaced:
            replaced |= keys
    return {key: value for key, value in limit.items() if key not in replaced} | dict(written)


@cache
def profiles() -> Mapping[str, Profile]:
    """Return all profiles by name, including examples, in the order of their files."""
    every_profile: dict[str, Profile] = {}
    for file in sorted(files("plant.profiles").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            family = tomllib.loads(file.read_text(encoding="utf-8"))
            every_profile |= {name: _read(name, row, family) for name, row in family["profile"].items()}
    return every_profile


# A row of the TOML file has floats for the setpoints, and strings for the texts; templates refer to both by name.
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
    """Return the profile with a name.

    Raises
    ------
    UnknownProfileError
        No profile has the name; the message lists the most similar usable names.

    """
    known = profiles()
    if name in known:
        return known[name]
    usable = sorted(name for name, row in known.items() if not row.example)
    similar = get_close_matches(name, usable, n=4, cutoff=0.5) or usable
    raise UnknownProfileError(
        Message(
            'no profile "{name}"; expected one of docs/en/profiles.md, such as {similar}',
            name=name,
            similar=tuple(f'"{name}"' for name in similar),
        )
    )
