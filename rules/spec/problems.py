"""Problems of a rule-set: all at once, each with its place and with what to write instead."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal

from plant import Message, Point, message_of
from plant.bounds import DEEPEST_CHAIN
from rules.spec.circles import in_circles
from rules.spec.conditions import ConditionIndex
from rules.spec.decimals import is_multiple, written
from rules.spec.expression import ExpressionError, inputs_of, parse_expression
from rules.spec.features import FEATURES
from rules.spec.inputs import unit_problems
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.tolerance import ExactLimit, comparison_of


@dataclass(frozen=True, slots=True)
class Problem:
    """A configuration error.

    Attributes
    ----------
    path : tuple of str
        Table, id and keys, as in ("limit", "T1.alarm", "clear").
    message : Message
        The mistake, and what to write instead.
    missing : str or None
        Id without an entry, if that is the mistake.
    others : tuple of (str, str, str)
        Table, id and key of further values on which the mistake depends.
    is_judgement : bool
        Whether an engine can evaluate the rule all the same, and only an edit is refused for it.

    """

    path: tuple[str, ...]
    message: Message
    missing: str | None = None
    others: tuple[tuple[str, str, str], ...] = ()
    is_judgement: bool = False

    @property
    def depends_on(self) -> set[tuple[str, ...]]:
        """Table, id and key of all values on which the mistake depends: it may vanish when one of them changes."""
        return {self.path[:3], *self.others}


def find_problems(
    points: Sequence[Point], limits: Sequence[Limit], votes: Sequence[Vote], interlocks: Sequence[Interlock]
) -> list[Problem]:
    """Return all configuration errors, in the order of the site file."""
    conditions = ConditionIndex(points, limits, votes, interlocks)
    by_id = conditions.point_of
    tables = (("point", points), ("limit", limits), ("vote", votes), ("interlock", interlocks))
    of_health = dict.fromkeys(conditions.possible_health_ids, Message("health condition"))
    problems = [*_duplicate_ids(tables[:1], {}), *_duplicate_ids(tables[1:], of_health)]
    for point in points:
        problems += _of_point(point, by_id)
    problems += _circles(points)
    for limit in limits:
        problems += _of_limit(limit, by_id)
    # Here two rules may have the same id, and the index keeps only one of them: the checks of ids walk the tables.
    cuts = {limit.id for limit in limits}
    others = cuts | {interlock.id for interlock in interlocks}
    problems += _of_votes(votes, others.union(conditions.evaluated_health_ids))
    for interlock in interlocks:
        if interlock.cut not in cuts:
            message = Message('no [[{table}]] has the id "{id}"', table="limit", id=interlock.cut)
            problems.append(Problem(("interlock", interlock.id, "cut"), message, interlock.cut))
        if interlock.feed not in by_id:
            problems.append(_no_point(("interlock", interlock.id, "feed"), interlock.feed))
    return problems


def _no_point(path: tuple[str, ...], name: str) -> Problem:
    return Problem(path, Message('no [[{table}]] has the id "{id}"', table="point", id=name), name)


def _duplicate_ids(
    tables: Sequence[tuple[str, Sequence[Point | Limit | Vote | Interlock]]], taken: Mapping[str, str]
) -> Iterator[Problem]:
    known = dict(taken)
    for table, entities in tables:
        for entity in entities:
            if entity.id in known:
                message = Message('another {table} has the id "{id}"', table=known[entity.id], id=entity.id)
                yield Problem((table, entity.id, "id"), message)
            known[entity.id] = table


def _of_point(point: Point, by_id: Mapping[str, Point]) -> Iterator[Problem]:
    if point.discrepancy is not None:
        path = ("point", point.id, "discrepancy", "with")
        if point.discrepancy.with_ == point.id:
            yield Problem(path, Message("expected another point than this one"))
        elif point.discrepancy.with_ not in by_id:
            yield _no_point(path, point.discrepancy.with_)
    if point.expression is not None:
        yield from _of_expression(point, point.expression, by_id)


def _of_expression(point: Point, expression: str, by_id: Mapping[str, Point]) -> Iterator[Problem]:
    path = ("point", point.id, "expression")
    try:
        inputs = inputs_of(parse_expression(expression))
    except ExpressionError as error:
        yield Problem(path, message_of(error))
        return
    if not inputs:
        yield Problem(path, Message("expected at least one point"))
    for name in inputs:
        if name not in by_id:
            yield _no_point(path, name)
        elif by_id[name].hazard_source != point.hazard_source:
            message = Message(
                '"{point}" belongs to "{other}"; expected points of "{hazard_source}"',
                point=name,
                other=by_id[name].hazard_source,
                hazard_source=point.hazard_source,
            )
            others = tuple(("point", each, "hazard_source") for each in (point.id, name))
            yield Problem(path, message, others=others)
    units = (
        *(("point", name, "unit") for name in inputs),
        *(("point", point.id, key) for key in ("expression", "inputs")),
    )
    for key, message in unit_problems(point, inputs, by_id):
        # Older versions took mixed units without `inputs`, so that such a formula may be in force.
        yield Problem(("point", point.id, key), message, others=units, is_judgement=point.inputs is None)


def _circles(points: Sequence[Point]) -> Iterator[Problem]:
    """Find calculated points that depend on themselves."""
    inputs: dict[str, tuple[str, ...]] = {}
    for point in points:
        try:
            inputs[point.id] = inputs_of(parse_expression(point.expression)) if point.expression is not None else ()
        except ExpressionError:
            # `_of_expression` reports this mistake; here it only ends the search.
            inputs[point.id] = ()
    deep = _too_deep(inputs)
    circles = in_circles({name: inputs[name] for name in deep})
    for point in points:
        if point.id in deep - circles:
            message = Message("computed from points that are computed, more than {most} times", most=DEEPEST_CHAIN)
            yield Problem(("point", point.id, "expression"), message)
        if point.id in circles:
            yield Problem(
                ("point", point.id, "expression"), Message("it is computed from itself; expected other points")
            )


def _too_deep(inputs: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the points that are computed over too many others, or from themselves."""
    left = {name for name, of in inputs.items() if of}
    for _ in range(DEEPEST_CHAIN):
        left -= {name for name in left if left.isdisjoint(inputs[name])}
    return left


def _of_limit(limit: Limit, by_id: Mapping[str, Point]) -> Iterator[Problem]:
    setpoints = tuple(("limit", limit.id, name) for name in ("high", "low", "clear", "deadband"))
    high = limit.direction == "high"
    key = "clear" if limit.clear is not None else "deadband"
    setpoint, clear = written(limit.setpoint), limit.clears_at
    if clear > setpoint if high else clear < setpoint:
        message = (
            Message("{clear}: expected at most {setpoint}", clear=limit.clear, setpoint=limit.setpoint)
            if high
            else Message("{clear}: expected at least {setpoint}", clear=limit.clear, setpoint=limit.setpoint)
        )
        yield Problem(("limit", limit.id, "clear"), message, others=setpoints)
    point = by_id.get(limit.point)
    if point is None:
        yield _no_point(("limit", limit.id, "point"), limit.point)
    elif FEATURES[limit.feature].scale == "samples":
        numbers = comparison_of(limit, point)
        others = (
            *setpoints,
            ("limit", limit.id, "point"),
            ("limit", limit.id, "feature"),
            ("point", point.id, "resolution"),
        )
        for problem in _of_numbers(limit, numbers, key, point):
            yield replace(problem, others=(*others, ("point", point.id, "range")))


def _of_numbers(limit: Limit, numbers: ExactLimit, key: str, point: Point) -> Iterator[Problem]:
    """Find numbers that the point cannot have."""
    written_numbers: list[tuple[str, Decimal]] = [(limit.direction, numbers.setpoint)]
    if limit.clear is not None or limit.deadband:
        written_numbers.append((key, numbers.clear))
    for name, number in written_numbers:
        if point.resolution is not None and not is_multiple(number, point.resolution):
            message = Message(
                "{number}: expected a multiple of the resolution {resolution} of {point}",
                number=float(number),
                resolution=point.resolution,
                point=point.id,
            )
            yield Problem(("limit", limit.id, name), message)
    if point.range is not None:
        yield from _within_range(limit, numbers, key, point.range)


def _within_range(limit: Limit, numbers: ExactLimit, key: str, ends: tuple[float, float]) -> Iterator[Problem]:
    low, high = (written(end) for end in ends)
    upwards = limit.direction == "high"
    if high < numbers.enter if upwards else low > numbers.enter:
        message = Message(
            "{setpoint}: never reached within the range {range}; expected a value inside it",
            setpoint=limit.setpoint,
            range=list(ends),
        )
        yield Problem(("limit", limit.id, limit.direction), message)
    if low >= numbers.leave if upwards else high <= numbers.leave:
        message = Message(
            "{clear}: never left within the range {range}; expected a value inside it",
            clear=float(numbers.clear),
            range=list(ends),
        )
        name = key if limit.clear is not None or limit.deadband else limit.direction
        yield Problem(("limit", limit.id, name), message)


def _of_votes(votes: Sequence[Vote], others: Set[str]) -> Iterator[Problem]:
    """Find mistakes of votes; `others` are the ids of all other conditions that may be members."""
    earlier: set[str] = set()
    all_votes = {vote.id for vote in votes}
    for vote in votes:
        path = ("vote", vote.id, "of")
        for member in vote.of:
            if member in others or member in earlier:
                continue
            if member in all_votes:
                yield Problem(
                    path, Message('"{vote}": expected votes that stand before this one in the file', vote=member)
                )
            else:
                message = Message('no limit, health condition, interlock or vote has the id "{id}"', id=member)
                yield Problem(path, message, member)
        if len(set(vote.of)) < len(vote.of):
            yield Problem(path, Message("expected every member once"))
        if vote.at_least > len(set(vote.of)):
            message = Message(
                "{at_least}: expected at most the number of members, {count}",
                at_least=vote.at_least,
                count=len(set(vote.of)),
            )
            yield Problem(("vote", vote.id, "at_least"), message, others=(path,))
        earlier.add(vote.id)
