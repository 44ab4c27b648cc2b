"""Graph: who depends on whom in a plan: votes on members, interlocks on cuts, calculated points on their inputs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from plant import HEALTH_KINDS
from plant.health_kinds import FIRST_MEASURED, STALE
from rules.engine.memory.plan import Plan
from rules.engine.memory.records import PointConfig
from rules.engine.memory.row_index import condition_at
from rules.spec.expression import Operation, inputs_of
from rules.spec.features import FEATURES, MAX
from rules.spec.inputs import code_of
from rules.spec.ruleset import RuleSet

WITHOUT_BAND: Final = frozenset(row.number for row in FEATURES.values() if row.band is None)


def connect(plan: Plan, rules: RuleSet, column: dict[str, int]) -> None:
    """Note the members and points of votes, the cuts of interlocks, and who depends on whom.

    The dependents of a row are evaluated at its events, the votes of a point at its samples; see dependents.py.
    """
    dependents: defaultdict[int, dict[int, int]] = defaultdict(dict)  # of a row: dependent -> 1 for raises only
    votes_of: defaultdict[int, list[int]] = defaultdict(list)
    row = _rows_of_members(plan, rules)
    # Dependents have their events in the order of this walk: votes, then interlocks, in the order of the site file.
    for vote in rules.votes:
        number = row[vote.id]
        members = [row[member] for member in vote.of]
        points = [column[point] for point in rules.conditions.points(vote.id)]
        for point in points:
            votes_of[point].append(number)
            _follow_stale(plan, dependents, point, number)
        for member in members:
            dependents[member][number] = 0
        links = plan.row_links[number]
        links["members"], links["members_end"] = plan.list_of(members)
        links["points"], links["points_end"] = plan.list_of(points)
    for interlock in rules.interlocks:
        number = row[interlock.id]
        plan.row_links[number]["other"] = row[interlock.cut]
        _follow_stale(plan, dependents, column[interlock.feed], number)
        dependents[row[interlock.cut]][number] = 0
    for number, pairs in dependents.items():
        links = plan.row_links[number]
        links["dependents"], links["dependents_end"] = plan.list_of([n for pair in pairs.items() for n in pair])
    for here, fields in enumerate(plan.points):
        if votes_of[here]:
            graph = plan.point_links[here]
            graph["votes"], graph["votes_end"] = plan.list_of(votes_of[here])
        fields["max_events"] = _most_events(fields, dependents, votes_of[here])


def _rows_of_members(plan: Plan, rules: RuleSet) -> dict[str, int]:
    """Return the rows by id, as far as a vote or an interlock may refer to them."""
    if not rules.votes and not rules.interlocks:
        return {}
    return {condition_at(rules, row.kind, row.point, row.origin).id: number for number, row in enumerate(plan.rows)}


def _follow_stale(plan: Plan, dependents: defaultdict[int, dict[int, int]], point: int, number: int) -> None:
    first = plan.points[point]["health"]
    if plan.rows[first].kind == STALE:
        dependents[first].setdefault(number, 1)


def _most_events(fields: PointConfig, dependents: dict[int, dict[int, int]], votes: Sequence[int]) -> int:
    """Return how many events a sample of a point makes at most."""

    def with_all_dependents(number: int) -> int:
        reached: set[int] = set()
        ahead = [number]
        while ahead:
            for dependent in dependents.get(ahead.pop(), {}):
                if dependent not in reached:
                    reached.add(dependent)
                    ahead.append(dependent)
        return 1 + 2 * len(reached)

    own = sum(2 * with_all_dependents(number) for number in range(fields["limits"], fields["end"]))
    return own + sum(with_all_dependents(number) for number in votes)


def calculate(plan: Plan, rules: RuleSet, column: dict[str, int]) -> tuple[Operation, ...]:
    """Note the inputs and the followers of calculated points, inputs first; return the code of all of them."""
    steps: list[Operation] = []
    inputs: dict[int, list[int]] = {}
    by_id = rules.conditions.point_of
    for here, point in enumerate(rules.points):
        if point.expression is None:
            continue
        own = code_of(point, by_id)
        inputs[here] = [column[name] for name in inputs_of(own)]
        links = plan.point_links[here]
        links["code"], links["code_end"] = len(steps), len(steps) + len(own)
        links["inputs"], links["inputs_end"] = plan.list_of(inputs[here])
        steps += own
    ordered = _inputs_first(inputs)
    alone = [fields["max_events"] for fields in plan.points]
    for here, fields in enumerate(plan.points):
        reached = {here}
        for calculated in ordered:
            if reached.intersection(inputs[calculated]):
                reached.add(calculated)
        after = [calculated for calculated in ordered if calculated in reached and calculated != here]
        if after:
            links = plan.point_links[here]
            links["followers"], links["followers_end"] = plan.list_of(after)
        fields["max_events"] += sum(alone[calculated] for calculated in after)
    return tuple(steps)


def _inputs_first(inputs: dict[int, list[int]]) -> list[int]:
    ordered: list[int] = []
    while len(ordered) < len(inputs):
        ordered.append(
            next(n for n in inputs if n not in ordered and all(i in ordered for i in inputs[n] if i in inputs))
        )
    return ordered


def may_be_calm(plan: Plan) -> list[bool]:
    """Return for every point whether only its own limits and its votes look at it, and all of these leave it a band."""
    kinds = [row.number for row in HEALTH_KINDS.values() if row.compares_points]
    sisters = {plan.row_links[number]["other"] for number, row in enumerate(plan.rows) if row.kind in kinds}
    may = []
    for here, fields in enumerate(plan.points):
        own = plan.rows[fields["limits"] : fields["end"]]
        simple = all(row.kind < FIRST_MEASURED and row.feature not in WITHOUT_BAND for row in own)
        # Over range without a value, a sample raises with the `max` that was defined last: that must be up to date.
        if not fields["has_range"]:
            simple = simple and all(row.feature != MAX for row in own)
        links = plan.point_links.get(here)
        alone = not links or (links["code"] == links["code_end"] and links["followers"] == links["followers_end"])
        may.append(simple and alone and here not in sisters)
    return may
