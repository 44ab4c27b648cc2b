"""What the regulations ask of the points of a site, and how the limits of a site file stand to that."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hazwatch.reports.backtest.words import Ruling
from hazwatch.site.config import Config
from hazwatch.words.numbers import decimal, duration
from plant import Message, Point, Text, parse_duration
from plant.profiles import profile
from rules import Limit, Looser, looser_keys

KEY_TITLES: Final = {
    "feature": Message("feature"),
    "high": Message("setpoint"),
    "low": Message("setpoint"),
    "clear": Message("clear value"),
    "on_delay": Message("on-delay"),
    "off_delay": Message("off-delay"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A limit that a regulation asks for, and what a site file says in its place.

    Attributes
    ----------
    legal : Limit
        As the profile has it.
    profile : str
        Its name.
    point : Point
        As the site file has it.
    given : Limit or None
        What the site file says; None where it has no such limit of this point.
    before : Limit or None
        What the rules in force say.
    allowed : bool
        Somebody said that it may be missing.

    """

    legal: Limit
    profile: str
    point: Point
    given: Limit | None
    before: Limit | None
    allowed: bool

    @property
    def looser(self) -> list[Looser]:
        """In what it is looser than the regulation."""
        return [] if self.given is None else looser_keys(self.given, self.legal, self.point)

    @property
    def stricter(self) -> list[Looser]:
        """In what it is stricter, seen from the regulation."""
        return [] if self.given is None or self.looser else looser_keys(self.legal, self.given, self.point)

    @property
    def basis(self) -> Text | None:
        """On what a limit stands that is looser: not on the article that forbids it."""
        if self.given is None or self.given.basis in ("", self.legal.basis):
            return None
        return Text(self.given.basis, self.given.basis_en or self.given.basis)

    @property
    def ruling(self) -> Ruling:
        """Whether the gate lets it pass."""
        if self.given is None:
            return "warning" if self.allowed else "refused"
        if not self.looser:
            return "pass"
        return "warning" if self.basis else "refused"

    @property
    def is_told(self) -> bool:
        """Whether it is worth a line: it was changed, or it is no pass."""
        return self.ruling != "pass" or self.given != self.before


def asked_of(current: Config, candidate: Config | None, allowed: Collection[str]) -> list[Asked]:
    """Return what the regulations ask of a candidate, or of the rules in force where there is none.

    A point that no longer names its profile, or names another one, is held to what its profile asked until now as
    well. `allowed` are the rules, points and hazard sources of which a limit may be missing.
    """
    judged = candidate or current
    given, before = ({limit.id: limit for limit in config.rules.limits} for config in (judged, current))
    until_now = {name: legal for name, legal in current.statutory.items() if judged.statutory.get(name) != legal}
    found: list[Asked] = []
    for config, statutory in ((judged, judged.statutory), (current, until_now)):
        for name, legal in statutory.items():
            if legal.point not in judged.points:
                continue
            point, limit = judged.points[legal.point], given.get(name)
            found.append(
                Asked(
                    legal=legal,
                    profile=config.points[legal.point].profile or "",
                    point=point,
                    given=limit if limit is not None and limit.point == point.id else None,
                    before=before.get(name),
                    allowed=not {name, point.id, point.hazard_source}.isdisjoint(allowed),
                )
            )
    return found


def unknown_points(judged: Config, asked: Sequence[Asked]) -> list[str]:
    """Return the points of which no regulation is known."""
    known = {one.point.id for one in asked}
    return [point.id for point in judged.points.points if point.id not in known]


def quotes(asked: Sequence[Asked]) -> Iterator[Message]:
    """Yield what the regulation says of every point of which something is worth a line, and what is made of it."""
    places = dict.fromkeys((one.point.id, one.profile) for one in asked if one.is_told)
    for place in places:
        of_place = [one for one in asked if (one.point.id, one.profile) == place]
        article, law = of_place[0].legal, profile(place[1])
        yield Message(
            "{article} ({place}): {asks}.",
            article=Text(article.basis, article.basis_en or article.basis),
            place=Text(law.place, law.place_en),
            asks=tuple(_asks(one.legal, one.point) for one in of_place),
        )
        if of_place[0].point.profile != place[1]:
            yield Message("The candidate's point {point} no longer names {profile}.", point=place[0], profile=place[1])
        yield from (_comparison(one) for one in of_place if one.is_told)


def _asks(legal: Limit, point: Point) -> Message:
    """Write the numbers of a regulation."""
    high = legal.direction == "high"
    setpoint = f"{legal.id} {'≥' if high else '≤'} {_number(legal.direction, decimal(legal.setpoint), point)}"
    clear = f"{'<' if high else '>'} {_number('clear', decimal(float(legal.clears_at)), point)}"
    delays = [(key, getattr(legal, key)) for key in ("on_delay", "off_delay") if getattr(legal, key)]
    numbers = Message("{setpoint}, clear {clear}", setpoint=setpoint, clear=clear)
    for key, time in delays:
        numbers = Message("{numbers}, {key} {time}", numbers=numbers, key=KEY_TITLES[key], time=duration(time))
    return numbers


def _comparison(one: Asked) -> Message:
    """Compare a limit with the regulation."""
    if one.given is None:
        permitted = Message("allowed") if one.allowed else Message("refused")
        return Message("{limit} is no longer watched: {permitted}", limit=one.legal.id, permitted=permitted)
    numbers = [*one.looser, *(Looser(key, given, than) for key, than, given in one.stricter)]
    differences = tuple(
        Message(
            "{key} {number} (regulation {legal})",
            key=KEY_TITLES[key],
            number=_number(key, given, one.point),
            legal=_number(key, than, one.point),
        )
        for key, given, than in numbers
    )
    return Message("{limit}: {comparison}", limit=one.legal.id, comparison=(*differences, _end(one)))


def _end(one: Asked) -> Message:
    if not one.looser:
        return Message("stricter, permitted") if one.stricter else Message("as the regulation asks")
    if one.basis is None:
        return Message("looser, without a basis: refused")
    return Message("looser, on the basis of: {basis}", basis=one.basis)


def _number(key: str, text: str, point: Point) -> str:
    if key in ("on_delay", "off_delay"):
        return duration(parse_duration(text))
    return f"{text} {point.unit}".rstrip() if key in ("high", "low", "clear") and text[-1:].isdigit() else text
