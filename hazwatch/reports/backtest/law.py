"""Compares the limits of a site file with those of the regulation."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hazwatch.reports.backtest.words import Ruling
from hazwatch.site.binding import left_behind, limits_around, unkept
from hazwatch.site.config import Config
from hazwatch.site.law.unexplained import keeper, limits_by_point
from hazwatch.words.numbers import decimal, duration
from plant import Message, Point, Text, parse_duration
from plant.profiles import profile
from rules import Limit, Looser, looser_keys

KEY_TITLES: Final = {
    "feature": Message("feature"),
    "window": Message("window"),
    "horizon": Message("horizon"),
    "tau": Message("time constant"),
    "per": Message("rate"),
    "high": Message("setpoint"),
    "low": Message("setpoint"),
    "clear": Message("clear value"),
    "on_delay": Message("on-delay"),
    "off_delay": Message("off-delay"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A limit that the regulation requires, and the limit of the site file.

    Attributes
    ----------
    legal : Limit
        Limit of the profile.
    profile : str
        Name of the profile.
    point : Point
        Point of the site file.
    given : Limit or None
        Limit of the site file; None if it has no such limit for the point.
    before : Limit or None
        Limit of the rules in force.
    allowed : bool
        A person permitted that the limit is missing.
    held : bool
        What the article says must is held by the profile of the point, and by the limits of the air around it.

    """

    legal: Limit
    profile: str
    point: Point
    given: Limit | None
    before: Limit | None
    allowed: bool
    held: bool

    @property
    def looser(self) -> list[Looser]:
        """Keys that are looser than the regulation."""
        return [] if self.given is None else looser_keys(self.given, self.legal, self.point)

    @property
    def stricter(self) -> list[Looser]:
        """Keys that are stricter than the regulation."""
        # Stricter keys do not make up for looser ones, so they are of interest only without any.
        return [] if self.given is None or self.looser else looser_keys(self.legal, self.given, self.point)

    @property
    def basis(self) -> Text | None:
        """Stated basis of a looser limit; None if it only cites the article that it violates."""
        if self.given is None or self.given.basis in ("", self.legal.basis):
            return None
        return Text(self.given.basis, self.given.basis_en or self.given.basis)

    @property
    def binds(self) -> bool:
        """Whether nobody may permit less: the article says must."""
        return profile(self.profile).binds(self.legal.id)

    @property
    def ruling(self) -> Ruling:
        """Ruling of the gate."""
        if not self.held:
            return "refused"
        if self.given is not None and not self.looser:
            return "pass"
        permitted = self.allowed if self.given is None else self.basis is not None
        return "warning" if permitted and not self.binds else "refused"

    @property
    def is_remarkable(self) -> bool:
        """Whether the report mentions it: it changed, or does not pass."""
        return self.ruling != "pass" or self.given != self.before


def asked_of(current: Config, candidate: Config | None, allowed: Collection[str]) -> list[Asked]:
    """Return the required limits of a candidate, or of the rules in force without a candidate.

    A point that drops or changes its profile must still keep the limits of its old profile. `allowed` names the rules,
    points and hazard sources whose limits may be missing.
    """
    judged = candidate or current
    limits, before = ({limit.id: limit for limit in config.rules.limits} for config in (judged, current))
    of_points = limits_by_point(judged.rules.limits)
    until_now = {name: legal for name, legal in current.statutory.items() if judged.statutory.get(name) != legal}
    required: list[Asked] = []
    for config, statutory in ((judged, judged.statutory), (current, until_now)):
        for name, legal in statutory.items():
            # The row of removed rules reports lost points.
            if legal.point not in judged.points:
                continue
            point, named = judged.points[legal.point], config.points[legal.point].profile or ""
            limit, held = limits.get(name), not left_behind(named, point)
            if config is judged:
                held = not unkept(limits_around(profile(named), point), of_points.get(point.id, ()), point)
            else:
                limit = keeper(legal, point, of_points.get(point.id, ()))
            required.append(
                Asked(
                    legal=legal,
                    profile=named,
                    point=point,
                    given=limit if limit is not None and limit.point == point.id else None,
                    before=before.get(name),
                    allowed=not {name, point.id, point.hazard_source}.isdisjoint(allowed),
                    held=held,
                )
            )
    return required


def unknown_points(judged: Config, asked: Sequence[Asked]) -> list[str]:
    """Return the points without a known regulation."""
    known = {item.point.id for item in asked}
    return [point.id for point in judged.points.points if point.id not in known]


def quotes(asked: Sequence[Asked]) -> Iterator[Message]:
    """Yield, for every point with a remarkable limit, the text of the regulation and the comparison."""
    places = dict.fromkeys((item.point.id, item.profile) for item in asked if item.is_remarkable)
    for place in places:
        of_place = [item for item in asked if (item.point.id, item.profile) == place]
        article, law = of_place[0].legal, profile(place[1])
        yield Message(
            "{article} ({place}): {asks}.",
            article=Text(article.basis, article.basis_en or article.basis),
            place=law.place,
            asks=tuple(_asks(item.legal, item.point) for item in of_place),
        )
        if of_place[0].point.profile != place[1]:
            yield Message("The candidate's point {point} no longer names {profile}.", point=place[0], profile=place[1])
        yield from (_comparison(item) for item in of_place if item.is_remarkable)


def _asks(legal: Limit, point: Point) -> Message:
    """Return the numbers of a required limit."""
    high = legal.direction == "high"
    setpoint = f"{legal.id} {'≥' if high else '≤'} {_number(legal.direction, decimal(legal.setpoint), point)}"
    clear = f"{'<' if high else '>'} {_number('clear', decimal(float(legal.clears_at)), point)}"
    delays = [(key, getattr(legal, key)) for key in ("on_delay", "off_delay") if getattr(legal, key)]
    numbers = Message("{setpoint}, clear {clear}", setpoint=setpoint, clear=clear)
    for key, time in delays:
        numbers = Message("{numbers}, {key} {time}", numbers=numbers, key=KEY_TITLES[key], time=duration(time))
    return numbers


def _comparison(item: Asked) -> Message:
    """Compare a limit with the regulation."""
    if item.given is None:
        permitted = Message("allowed") if item.ruling == "warning" else Message("refused")
        return Message("{limit} is no longer watched: {permitted}", limit=item.legal.id, permitted=permitted)
    numbers = [*item.looser, *(Looser(key, number, legal) for key, legal, number in item.stricter)]
    differences = tuple(
        Message(
            "{key} {number} (regulation {legal})",
            key=KEY_TITLES[key],
            number=_number(key, number, item.point),
            legal=_number(key, legal, item.point),
        )
        for key, number, legal in numbers
    )
    return Message("{limit}: {comparison}", limit=item.legal.id, comparison=(*differences, _end(item)))


def _end(item: Asked) -> Message:
    if not item.held:
        return Message("no longer held by what the article says must: refused, whatever the basis")
    if not item.looser:
        return Message("stricter, permitted") if item.stricter else Message("as the regulation asks")
    if item.binds:
        return Message("looser, and the article says must: refused, whatever the basis")
    if item.basis is None:
        return Message("looser, without a basis: refused")
    return Message("looser, on the basis of: {basis}", basis=item.basis)


def _number(key: str, text: str, point: Point) -> str:
    if key in ("on_delay", "off_delay", "window", "horizon", "tau"):
        return duration(parse_duration(text))
    return f"{text} {point.unit}".rstrip() if key in ("high", "low", "clear") and text[-1:].isdigit() else text
