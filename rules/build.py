"""From a rule-set to the engine's memory."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant import NEVER, Level, Point
from rules import layout
from rules.comparison import beyond, comparison_of, ends_of
from rules.expression import Operation, depth_of, inputs_of, parse_expression
from rules.layout import WIDTH, Machine
from rules.problems import condition_ids
from rules.ruleset import RuleSet
from rules.spec import Interlock, Limit

KINDS: Final = {
    "stale": layout.STALE,
    "fault": layout.FAULT,
    "over_range": layout.OVER_RANGE,
    "calibration_overrun": layout.CALIBRATION,
    "flatline": layout.FLATLINE,
    "step": layout.STEP,
    "discrepancy": layout.DISCREPANCY,
}
FEATURES: Final = {
    "value": layout.VALUE, "count": layout.COUNT, "delta": layout.DELTA, "ewma": layout.EWMA, "sum": layout.SUM,
    "mean": layout.MEAN, "min": layout.MIN, "max": layout.MAX, "range": layout.RANGE, "std": layout.STD,
    "slope": layout.SLOPE, "projected": layout.PROJECTED,
}  # fmt: skip
MINUTE: Final = 60_000_000_000
LONGEST_MEMORY: Final = 2**62


@dataclass(frozen=True, slots=True)
class Condition:
    """What events say about a condition."""

    id: str
    kind: int
    hazard_source: str
    point: str | None
    level: Level
    setpoint: float | int | None


@dataclass(slots=True)
class Plan:
    """The rows of a rule-set before they are memory: conditions, and who follows whom."""

    conditions: list[Condition] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    graph: list[int] = field(default_factory=list)

    def add(self, condition: Condition, **fields: Any) -> None:
        """Add a row."""
        self.conditions.append(condition)
        self.rows.append({"kind": condition.kind} | fields)

    def list_of(self, numbers: Sequence[int]) -> tuple[int, int]:
        """Put numbers into the graph; return where they begin and end."""
        begin = len(self.graph)
        self.graph.extend(numbers)
        return begin, len(self.graph)


def plan_of(rules: RuleSet) -> tuple[Plan, tuple[Operation, ...]]:
    """Lay out the rows of a rule-set that has no problems; also return the code of its calculated points."""
    plan = Plan()
    column = {point.id: number for number, point in enumerate(rules.points)}
    limits: defaultdict[str, list[Limit]] = defaultdict(list)
    fed: defaultdict[str, list[Interlock]] = defaultdict(list)
    for limit in rules.limits:
        limits[limit.point].append(limit)
    for interlock in rules.interlocks:
        fed[interlock.feed].append(interlock)
    for point in rules.points:
        fields: dict[str, Any] = {"limits": len(plan.rows)}
        for limit in limits[point.id]:
            _add_limit(plan, limit, point, column[point.id])
        fields["health"] = len(plan.rows)
        for name in condition_ids(point):
            _add_health(plan, name, point, column)
        fields["feeds"] = len(plan.rows)
        for interlock in fed[point.id]:
            condition = Condition(
                interlock.id, layout.INTERLOCK, point.hazard_source, point.id, interlock.level, setpoint=None
            )
            plan.add(condition, point=column[point.id], on_delay=interlock.within)
        fields["end"] = len(plan.rows)
        plan.columns.append(fields | _column(point))
    for vote in rules.votes:
        plan.add(Condition(vote.id, layout.VOTE, vote.hazard_source, None, vote.level, vote.at_least), point=-1)
    _connect(plan, rules, column)
    return plan, _calculate(plan, rules, column)


def _column(point: Point) -> dict[str, Any]:
    lower, upper = ends_of(point)
    lowest, highest = point.range or (0.0, 0.0)
    fields: dict[str, Any] = {"stale_after": point.stale_after, "has_range": point.range is not None}
    return fields | {"lower": lower, "upper": upper, "lowest": lowest, "highest": highest}


def _add_limit(plan: Plan, limit: Limit, point: Point, column: int) -> None:
    numbers = comparison_of(limit, point)
    condition = Condition(limit.id, layout.LIMIT, point.hazard_source, point.id, limit.level, limit.setpoint)
    plan.add(
        condition,
        point=column,
        feature=FEATURES[limit.feature],
        width=WIDTH.get(limit.feature, 0),
        low=limit.direction == "low",
        enter=float(numbers.enter),
        leave=float(numbers.leave),
        before=np.nextafter(float(numbers.enter), math.inf if limit.direction == "low" else -math.inf),
        on_delay=limit.on_delay,
        off_delay=limit.off_delay,
        window=limit.window or 0,
        scale=limit.horizon or limit.per or MINUTE,
        tau=limit.tau or 1,
        memory=min(5 * (limit.tau or 0), LONGEST_MEMORY),
    )


def _add_health(plan: Plan, name: str, point: Point, column: dict[str, int]) -> None:
    kind = name.partition(":")[0]
    fields: dict[str, Any] = {"point": column[point.id]}
    number: float | None = None
    if kind in ("fault", "over_range"):
        delays = point.fault if kind == "fault" else point.over_range
        fields |= {"on_delay": delays.on_delay, "off_delay": delays.off_delay}
    elif kind == "calibration_overrun":
        fields["on_delay"] = point.calibration_limit
    elif kind == "flatline" and point.flatline is not None:
        number = point.flatline.epsilon
        fields |= {"window": point.flatline.window, "feature": layout.RANGE, "width": WIDTH["range"]}
    elif kind == "step":
        number = point.step
    elif point.discrepancy is not None and kind == "discrepancy":
        number, sister = point.discrepancy.limit, column[point.discrepancy.with_]
        fields |= {
            "other": sister,
            "on_delay": point.discrepancy.on_delay,
            "off_delay": point.discrepancy.off_delay,
        }
    if number is not None:
        fields["beyond"] = beyond(number, point.resolution)
    plan.add(Condition(name, KINDS[kind], point.hazard_source, point.id, point.health_level, number), **fields)


def _connect(plan: Plan, rules: RuleSet, column: dict[str, int]) -> None:
    """Note who follows whom: members of votes, points of votes, and what an event or a sample makes be looked at."""
    row = {condition.id: number for number, condition in enumerate(plan.conditions)}
    followers: defaultdict[int, dict[int, int]] = defaultdict(dict)  # of a row: follower -> on a raise only
    votes_of: defaultdict[int, list[int]] = defaultdict(list)
    points_of: dict[int, list[int]] = {}
    for vote in rules.votes:
        number = row[vote.id]
        members = [row[member] for member in vote.of]
        points_of[number] = _points_of(plan, members, points_of)
        for point in points_of[number]:
            votes_of[point].append(number)
            _follow_stale(plan, followers, point, number)
        for member in members:
            followers[member][number] = 0
        plan.rows[number] |= dict(zip(("members", "members_end"), plan.list_of(members), strict=True))
        plan.rows[number] |= dict(zip(("points", "points_end"), plan.list_of(points_of[number]), strict=True))
        plan.rows[number]["at_least"] = vote.at_least
    for interlock in rules.interlocks:
        number = row[interlock.id]
        plan.rows[number]["other"] = row[interlock.cut]
        _follow_stale(plan, followers, column[interlock.feed], number)
        followers[row[interlock.cut]][number] = 0
    for number, found in followers.items():
        flat = [number for pair in found.items() for number in pair]
        plan.rows[number] |= dict(zip(("dependents", "dependents_end"), plan.list_of(flat), strict=True))
    for point, fields in enumerate(plan.columns):
        fields |= dict(zip(("votes", "votes_end"), plan.list_of(votes_of[point]), strict=True))
        fields["need"] = _need(fields, followers, votes_of[point])


def _points_of(plan: Plan, members: Sequence[int], points_of: dict[int, list[int]]) -> list[int]:
    found: dict[int, None] = {}
    for member in members:
        found |= dict.fromkeys(points_of.get(member) or [plan.rows[member]["point"]])
    return list(found)


def _follow_stale(plan: Plan, followers: defaultdict[int, dict[int, int]], point: int, number: int) -> None:
    first = plan.columns[point]["health"]
    if plan.rows[first]["kind"] == layout.STALE:
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
    for point in rules.points:
        if point.expression is None:
            continue
        parsed = parse_expression(point.expression)
        fields, number = plan.columns[column[point.id]], column[point.id]
        inputs[number] = [column[name] for name in inputs_of(parsed)]
        fields |= {"code": len(steps), "code_end": len(steps) + len(parsed)}
        fields |= dict(zip(("inputs", "inputs_end"), plan.list_of(inputs[number]), strict=True))
        steps += parsed
    ordered = _inputs_first(inputs)
    need = [fields["need"] for fields in plan.columns]
    for number, fields in enumerate(plan.columns):
        reached = {number}
        for calculated in ordered:
            if reached.intersection(inputs[calculated]):
                reached.add(calculated)
        after = [calculated for calculated in ordered if calculated in reached and calculated != number]
        fields |= dict(zip(("followers", "followers_end"), plan.list_of(after), strict=True))
        fields["need"] += sum(need[calculated] for calculated in after)
    return tuple(steps)


def _inputs_first(inputs: dict[int, list[int]]) -> list[int]:
    ordered: list[int] = []
    while len(ordered) < len(inputs):
        ordered.append(
            next(n for n in inputs if n not in ordered and all(i in ordered for i in inputs[n] if i in inputs))
        )
    return ordered


def machine_of(plan: Plan, steps: Sequence[Operation], column: dict[str, int]) -> Machine:
    """Make the memory of a plan, with nothing remembered yet."""
    point_config = _filled(layout.POINT_CONFIG, plan.columns)
    row_config = _filled(layout.ROW_CONFIG, plan.rows)
    for number, fields in enumerate(plan.columns):
        own = plan.rows[fields["limits"] : fields["feeds"]]
        point_config[number]["has_ring"] = any(row.get("window") for row in own)
        point_config[number]["more_health"] = any(row["kind"] >= layout.FLATLINE for row in own)
    point_config["may_rest"] = _may_rest(plan)
    program = np.zeros(len(steps), dtype=layout.CODE)
    for number, step in enumerate(steps):
        program[number] = (step.number, step.operation, column[step.point] if step.point else -1)
    needs = [*(fields["need"] for fields in plan.columns), len(plan.rows)]
    votes_and_interlocks = sum(row["kind"] >= layout.INTERLOCK for row in plan.rows)
    return Machine(
        point_config=point_config,
        point=_points(plan),
        row_config=row_config,
        row=_rows(len(plan.rows)),
        globals=_globals(),
        rest=_rest(plan),
        bounds=np.full(len(plan.columns), layout.NEVER, dtype=np.int64),
        graph=np.array([*plan.graph, 0], dtype=np.int64),
        code=program,
        stack=np.zeros(depth_of(tuple(steps)) + 1),
        ring=np.zeros(1024, dtype=layout.SAMPLE),
        sums=np.zeros(1024),
        events=np.zeros(max(needs) + 1024, dtype=layout.EVENT),
        entry=np.zeros(2, dtype=layout.ENTRY),
        frames=np.zeros(2 * votes_and_interlocks + 8, dtype=layout.FRAME),
        timers=np.zeros(2 * len(plan.rows) + 8, dtype=layout.TIMER),
    )


def _may_rest(plan: Plan) -> list[bool]:
    """Tell of every point whether nothing but its limits of `value` and its votes look at it, sample by sample."""
    sisters = {row["other"] for row in plan.rows if row["kind"] == layout.DISCREPANCY}
    found = []
    for number, fields in enumerate(plan.columns):
        own = plan.rows[fields["limits"] : fields["end"]]
        simple = all(row["kind"] < layout.FLATLINE and row.get("feature", layout.VALUE) == layout.VALUE for row in own)
        calculates = "code" in fields or fields["followers"] < fields["followers_end"]
        found.append(simple and not calculates and number not in sisters)
    return found


def _rest(plan: Plan) -> NDArray[Any]:
    rest = np.zeros(len(plan.columns), dtype=layout.REST)
    rest["lowest"] = 1.0
    rest["patience"] = [fields["stale_after"] or layout.NEVER for fields in plan.columns]
    return rest


def _filled(dtype: np.dtype[np.void], records: Sequence[dict[str, Any]]) -> NDArray[Any]:
    array = np.zeros(len(records), dtype=dtype)
    for number, record in enumerate(records):
        for name, value in record.items():
            array[number][name] = value
    return array


def _points(plan: Plan) -> NDArray[Any]:
    points = np.zeros(len(plan.columns), dtype=layout.POINT_STATE)
    points["weak"] = [fields["stale_after"] == NEVER for fields in plan.columns]
    for name in ("value", "evidence", "raw"):
        points[name] = np.nan
    return points


def _rows(count: int) -> NDArray[Any]:
    rows = np.zeros(count, dtype=layout.ROW_STATE)
    rows["due"] = layout.NEVER
    rows["value"] = np.nan
    for name in ("last_event", "raised", "one_sided_time"):
        rows[name] = layout.LONG_AGO
    return rows


def _globals() -> NDArray[Any]:
    one = np.zeros(1, dtype=layout.GLOBALS)
    one["bound"] = layout.NEVER
    for name in ("first", "start", "last_tick"):
        one[name] = layout.LONG_AGO
    return one
