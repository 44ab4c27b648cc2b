"""Plan: the rows of a rule-set, before they are memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from plant import HEALTH_KINDS, HealthKind, Point
from plant.columns.rows import blank
from plant.health_kinds import FIRST_MEASURED
from rules.engine.memory.records import PointConfig, PointLinks, RowLinks, RuleNumbers, WindowConfig
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE, evaluated_health
from rules.spec.features import EXTREMES, FEATURES, RANGE, VALUE, WIDTH
from rules.spec.rule import Interlock, Limit
from rules.spec.ruleset import RuleSet
from rules.spec.tolerance import beyond, comparison_of, ends_of

LONGEST_MEMORY: Final = 2**62
NO_NUMBERS: Final = blank(RuleNumbers)


class PlannedRow(NamedTuple):
    """One condition: its numbers, the record that holds them, its point, and its entry in the rule-set."""

    numbers: RuleNumbers
    rule: int
    point: int
    origin: int

    @property
    def kind(self) -> int:
        """The kind of the condition."""
        return self.numbers["kind"]

    @property
    def feature(self) -> int:
        """The feature of the rule."""
        return self.numbers["feature"]

    @property
    def remembers(self) -> bool:
        """Whether it needs a record of `FeatureMemory`."""
        return (self.kind >= FIRST_MEASURED and self.kind != INTERLOCK) or self.feature != VALUE


@dataclass(slots=True)
class Plan:
    """The records of a rule-set before they are memory.

    Links are kept for the few points and rows that have any: a site of a million points has ten million rows.
    """

    rows: list[PlannedRow] = field(default_factory=list)
    row_links: defaultdict[int, RowLinks] = field(default_factory=lambda: defaultdict(lambda: blank(RowLinks)))
    points: list[PointConfig] = field(default_factory=list)
    point_links: defaultdict[int, PointLinks] = field(default_factory=lambda: defaultdict(lambda: blank(PointLinks)))
    rules: list[RuleNumbers] = field(default_factory=list)
    windows: list[WindowConfig] = field(default_factory=lambda: [blank(WindowConfig)])
    graph: list[int] = field(default_factory=list)
    _rule_of: dict[tuple[object, ...], int] = field(default_factory=dict)

    def add(self, numbers: RuleNumbers, point: int, origin: int) -> int:
        """Add a row and return its number; rows with the same numbers share one record."""
        rule = self._rule_of.setdefault(tuple(numbers.values()), len(self.rules))
        if rule == len(self.rules):
            self.rules.append(numbers)
        self.rows.append(PlannedRow(self.rules[rule], rule, point, origin))
        return len(self.rows) - 1

    def list_of(self, numbers: Sequence[int]) -> tuple[int, int]:
        """Put numbers into the graph; return where they begin and end."""
        begin = len(self.graph)
        self.graph.extend(numbers)
        return begin, len(self.graph)

    def window(self, first: int, config: WindowConfig) -> int:
        """Return the window of this configuration among those of a point, which begin at `first`; rules share it."""
        for number in range(first, len(self.windows)):
            if self.windows[number] == config:
                return number
        self.windows.append(config)
        return len(self.windows) - 1


def plan_of(rules: RuleSet) -> Plan:
    """Lay out the rows of a rule-set that has no problems.

    The conditions of a point lie together: its limits, its health conditions, the interlocks that it feeds. Votes come
    after all points. So the row number is the order of the event stream for timers of the same due time.
    """
    plan = Plan()
    column = {point.id: number for number, point in enumerate(rules.points)}
    limits: defaultdict[str, list[tuple[int, Limit]]] = defaultdict(list)
    fed: defaultdict[str, list[tuple[int, Interlock]]] = defaultdict(list)
    # A row keeps the number of its rule in the file, which the index of conditions does not have: hence this walk.
    for number, limit in enumerate(rules.limits):
        limits[limit.point].append((number, limit))
    for number, interlock in enumerate(rules.interlocks):
        fed[interlock.feed].append((number, interlock))
    for here, point in enumerate(rules.points):
        fields = _range_of(point)
        fields["windows"], fields["limits"] = len(plan.windows), len(plan.rows)
        for number, limit in limits[point.id]:
            _add_limit(plan, limit, point, (here, number, fields["windows"]))
        fields["health"] = len(plan.rows)
        for kind in evaluated_health(point):
            _add_health(plan, kind, point, here, column, fields["windows"])
        fields["feeds"] = len(plan.rows)
        for number, interlock in fed[point.id]:
            plan.add(_numbers(INTERLOCK, on_delay=interlock.within), here, number)
        fields["end"], fields["windows_end"] = len(plan.rows), len(plan.windows)
        plan.points.append(fields)
    for number, vote in enumerate(rules.votes):
        plan.add(_numbers(VOTE, at_least=vote.at_least), -1, number)
    return plan


def _range_of(point: Point) -> PointConfig:
    fields = blank(PointConfig)
    fields["stale_after"] = point.stale_after
    fields["has_range"] = point.range is not None
    fields["lower"], fields["upper"] = ends_of(point)
    fields["lowest"], fields["highest"] = point.range or (0.0, 0.0)
    return fields


def _numbers(kind: int, *, on_delay: int = 0, off_delay: int = 0, at_least: int = 0) -> RuleNumbers:
    """Return the numbers of a rule without a feature."""
    numbers = NO_NUMBERS.copy()
    numbers["kind"], numbers["at_least"] = kind, at_least
    numbers["on_delay"], numbers["off_delay"] = on_delay, off_delay
    return numbers


def _add_limit(plan: Plan, limit: Limit, point: Point, place: tuple[int, int, int]) -> None:
    here, number, first = place
    compared = comparison_of(limit, point)
    numbers = _numbers(LIMIT, on_delay=limit.on_delay, off_delay=limit.off_delay)
    numbers["feature"] = FEATURES[limit.feature].number
    numbers["low"] = limit.direction == "low"
    numbers["enter"], numbers["leave"] = float(compared.enter), float(compared.leave)
    numbers["span"] = limit.window or 0
    numbers["scale"] = limit.horizon or limit.per_or_minute
    numbers["tau"] = limit.tau or 1
    # After five time constants a value weighs less than 1 % of an average (e to the power of -5).
    numbers["memory"] = min(5 * (limit.tau or 0), LONGEST_MEMORY)
    row = plan.add(numbers, here, number)
    if limit.window:
        window = _window(limit.window, FEATURES[limit.feature].sums, kept=0)
        plan.row_links[row]["window"] = plan.window(first, window)


def _window(span: int, sums: int, *, kept: int) -> WindowConfig:
    """Return a window that keeps sums of this kind."""
    return {"span": span, "sums": sums, "width": WIDTH[sums], "kept": kept}


def _add_health(plan: Plan, kind: HealthKind, point: Point, here: int, column: dict[str, int], first: int) -> None:  # noqa: PLR0917
    health = HEALTH_KINDS[kind]
    delays = health.duration("on_delay", point), health.duration("off_delay", point)
    numbers = _numbers(health.number, on_delay=delays[0], off_delay=delays[1])
    setpoint, span, sister = health.setpoint(point), health.duration("window", point), health.value("sister", point)
    if setpoint is not None:
        numbers["beyond"] = beyond(setpoint, point.resolution)
    if span:  # a kind with a window looks at the range of the values in it
        numbers["feature"], numbers["span"] = RANGE, span
        plan.row_links[len(plan.rows)]["window"] = plan.window(first, _window(span, EXTREMES, kept=1))
    if isinstance(sister, str):
        plan.row_links[len(plan.rows)]["other"] = column[sister]
    plan.add(numbers, here, -1)
