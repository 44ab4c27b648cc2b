"""Rules that a rule-set no longer has: removed, moved to another point, or turned off."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from plant import Point
from rules.spec.conditions import health_id, requested_health
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
    points = new.conditions.point_of
    lost = list(_lost_points(points, old))
    gone = {removal.name for removal in lost}
    return lost + list(_lost_rules(new, old, gone)) + list(_turned_off(points, old, gone))


def _lost_points(points: Mapping[str, Point], old: RuleSet) -> Iterator[Removal]:
    for point in old.points:
        now = points.get(point.id)
        if now is not None and now.hazard_source == point.hazard_source:
            continue
        rules = old.conditions.rules_of(point.id)
        within = (point.hazard_source,)
        if now is None:
            yield Removal(point.id, "removed", "", rules, within)
        else:
            yield Removal(point.id, "moved", now.hazard_source, rules, within)


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
    conditions = map(rules.conditions.of_rule, rules.conditions.rules.values())
    # Reports list what belongs to a point first, so the votes come last.
    in_order = sorted(conditions, key=lambda condition: condition.point is None)
    return {condition.id: (condition.point, condition.hazard_source) for condition in in_order}


def _turned_off(points: Mapping[str, Point], old: RuleSet, gone: set[str]) -> Iterator[Removal]:
    for point in old.points:
        if point.id not in gone:
            for kind in sorted(requested_health(point) - requested_health(points[point.id])):
                yield Removal(health_id(kind, point.id), "off", "", (), (point.id, point.hazard_source))
