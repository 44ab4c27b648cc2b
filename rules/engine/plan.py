"""Plan: the rows of a rule-set before they are memory, and who follows whom."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plant import Point
from rules.engine import records as layout
from rules.engine.condition_index import KINDS
from rules.spec.expression import Operation, inputs_of, parse_expression
from rules.spec.features import EXTREMES, FEATURES, MAX, RANGE, VALUE, WIDTH
from rules.spec.problems import condition_ids
from rules.spec.rule import Interlock, Limit
from rules.spec.ruleset import RuleSet
from rules.spec.tolerance import beyond, comparison_of, ends_of

WITHOUT_BAND: Final = frozenset(row.number for row in FEATURES.values() if row.band is None)
LONGEST_MEMORY: Final = 2**62


@dataclass(slots=True)
class Row:
    """One condition: its kind and feature, which numbers, which point, which entry of the rule-set, and its links."""

    kind: int
    feature: int
    rule: int
    point: int
    origin: int
    remembers: bool
    links: dict[str, int]


@dataclass(slots=True)
class Plan:
    """All rows; per point the fields of POINT_CONFIG and of POINT_LINKS; the tables that they refer to."""

    rows: list[Row] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)
    point_links: list[dict[str, int]] = field(default_factory=list)
    rules: dict[tuple[tuple[str, Any], ...], int] = field(default_factory=dict)
    windows: list[dict[str, int]] = field(default_factory=lambda: [{}])
    graph: list[int] = field(default_factory=list)

    def add(self, kind: int, point: int, origin: int, **numbers: Any) -> Row:
        """Add a row; rows with the same numbers share them."""
        key = (("kind", kind), *numbers.items())
        rule = self.rules.setdefault(key, len(self.rules))
        feature = numbers.get("feature", VALUE)
        remembers = kind in (layout.FLATLINE, layout.STEP, layout.DISCREPANCY, layout.VOTE) or feature != VALUE
        row = Row(kind, feature, rule, point, origin, remembers, {})
        self.rows.append(row)
        return row

    def list_of(self, name: str, numbers: Sequence[int]) -> dict[str, int]:
        """Put numbers into the graph; return the fields that say where they begin and end."""
        begin = len(self.graph)
        self.graph.extend(numbers)
        return {name: begin, f"{name}_end": len(self.graph)} if numbers else {}

    def window(self, first: int, **config: int) -> int:
        """Return the window of a point, whose first is given, that keeps such sums; rules share it."""
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
        fields: dict[str, Any] = {"windows": len(plan.windows), "limits": len(plan.rows)}
        for number, limit in limits[point.id]:
            _add_limit(plan, limit, point, (here, number, fields["windows"]))
        fields["health"] = len(plan.rows)
        for name in condition_ids(point):
            _add_health(plan, name.partition(":")[0], point, here, column, fields["windows"])
        fields["feeds"] = len(plan.rows)
        for number, interlock in fed[point.id]:
            plan.add(layout.INTERLOCK, here, number, on_delay=interlock.within)
        fields |= {"end": len(plan.rows), "windows_end": len(plan.windows)}
        plan.points.append(fields | _column(point))
        plan.point_links.append({})
    for number, vote in enumerate(rules.votes):
        plan.add(layout.VOTE, -1, number, at_least=vote.at_least)
    _connect(plan, rules, column)
    return plan, _calculate(plan, rules, column)


def _column(point: Point) -> dict[str, Any]:
    lower, upper = ends_of(point)
    lowest, highest = point.range or (0.0, 0.0)
    fields: dict[str, Any] = {"stale_after": point.stale_after, "has_range": point.range is not None}
    return fields | {"lower": lower, "upper": upper, "lowest": lowest, "highest": highest}


def _add_limit(plan: Plan, limit: Limit, point: Point, place: tuple[int, int, int]) -> None:
    here, number, first = place
    compared = comparison_of(limit, point)
    row = plan.add(
        layout.LIMIT,
        here,
        number,
        feature=FEATURES[limit.feature].number,
        low=limit.direction == "low",
        enter=float(compared.enter),
        leave=float(compared.leave),
        on_delay=limit.on_delay,
        off_delay=limit.off_delay,
        span=limit.window or 0,
        scale=limit.horizon or limit.per_or_minute,
        tau=limit.tau or 1,
        memory=min(5 * (limit.tau or 0), LONGEST_MEMORY),
    )
    if limit.window:
        row.links["window"] = plan.window(first, span=limit.window, **_sums_of(FEATURES[limit.feature].sums), kept=0)


def _sums_of(kind: int) -> dict[str, int]:
    """Return the fields of a window that keeps sums of this kind."""
    return {"sums": kind, "width": WIDTH[kind]}


def _add_health(plan: Plan, kind: str, point: Point, here: int, column: dict[str, int], first: int) -> None:  # noqa: PLR0917
    numbers: dict[str, Any] = {}
    links: dict[str, int] = {}
    if kind in ("fault", "over_range"):
        delays = point.fault if kind == "fault" else point.over_range
        numbers = {"on_delay": delays.on_delay, "off_delay": delays.off_delay}
    elif kind == "calibration_overrun":
        numbers["on_delay"] = point.calibration_limit
    elif kind == "flatline" and point.flatline is not None:
        numbers = {"feature": RANGE, "span": point.flatline.window}
        numbers["beyond"] = beyond(point.flatline.epsilon, point.resolution)
        links["window"] = plan.window(first, span=point.flatline.window, **_sums_of(EXTREMES), kept=1)
    elif kind == "step" and point.step is not None:
        numbers["beyond"] = beyond(point.step, point.resolution)
    elif kind == "discrepancy" and point.discrepancy is not None:
        given = point.discrepancy
        numbers = {"on_delay": given.on_delay, "off_delay": given.off_delay}
        numbers["beyond"] = beyond(given.limit, point.resolution)
        links["other"] = column[given.with_]
    plan.add(KINDS[kind], here, -1, **numbers).links = links


def _connect(plan: Plan, rules: RuleSet, column: dict[str, int]) -> None:
    """Note who follows whom: members of votes, points of votes, and what an event or a sample makes be looked at."""
    followers: defaultdict[int, dict[int, int]] = defaultdict(dict)  # of a row: follower -> on a raise only
    votes_of: defaultdict[int, list[int]] = defaultdict(list)
    points_of: dict[int, list[int]] = {}
    row = _rows_of_members(plan, rules)
    for vote in rules.votes:
        number = row[vote.id]
        members = [row[member] for member in vote.of]
        points_of[number] = _points_of(plan, members, points_of)
        for point in points_of[number]:
            votes_of[point].append(number)
            _follow_stale(plan, followers, point, number)
        for member in members:
            followers[member][number] = 0
        plan.rows[number].links |= plan.list_of("members", members) | plan.list_of("points", points_of[number])
    for interlock in rules.interlocks:
        number = row[interlock.id]
        plan.rows[number].links["other"] = row[interlock.cut]
        _follow_stale(plan, followers, column[interlock.feed], number)
        followers[row[interlock.cut]][number] = 0
    for number, found in followers.items():
        plan.rows[number].links |= plan.list_of("dependents", [number for pair in found.items() for number in pair])
    for here, fields in enumerate(plan.points):
        plan.point_links[here] |= plan.list_of("votes", votes_of[here])
        fields["need"] = _need(fields, followers, votes_of[here])


def _rows_of_members(plan: Plan, rules: RuleSet) -> dict[str, int]:
    """Return the rows by id, as far as a vote or an interlock may refer to them."""
    if not rules.votes and not rules.interlocks:
        return {}
    row: dict[str, int] = {}
    names = [condition_ids(point) for point in rules.points]
    for here, fields in enumerate(plan.points):
        row |= {name: number for number, name in enumerate(names[here], start=fields["health"])}
    for number, one in enumerate(plan.rows):
        if one.kind == layout.LIMIT:
            row[rules.limits[one.origin].id] = number
        elif one.kind == layout.INTERLOCK:
            row[rules.interlocks[one.origin].id] = number
        elif one.kind == layout.VOTE:
            row[rules.votes[one.origin].id] = number
    return row


def _points_of(plan: Plan, members: Sequence[int], points_of: dict[int, list[int]]) -> list[int]:
    found: dict[int, None] = {}
    for member in members:
        found |= dict.fromkeys(points_of.get(member) or [plan.rows[member].point])
    return list(found)


def _follow_stale(plan: Plan, followers: defaultdict[int, dict[int, int]], point: int, number: int) -> None:
    first = plan.points[point]["health"]
    if plan.rows[first].kind == layout.STALE:
        followers[first].setdefault(number, 1)


def _need(fields: dict[str, Any], followers: dict[int, dict[int, int]], votes: Sequence[int]) -> int:
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
        plan.point_links[here] |= {"code": len(steps), "code_end": len(steps) + len(parsed)}
        plan.point_links[here] |= plan.list_of("inputs", inputs[here])
        steps += parsed
    ordered = _inputs_first(inputs)
    need = [fields["need"] for fields in plan.points]
    for here, fields in enumerate(plan.points):
        reached = {here}
        for calculated in ordered:
            if reached.intersection(inputs[calculated]):
                reached.add(calculated)
        after = [calculated for calculated in ordered if calculated in reached and calculated != here]
        plan.point_links[here] |= plan.list_of("followers", after)
        fields["need"] += sum(need[calculated] for calculated in after)
    return tuple(steps)


def _inputs_first(inputs: dict[int, list[int]]) -> list[int]:
    ordered: list[int] = []
    while len(ordered) < len(inputs):
        ordered.append(
            next(n for n in inputs if n not in ordered and all(i in ordered for i in inputs[n] if i in inputs))
        )
    return ordered


def may_rest(plan: Plan) -> list[bool]:
    """Tell of every point whether nothing but its own limits and its votes look at it, all of which leave it a band."""
    sisters = {row.links["other"] for row in plan.rows if row.kind == layout.DISCREPANCY}
    found = []
    for here, fields in enumerate(plan.points):
        own = plan.rows[fields["limits"] : fields["end"]]
        simple = all(row.kind < layout.FLATLINE and row.feature not in WITHOUT_BAND for row in own)
        if not fields["has_range"]:  # a sample over range without a value raises with the `max` that was defined last
            simple = simple and all(row.feature != MAX for row in own)
        links = plan.point_links[here]
        found.append(simple and "code" not in links and "followers" not in links and here not in sisters)
    return found
