"""What the regulations ask of the points of a site, and how the limits of a site file stand to that."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hazwatch.site.config import Config
from hazwatch.words.reports import Ruling, Words, decimal, duration
from plant import Point, parse_duration
from plant.profiles import profile
from rules import Limit, Looser, looser_keys

KEY_TITLES: Final = {
    "feature": Words("特征", "feature"),
    "high": Words("报警值", "setpoint"),
    "low": Words("报警值", "setpoint"),
    "clear": Words("解除值", "clear"),
    "on_delay": Words("报警延时", "on-delay"),
    "off_delay": Words("解除延时", "off-delay"),
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
    def basis(self) -> Words | None:
        """On what a limit stands that is looser: not on the article that forbids it."""
        if self.given is None or self.given.basis in ("", self.legal.basis):
            return None
        return Words(self.given.basis, self.given.basis_en or self.given.basis)

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


def quotes(asked: Sequence[Asked]) -> Iterator[Words]:
    """Yield what the regulation says of every point of which something is worth a line, and what is made of it."""
    places = dict.fromkeys((one.point.id, one.profile) for one in asked if one.is_told)
    for place in places:
        of_place = [one for one in asked if (one.point.id, one.profile) == place]
        told = [_told(one) for one in of_place if one.is_told]
        article, found = of_place[0].legal, profile(place[1])
        asks = [_asks(one.legal, one.point) for one in of_place]
        left = of_place[0].point.profile != place[1]
        yield Words(
            f"{article.basis} ({found.place}): {'; '.join(w.zh for w in asks)}。"
            + f"候选测点 {place[0]} 不再引用 {place[1]}。" * left
            + "".join(f"{w.zh}。" for w in told),
            f"{article.basis_en or article.basis} ({found.place_en}): {'; '.join(w.en for w in asks)}. "
            + f"The candidate's point {place[0]} no longer names {place[1]}. " * left
            + " ".join(f"{w.en}." for w in told),
        )


def _asks(legal: Limit, point: Point) -> Words:
    """Write the numbers of a regulation."""
    high = legal.direction == "high"
    setpoint = f"{legal.id} {'≥' if high else '≤'} {_number(legal.direction, decimal(legal.setpoint), point)}"
    clear = f"{'<' if high else '>'} {_number('clear', decimal(float(legal.clears_at)), point)}"
    delays = [(key, getattr(legal, key)) for key in ("on_delay", "off_delay") if getattr(legal, key)]
    zh = [f"{setpoint}, 解除 {clear}", *(f"{KEY_TITLES[key].zh} {duration(time)}" for key, time in delays)]
    en = [f"{setpoint}, clear {clear}", *(f"{KEY_TITLES[key].en} {duration(time)}" for key, time in delays)]
    return Words(", ".join(zh), ", ".join(en))


def _told(one: Asked) -> Words:
    """Say how a limit stands to the regulation."""
    if one.given is None:
        permitted = Words("已允许", "allowed") if one.allowed else Words("不通过", "refused")
        return Words(f"{one.legal.id} 不再监测: {permitted.zh}", f"{one.legal.id} is watched no longer: {permitted.en}")
    numbers = [*one.looser, *(Looser(key, given, than) for key, than, given in one.stricter)]
    said = [
        (KEY_TITLES[key], _number(key, given, one.point), _number(key, than, one.point)) for key, given, than in numbers
    ]
    end = _end(one)
    zh = [*(f"{title.zh} {given} (法规 {than})" for title, given, than in said), end.zh]
    en = [*(f"{title.en} {given} (regulation {than})" for title, given, than in said), end.en]
    return Words(f"{one.legal.id}: {', '.join(zh)}", f"{one.legal.id}: {', '.join(en)}")


def _end(one: Asked) -> Words:
    if not one.looser:
        return (
            Words("更严, 允许", "stricter, permitted")
            if one.stricter
            else Words("与法规一致", "as the regulation asks")
        )
    if one.basis is None:
        return Words("更宽, 没有依据 (basis), 不通过", "looser, without a basis: refused")
    return Words(f"更宽, 依据: {one.basis.zh}", f"looser, on the basis of: {one.basis.en}")


def _number(key: str, text: str, point: Point) -> str:
    if key in ("on_delay", "off_delay"):
        return duration(parse_duration(text))
    return f"{text} {point.unit}".rstrip() if key in ("high", "low", "clear") and text[-1:].isdigit() else text
