"""Rules that a rule-set no longer has: removed, moved to another point, or turned off."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from plant import HEALTH_KINDS, HealthKind, Point
from rules.spec.conditions import Rule, health_id
from rules.spec.ruleset import RuleSet


class Removal(NamedTuple):
    """A rule, or a point with all its rules, that no longer watches its point and hazard source.

    Attributes
    ----------
    name : str
        Id of the condition or of the point.
    kind : str
        `removed`; `moved` to another point or hazard source, where it is another condition; `off` if the point no
        longer asks for this health condition.
    to : str
        New point or hazard source of what was moved.
    rules : tuple of str
        Limits and interlocks of a point.
    within : tuple of str
        Point and hazard source of a rule; hazard source of a point.

    """

    name: str
    kind: Literal["removed", "moved", "off"]
    to: str
    rules: tuple[str, ...]
    within: tuple[str, ...]


def removals(new: RuleSet, old: RuleSet) -> list[Removal]:
    """Return the removals of a new rule-set: points first, then rules, in the order of the old one."""
    points = {point.id: point for point in new.points}
    lost = list(_lost_points(points, old))
    gone = {removal.name for removal in lost}
    return lost + list(_lost_rules(new, old, gone)) + list(_turned_off(points, old, gone))


def _lost_points(points: Mapping[str, Point], old: RuleSet) -> Iterator[Removal]:
    for point in old.points:
        now = points.get(point.id)
        if now is not None and now.hazard_source == point.hazard_source:
            continue
        rules = [limit.id for limit in old.limits if limit.point == point.id]
        rules += [interlock.id for interlock in old.interlocks if interlock.feed == point.id]
        within = (point.hazard_source,)
        if now is None:
            yield Removal(point.id, "removed", "", tuple(rules), within)
        else:
            yield Removal(point.id, "moved", now.hazard_source, tuple(rules), within)


def _lost_rules(new: RuleSet, old: RuleSet, gone: set[str]) -> Iterator[Removal]:
    """Yield limits, votes and interlocks that are missing or moved, except those of lost points."""
    now = _places(new)
    for name, place in _places(old).items():
        if place[0] in gone or now.get(name) == place:
            continue
        within = tuple(part for part in place if part)
        if name in now:
            yield Removal(name, "moved", now[name][0] or now[name][1], (), within)
        else:
            yield Removal(name, "removed", "", (), within)


def _places(rules: RuleSet) -> dict[str, tuple[str | None, str]]:
    """Return point and hazard source of each rule; a vote has no point."""
    in_order: list[Rule] = [*rules.limits, *rules.interlocks, *rules.votes]
    conditions = map(rules.conditions.of_rule, in_order)
    return {condition.id: (condition.point, condition.hazard_source) for condition in conditions}


def _turned_off(points: Mapping[str, Point], old: RuleSet, gone: set[str]) -> Iterator[Removal]:
    for point in old.points:
        if point.id not in gone:
            for kind in sorted(_asked(point) - _asked(points[point.id])):
                yield Removal(health_id(kind, point.id), "off", "", (), (point.id, point.hazard_source))


def _asked(point: Point) -> set[HealthKind]:
    return {kind for kind, row in HEALTH_KINDS.items() if row.asked_for(point)}
