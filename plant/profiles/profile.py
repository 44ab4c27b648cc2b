"""A profile: the limits that the regulations require for a point at a place, as [[limit]] tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from plant.law import Article, Mark, cited
from plant.message import Message, Text
from plant.point import Point

SIDES: Final[Mapping[str, str]] = {"high": "high", "low": "low", "above": "high", "below": "low"}
"""Key of a setpoint in a profile -> key in a limit. The number of `above` and `below` is still permitted."""
STEPPED: Final = frozenset(("above", "below"))
"""Keys whose limits are at the next reading of the sensor."""
COARSEST: Final = Decimal("0.1")
"""Largest resolution as a share of a permitted number that must be kept: a coarser step would move the limit away."""
JUST_BEYOND: Final = Decimal("1e-8")
"""Share of a permitted number by which a mean must exceed it; more than the tolerance of the comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of one place.

    Attributes
    ----------
    title : Text
        What is measured.
    place : Text
        The place for which the regulation requires the limits.
    articles : mapping of str to Article
        The article of each number; empty for an example that no article of the edition in force has.
    source : Text
        Regulation and articles, or the source of an example.
    mark : str
        How the numbers are known.
    within : str
        The profile of the air around the place, whose limits hold here as well; empty if there is none.
    label : str
        Label of the sensor in AQ 1029; empty if it has none.
    example : Text
        Why the profile is only an example; empty if its numbers are verified. Site files cannot use an example.
    quantities, units : tuple of str
        Quantity and unit that a point must have; the first spelling of each is the usual one.
    numbers : mapping of str to float
        Values by the names in the templates. [unit]
    templates : mapping of str to mapping
        Keys of a limit, by the last part of its id.
    texts : mapping of str to str
        Values of the {names} in the texts of the templates.
    action : mapping of str to str
        Responses at this place by the last part of the id, with `_en` for English; empty if the templates have them.
    action_article : int or None
        Article on which the responses rest.

    """

    name: str
    title: Text
    place: Text
    articles: Mapping[str, Article]
    source: Text
    mark: Mark
    within: str
    label: str
    example: Text
    quantities: tuple[str, ...]
    units: tuple[str, ...]
    numbers: Mapping[str, float]
    templates: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]
    action: Mapping[str, str]
    action_article: int | None

    @property
    def is_example(self) -> bool:
        """Whether site files cannot use it."""
        return bool(self.example.zh)

    def misfits(self, point: Point) -> list[tuple[str, Message]]:
        """Return the keys of a point that do not fit the profile, each with a message about the expected value."""
        expected = {"quantity": self.quantities, "unit": self.units}
        misfits = [
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
        return misfits + [("resolution", message) for message in self._too_coarse(point.resolution)]

    def _too_coarse(self, resolution: float | None) -> Iterator[Message]:
        """Yield a message if the next reading beyond a number that binds is too far beyond it."""
        binding = [
            self.numbers[self.templates[suffix][side]]
            for suffix, side in self.setpoints()
            if side in STEPPED and "feature" not in self.templates[suffix] and self.binds(suffix)
        ]
        if resolution is None or not binding:
            return
        coarsest = float(Decimal(repr(min(map(abs, binding)))) * COARSEST)
        if resolution > coarsest:
            yield Message(
                'profile "{profile}" needs a resolution of {coarsest} or finer; found {value}',
                profile=self.name,
                coarsest=coarsest,
                value=resolution,
            )

    def limits(self, point: Point) -> list[dict[str, Any]]:
        """Return the limits of a point at this place, as [[limit]] tables of a site file."""
        tables = [self._limit(point, suffix) for suffix, _ in self.setpoints()]
        # Alarm and power cut may have the same setpoint at a place; one excess must not open two tickets.
        setpoints = [(table.get("high"), table.get("low")) for table in tables]
        for number, table in enumerate(tables):
            if setpoints[number] in setpoints[number + 1 :]:
                table["ticket"] = False
        return tables

    def setpoints(self) -> Iterator[tuple[str, str]]:
        """Yield the last part of the id of each limit, and the key of its setpoint in the template."""
        for suffix, template in self.templates.items():
            for side in SIDES:
                if template.get(side) in self.numbers:
                    yield suffix, side

    def article(self, suffix: str) -> Article | None:
        """Return the article of a limit by the last part of its id; None for a number that no article has."""
        return next((self.articles.get(self.templates[suffix][side]) for of, side in self.setpoints() if of == suffix))

    def binds(self, limit: str) -> bool:
        """Whether no approval permits a looser limit than this one of the profile, by its id."""
        article = self.article(limit.rpartition(".")[2])
        return article is not None and article.binds

    def response(self, suffix: str) -> Text:
        """Return the response to a limit by the last part of its id."""
        graver = self._spoken_by(suffix)
        if graver in self.action:
            chinese, english = self.action[graver], self.action[f"{graver}_en"]
        else:
            chinese, english = (self.templates[graver][key] for key in ("response", "response_en"))
        return Text(chinese.format_map(self.texts), english.format_map(self.texts))

    def _spoken_by(self, suffix: str) -> str:
        """Return the gravest limit with the setpoint of this one: it says what to do about both."""
        setpoint = {of: (SIDES[side], self.numbers[self.templates[of][side]]) for of, side in self.setpoints()}
        return [of for of, number in setpoint.items() if number == setpoint[suffix]][-1]

    def _limit(self, point: Point, suffix: str) -> dict[str, Any]:
        limit: dict[str, Any] = {"id": f"{point.id}.{suffix}", "point": point.id, "feature": "value"}
        response = self.response(suffix)
        template = dict(self.templates[suffix]) | {"response": response.zh, "response_en": response.en}
        for key, value in template.items():
            if key in SIDES:
                stepped = "feature" not in template
                limit[SIDES[key]] = _setpoint(key, self.numbers[value], point.resolution, stepped=stepped)
            elif key != "clear":
                limit[key] = value
            elif value in self.numbers:
                limit[key] = self.numbers[value]
        article = self.article(suffix)
        basis = self.source if article is None else cited([article])
        return limit | {"basis": basis.zh, "basis_en": basis.en}


def _setpoint(side: str, number: float, resolution: float | None, *, stepped: bool) -> float:
    """Return the setpoint: the number itself, or for `above` and `below` the first value beyond it."""
    if side not in STEPPED:
        return number
    # Decimal is exact: in floats 0.7 / 0.1 is 6.999999999999999, and the setpoint would be one step off.
    exact = Decimal(repr(number))
    if not stepped:
        return float(exact + exact * (JUST_BEYOND if side == "above" else -JUST_BEYOND))
    if resolution is None:
        return number
    step = Decimal(repr(resolution))
    steps = exact / step
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
