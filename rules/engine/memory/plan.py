"""Plan: the rows of a rule-set before they are memory, and who follows whom."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from plant import HEALTH_KINDS, HealthKind, Point
from plant.health_kinds import FIRST_MEASURED, STALE
from rules.engine.memory.records import PointConfig, PointLinks, RowLinks, RuleNumbers, WindowConfig
from rules.engine.memory.row_index import condition_at
from rules.engine.memory.rows import blank
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE, evaluated_health
from rules.spec.expression import Operation, inputs_of, parse_expression
from rules.spec.features import EXTREMES, FEATURES, MAX, RANGE, VALUE, WIDTH
from rules.spec.rule import Interlock, Limit
from rules.spec.ruleset import RuleSet
from rules.spec.tolerance import beyond, comparison_of, ends_of

WITHOUT_BAND: Final = frozenset(row.number for row in FEATURES.values() if row.band is None)
LONGEST_MEMORY: Final = 2**62


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
        """The feature that it looks at."""
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


def plan_of(rules: RuleSet) -> tuple[Plan, tuple[Operation, ...]]:
    """Lay out the rows of a rule-set that has no problems; also return the code of its calculated points.

    The conditions of a point lie together: its limits, its health conditions, the interlocks that it feeds. Votes come
    after all points. So the row number is the order of the event stream for timers of the same due time.
    """
    plan = Plan()
    column = {point.id: number for number, point in enumerate(rules.points)}
    limits: defaultdict[str, list[tuple[int, Limit]]] = defaultdict(list)
    fed: defaultdict[str, list[tuple[int, Interlock]]] = defaultdict(list)
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
    _connect(plan, rules, column)
    return plan, _calculate(plan, rules, column)


def _range_of(point: Point) -> PointConfig:
    fields = blank(PointConfig)
    fields["stale_after"] = point.stale_after
    fields["has_range"] = point.range is not None
    fields["lower"], fields["upper"] = ends_of(point)
    fields["lowest"], fields["highest"] = point.range or (0.0, 0.0)
    return fields


def _numbers(kind: int, *, on_delay: int = 0, off_delay: int = 0, at_least: int = 0, beyond: float = 0) -> RuleNumbers:
    """Return the numbers of a rule that looks at no feature."""
    return {
        **blank(RuleNumbers),
        "kind": kind,
        "on_delay": on_delay,
        "off_delay": off_delay,
        "at_least": at_least,
        "beyond": beyond,
    }


def _add_limit(plan: Plan, limit: Limit, point: Point, place: tuple[int, int, int]) -> None:
    here, number, first = place
    compared = comparison_of(limit, point)
    numbers: RuleNumbers = {
        **_numbers(LIMIT, on_delay=limit.on_delay, off_delay=limit.off_delay),
        "feature": FEATURES[limit.feature].number,
        "low": limit.direction == "low",
        "enter": float(compared.enter),
        "leave": float(compared.leave),
        "span": limit.window or 0,
        "scale": limit.horizon or limit.per_or_minute,
        "tau": limit.tau or 1,
        "memory": min(5 * (limit.tau or 0), LONGEST_MEMORY),
    }
    row = plan.add(numbers, here, number)
    if limit.window:
        window = _window(limit.window, FEATURES[limit.feature].sums, kept=0)
        plan.row_links[row]["window"] = plan.window(first, window)


def _window(span: int, sums: int, *, kept: int) -> WindowConfig:
    """Return a window that keeps sums of this kind."""
    return {"span": span, "sums": sums, "width": WIDTH[sums], "kept": kept}


def _add_health(plan: Plan, kind: HealthKind, point: Point, here: int, column: dict[str, int], first: int) -> None:  # noqa: PLR0917
    health, links = HEALTH_KINDS[kind], blank(RowLinks)
    delays = health.duration("on_delay", point), health.duration("off_delay", point)
    numbers = _numbers(health.number, on_delay=delays[0], off_delay=delays[1])
    setpoint, span, sister = health.setpoint(point), health.duration("window", point), health.value("sister", point)
    if setpoint is not None:
        numbers["beyond"] = beyond(setpoint, point.resolution)
    if span:  # a kind with a window looks at the range of the values in it
        numbers["feature"], numbers["span"] = RANGE, span
        links["window"] = plan.window(first, _window(span, EXTREMES, kept=1))
    if isinstance(sister, str):
        links["other"] = column[sister]
    row = plan.add(numbers, here, -1)
    if span or sister:
        plan.row_links[row] = links


def _connect(plan: Plan, rules: RuleSet, column: dict[str, int]) -> None:
    """Note who follows whom: members of votes, points of votes, and what an event or a sample makes be looked at."""
    followers: defaultdict[int, dict[int, int]] = defaultdict(dict)  # of a row: follower -> on a raise only
    votes_of: defaultdict[int, list[int]] = defaultdict(list)
    row = _rows_of_members(plan, rules)
    for vote in rules.votes:
        number = row[vote.id]
        members = [row[member] for member in vote.of]
        points = [column[point] for point in rules.conditions.points(vote.id)]
        for point in points:
            votes_of[point].append(number)
            _follow_stale(plan, followers, point, number)
        for member in members:
            followers[member][number] = 0
        links = plan.row_links[number]
        links["members"], links["members_end"] = plan.list_of(members)
        links["points"], links["points_end"] = plan.list_of(points)
    for interlock in rules.interlocks:
        number = row[interlock.id]
        plan.row_links[number]["other"] = row[interlock.cut]
        _follow_stale(plan, followers, column[interlock.feed], number)
        followers[row[interlock.cut]][number] = 0
    for number, dependents in followers.items():
        links = plan.row_links[number]
        links["dependents"], links["dependents_end"] = plan.list_of([n for pair in dependents.items() for n in pair])
    for here, fields in enumerate(plan.points):
        if votes_of[here]:
            graph = plan.point_links[here]
            graph["votes"], graph["votes_end"] = plan.list_of(votes_of[here])
        fields["max_events"] = _need(fields, followers, votes_of[here])


def _rows_of_members(plan: Plan, rules: RuleSet) -> dict[str, int]:
    """Return the rows by id, as far as a vote or an interlock may refer to them."""
    if not rules.votes and not rules.interlocks:
        return {}
    return {condition_at(rules, row.kind, row.point, row.origin).id: number for number, row in enumerate(plan.rows)}


def _follow_stale(plan: Plan, followers: defaultdict[int, dict[int, int]], point: int, number: int) -> None:
    first = plan.points[point]["health"]
    if plan.rows[first].kind == STALE:
        followers[first].setdefault(number, 1)


def _need(fields: PointConfig, followers: dict[int, dict[int, int]], votes: Sequence[int]) -> int:
    """Return how many events a sample of a point makes at most."""

    def with_all_that_follow(number: int) -> int:
        reached: set[int] = set()
        ahead = [number]
        while ahead:
            for follower in followers.get(ahead.pop(), {}):
                if follower not in reached:
                    reached.add(follower)
                    ahead.append(follower)
        return 1 + 2 * len(reached)

    own = sum(2 * with_all_that_follow(number) for number in range(fields["limits"], fields["end"]))
    return own + sum(with_all_that_follow(number) for number in votes)


def _calculate(plan: Plan, rules: RuleSet, column: dict[str, int]) -> tuple[Operation, ...]:
    """Note inputs and followers of calculated points, in an order in which inputs come first."""
    steps: list[Operation] = []
    inputs: dict[int, list[int]] = {}
    for here, point in enumerate(rules.points):
        if point.expression is None:
            continue
        parsed = parse_expression(point.expression)
        inputs[here] = [column[name] for name in inputs_of(parsed)]
        links = plan.point_links[here]
        links["code"], links["code_end"] = len(steps), len(steps) + len(parsed)
        links["inputs"], links["inputs_end"] = plan.list_of(inputs[here])
        steps += parsed
    ordered = _inputs_first(inputs)
    need = [fields["max_events"] for fields in plan.points]
    for here, fields in enumerate(plan.points):
        reached = {here}
        for calculated in ordered:
            if reached.intersection(inputs[calculated]):
                reached.add(calculated)
        after = [calculated for calculated in ordered if calculated in reached and calculated != here]
        if after:
            links = plan.point_links[here]
            links["followers"], links["followers_end"] = plan.list_of(after)
        fields["max_events"] += sum(need[calculated] for calculated in after)
    return tuple(steps)


def _inputs_first(inputs: dict[int, list[int]]) -> list[int]:
    ordered: list[int] = []
    while len(ordered) < len(inputs):
        ordered.append(
            next(n for n in inputs if n not in ordered and all(i in ordered for i in inputs[n] if i in inputs))
        )
    return ordered


def may_be_calm(plan: Plan) -> list[bool]:
    """Tell of every point whether nothing but its own limits and its votes look at it, all of which leave it a band."""
    kinds = [row.number for row in HEALTH_KINDS.values() if row.compares_points]
    sisters = {plan.row_links[number]["other"] for number, row in enumerate(plan.rows) if row.kind in kinds}
    may = []
    for here, fields in enumerate(plan.points):
        own = plan.rows[fields["limits"] : fields["end"]]
        simple = all(row.kind < FIRST_MEASURED and row.feature not in WITHOUT_BAND for row in own)
        if not fields["has_range"]:  # a sample over range without a value raises with the `max` that was defined last
            simple = simple and all(row.feature != MAX for row in own)
        links = plan.point_links.get(here)
        alone = not links or (links["code"] == links["code_end"] and links["followers"] == links["followers_end"])
        may.append(simple and alone and here not in sisters)
    return may
