"""The conditions of a rule-set and their dependencies: other files ask this index.

A condition is a limit, a vote, an interlock, or a health condition `KIND:POINT`. Two sets of health conditions matter:

* *evaluated* conditions have a state in the engine: only these can be members of votes, and only these raise;
* *possible* conditions are all kinds of all points: their ids are reserved, and pages and reports have a text for each.

The engine's memory and the checks for duplicate ids walk the rules themselves; each says there why.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from plant import HEALTH_KINDS, HealthKind, Level, Point
from rules.spec.rule import Interlock, Limit, Vote

LIMIT: Final = 0
INTERLOCK: Final = 1 + len(HEALTH_KINDS)
VOTE: Final = INTERLOCK + 1
"""Numbers of the kinds of conditions for the kernels; the health kinds lie between limits and interlocks."""

Rule = Limit | Vote | Interlock


class Condition(NamedTuple):
    """The fields that all events of a condition share.

    Attributes
    ----------
    id : str
        Id of the limit, vote or interlock, or `KIND:POINT`.
    kind : str
        `limit`, `vote`, `interlock`, or the health kind.
    hazard_source : str
        The hazard source that the condition protects.
    point : str or None
        The point of its events; None for a vote.
    level : Level
        Level of its events.
    setpoint : float or int or None
        Setpoint of its events. [unit of the feature, or of the point; 1 for a vote]

    """

    id: str
    kind: str
    hazard_source: str
    point: str | None
    level: Level
    setpoint: float | int | None


KIND_OF: Final[Mapping[str, HealthKind]] = {kind: kind for kind in HEALTH_KINDS}


def health_id(kind: HealthKind, point: str) -> str:
    """Return the id of a health condition."""
    return f"{kind}:{point}"


def health_kind(condition: str) -> HealthKind | None:
    """Return the kind of the health condition with this id; None for a limit, a vote or an interlock."""
    name, colon, _ = condition.partition(":")
    return KIND_OF.get(name) if colon else None


def evaluated_health(point: Point) -> list[HealthKind]:
    """Return the health kinds that the engine evaluates for a point, in the order of evaluation."""
    return [kind for kind, row in HEALTH_KINDS.items() if row.evaluated(point)]


def requested_health(point: Point) -> set[HealthKind]:
    """Return the health kinds that a point asks for by its keys."""
    return {kind for kind, row in HEALTH_KINDS.items() if row.asked_for(point)}


def health_condition(kind: HealthKind, point: Point) -> Condition:
    """Return a health condition of a point, evaluated or not."""
    setpoint = HEALTH_KINDS[kind].setpoint(point)
    return Condition(health_id(kind, point.id), kind, point.hazard_source, point.id, point.health_level, setpoint)


class ConditionIndex:
    """All conditions of a rule-set, by their ids.

    The index also works for a rule-set with problems, except for names that do not exist.
    """

    def __init__(
        self,
        points: Sequence[Point],
        limits: Sequence[Limit],
        votes: Sequence[Vote],
        interlocks: Sequence[Interlock],
    ) -> None:
        self._points: Final = points
        self.point_of: Final[Mapping[str, Point]] = {point.id: point for point in points}
        """Points by id."""
        in_order: list[Rule] = [*limits, *votes, *interlocks]
        self.rules: Final[Mapping[str, Rule]] = {rule.id: rule for rule in in_order}
        """Limits, votes and interlocks by id, in the order of the site file."""

    def __getitem__(self, name: str) -> Condition:
        """Return a possible condition by its id; raise KeyError for an unknown id."""
        if name in self.rules:
            return self.of_rule(self.rules[name])
        kind = health_kind(name)
        if kind is None:
            raise KeyError(name)
        return health_condition(kind, self.point_of[name.partition(":")[2]])

    def __contains__(self, name: str) -> bool:
        return name in self.rules or (health_kind(name) is not None and name.partition(":")[2] in self.point_of)

    def of_rule(self, rule: Rule) -> Condition:
        """Return the condition of a limit, a vote or an interlock."""
        match rule:
            case Vote():
                return Condition(rule.id, "vote", rule.hazard_source, None, rule.level, rule.at_least)
            case Limit():
                source = self.point_of[rule.point].hazard_source
                return Condition(rule.id, "limit", source, rule.point, rule.level, rule.setpoint)
            case Interlock():
                source = self.point_of[rule.feed].hazard_source
                return Condition(rule.id, "interlock", source, rule.feed, rule.level, None)

    @property
    def possible(self) -> Iterator[Condition]:
        """All possible conditions: limits, votes and interlocks, then the health of each point."""
        yield from map(self.of_rule, self.rules.values())
        for point in self._points:
            yield from (health_condition(kind, point) for kind in HEALTH_KINDS)

    @cached_property
    def evaluated(self) -> Mapping[str, Condition]:
        """The evaluated conditions by id, in the same order."""
        of_rules = map(self.of_rule, self.rules.values())
        of_points = (health_condition(kind, point) for point in self._points for kind in evaluated_health(point))
        return {condition.id: condition for conditions in (of_rules, of_points) for condition in conditions}

    @property
    def possible_health_ids(self) -> Iterator[str]:
        """Ids of all kinds of all points; it also works if the limits name points that do not exist."""
        return (health_id(kind, point.id) for point in self._points for kind in HEALTH_KINDS)

    @property
    def evaluated_health_ids(self) -> Iterator[str]:
        """Ids of the evaluated health conditions; it also works if the limits name points that do not exist."""
        return (health_id(kind, point.id) for point in self._points for kind in evaluated_health(point))

    def rules_of(self, point: str) -> tuple[str, ...]:
        """Return the limits of a point, then the interlocks that it feeds."""
        return self._rules_of.get(point, ())

    @cached_property
    def _rules_of(self) -> Mapping[str, tuple[str, ...]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name, rule in self.rules.items():
            point = self.of_rule(rule).point
            if point is not None:
                names[point].append(name)
        return {point: tuple(of_point) for point, of_point in names.items()}

    def members(self, name: str) -> tuple[str, ...]:
        """Return the conditions on which a condition depends: the members of a vote, the cut of an interlock."""
        match self.rules.get(name):
            case Vote(of=members):
                return members
            case Interlock(cut=cut):
                return (cut,)
        return ()

    @cached_property
    def _users(self) -> Mapping[str, tuple[str, ...]]:
        users: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for name in self.rules:
            for member in self.members(name):
                users[member] += (name,)
        return users

    def users(self, name: str) -> tuple[str, ...]:
        """Return the votes, then the interlocks, that depend on a condition."""
        return self._users.get(name, ())

    def points(self, name: str) -> tuple[str, ...]:
        """Return the points of a condition: its own, or the points of the members of a vote without duplicates."""
        return self._all_points.get(name) or (self[name].point or "",)

    @cached_property
    def _all_points(self) -> Mapping[str, tuple[str, ...]]:
        """The points of each vote."""
        # The members of a vote come before it in the site file, so one pass suffices and circles are impossible.
        points: dict[str, tuple[str, ...]] = {}
        for name, rule in self.rules.items():
            if isinstance(rule, Vote):
                of_members = (points.get(member) or (self[member].point or "",) for member in rule.of)
                points[name] = tuple(dict.fromkeys(point for of_member in of_members for point in of_member))
        return points
