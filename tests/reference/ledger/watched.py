"""What the second ledger knows of a site file: conditions, alarms, suppressions, notices, limits of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

LEVELS: Final = ("red", "orange", "yellow", "blue")
"""From the highest down."""
HEALTH: Final = ("stale", "fault", "over_range", "calibration_overrun", "flatline", "reported", "step", "discrepancy")
"""Health conditions in the order of their table."""
UNITS: Final = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
PROFILES: Final[Mapping[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "ch4.face": (
        ("alarm", {"high": 1.0, "level": "orange", "ticket": True,
                   "message": "甲烷达到报警浓度", "message_en": "Methane at its alarm value"}),
        ("cut", {"high": 1.5, "clear": 1.0, "level": "red", "ticket": True,
                 "message": "甲烷达到断电浓度", "message_en": "Methane at its power-cut value"}),
    ),
}  # fmt: skip
"""The limits that a profile gives to a point, as far as random sites use profiles."""


def nanoseconds(text: str) -> int:
    """Return a duration of the site file. [ns]."""
    unit = text.lstrip("0123456789.")
    return int(Decimal(text.removesuffix(unit)) * UNITS[unit])


def higher(level: str | None, other: str | None) -> bool:
    """Tell whether a level is above another; none is below all."""
    return level is not None and (other is None or LEVELS.index(level) < LEVELS.index(other))


@dataclass(frozen=True)
class Rule:
    """A condition and what becomes of it; `point` is None for a vote."""

    id: str
    kind: str
    hazard_source: str
    point: str | None
    alarm: str
    level: str
    latching: bool = False
    realarm: int | None = None
    ticket: bool = False
    message: str = ""
    message_en: str = ""


@dataclass(frozen=True)
class Suppression:
    """A table [[suppression]], or what `lost` of a source makes."""

    id: str
    when: frozenset[str]
    of: frozenset[str]
    settle: int


@dataclass(frozen=True)
class Notice:
    """A table [[notice]]; empty sets let everything pass."""

    id: str
    on: frozenset[str]
    levels: frozenset[str]
    hazard_sources: frozenset[str]
    after: int
    repeat: int | None


def limits_of(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of all limits: those of profiles point by point, then those that are written."""
    written = {table["id"]: table for table in site.get("limit", ())}
    made: dict[str, dict[str, Any]] = {}
    for point in site["point"]:
        for suffix, keys in PROFILES.get(point.get("profile", ""), ()):
            name, alarm = f"{point['id']}.{suffix}", f"{point['id']}.{point['quantity']}"
            base = {"id": name, "point": point["id"], "feature": "value", "alarm": alarm} | keys
            made[name] = base | written.get(name, {})
    return list((made | {name: table for name, table in written.items() if name not in made}).values())


def lost_votes(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the vote `lost:SOURCE` of every source that has `lost`."""
    votes = []
    for source in site.get("source", ()):
        if "lost" in source:
            points = [point for point in site["point"] if point.get("source") == source["id"]]
            votes.append(
                {
                    "id": f"lost:{source['id']}",
                    "hazard_source": points[0]["hazard_source"],
                    "at_least": source["lost"].get("at_least", len(points)),
                    "of": [name for point in points for name in _silent(point)],
                    "level": source["lost"]["level"],
                }
            )
    return votes


def _silent(point: Mapping[str, Any]) -> list[str]:
    return [f"{kind}:{point['id']}" for kind in ("stale", "fault") if _has(point, kind)]


def _has(point: Mapping[str, Any], kind: str) -> bool:
    if kind == "stale":
        return point.get("stale_after") != "never"
    return kind in ("fault", "over_range", "calibration_overrun") or bool(point.get(kind))


def rules_of(site: Mapping[str, Any]) -> Iterator[Rule]:
    """Yield all conditions in the order in which alarms stand."""
    points = {point["id"]: point for point in site["point"]}
    for limit in limits_of(site):
        yield _rule(limit, "limit", points[limit["point"]]["hazard_source"], limit["point"])
    for vote in (*site.get("vote", ()), *lost_votes(site)):
        yield _rule(vote, "vote", vote["hazard_source"], None)
    for interlock in site.get("interlock", ()):
        yield _rule(interlock, "interlock", points[interlock["feed"]]["hazard_source"], interlock["feed"])
    for point in site["point"]:
        for kind in HEALTH:
            if _has(point, kind):
                name, level = f"{kind}:{point['id']}", point.get("health_level", "blue")
                yield Rule(name, kind, point["hazard_source"], point["id"], name, level)


def _rule(table: Mapping[str, Any], kind: str, hazard_source: str, point: str | None) -> Rule:
    return Rule(
        id=table["id"],
        kind=kind,
        hazard_source=hazard_source,
        point=point,
        alarm=table.get("alarm", table["id"]),
        level=table["level"],
        latching=table.get("latching", False),
        realarm=nanoseconds(table["realarm"]) if "realarm" in table else None,
        ticket=table.get("ticket", False),
        message=table.get("message", ""),
        message_en=table.get("message_en", ""),
    )


class Watched:
    """A site file as the ledger reads it."""

    def __init__(self, site: Mapping[str, Any]) -> None:
        self.rules = {rule.id: rule for rule in rules_of(site)}
        self.alarms: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            self.alarms.setdefault(rule.alarm, []).append(rule)
        self.points = [point["id"] for point in site["point"]]
        self.voters = {vote["id"]: vote["of"] for vote in (*site.get("vote", ()), *lost_votes(site))}
        self.source_of = {point["id"]: point.get("source") for point in site["point"]}
        self.suppressions = [*self._written(site), *self._lost(site)]
        self.notices = [_notice(table) for table in site.get("notice", ())]
        self.zone = ZoneInfo(site["site"]["timezone"])
        alarms, tickets = site.get("alarms", {}), site.get("tickets", {})
        self.unshelvable = frozenset(alarms.get("unshelvable", ["red"]))
        self.shelve_max = nanoseconds(alarms.get("shelve_max", "8h"))
        self.out_of_service_max = nanoseconds(alarms.get("out_of_service_max", "24h"))
        self.classes = tuple(tickets.get("classes", "ABCDE"))
        self.suspected_major = frozenset(tickets.get("suspected_major", ["red"]))

    def alarms_of(self, point: str) -> list[str]:
        """Return the alarms of a point, in their order."""
        return [name for name, rules in self.alarms.items() if rules[0].point == point]

    def points_of(self, condition: str) -> set[str]:
        """Return the points of a condition; those of a vote are the points of its members."""
        if condition in self.voters:
            return set().union(*(self.points_of(member) for member in self.voters[condition]))
        point = self.rules[condition].point
        return set() if point is None else {point}

    def _written(self, site: Mapping[str, Any]) -> Iterator[Suppression]:
        for table in site.get("suppression", ()):
            of: set[str] = set()
            for name in table["of"]:
                kind, _, rest = name.partition(":")
                if rest == "*":
                    of |= {f"{kind}:{point}" for point in self._covered(table)} & self.alarms.keys()
                else:
                    of.add(name)
            settle = nanoseconds(table.get("settle", "10s"))
            yield Suppression(table["id"], frozenset(table["when"]), frozenset(of), settle)

    def _covered(self, table: Mapping[str, Any]) -> list[str]:
        if "points" in table:
            return list(table["points"])
        return [point for point in self.points if self.source_of[point] == table["source"]]

    def _lost(self, site: Mapping[str, Any]) -> Iterator[Suppression]:
        for source in site.get("source", ()):
            if "lost" in source:
                name = f"lost:{source['id']}"
                settle = nanoseconds(source["lost"].get("settle", "10s"))
                yield Suppression(name, frozenset([name]), frozenset(self.voters[name]), settle)


def _notice(table: Mapping[str, Any]) -> Notice:
    return Notice(
        id=table["id"],
        on=frozenset(table["on"]),
        levels=frozenset(table.get("levels", ())),
        hazard_sources=frozenset(table.get("hazard_sources", ())),
        after=nanoseconds(table.get("after", "0s")),
        repeat=nanoseconds(table["repeat"]) if "repeat" in table else None,
    )
