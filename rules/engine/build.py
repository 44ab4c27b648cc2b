"""From the plan of a rule-set to the engine's memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant import NEVER_STALE
from rules.engine import records as layout
from rules.engine.condition_index import Conditions
from rules.engine.plan import Plan, may_rest, plan_of
from rules.engine.records import Machine
from rules.spec.expression import depth_of
from rules.spec.ruleset import RuleSet

ROOM: Final = 1024
"""Events, samples and sums that there is room for at first."""


def build(rules: RuleSet) -> tuple[Machine, Conditions]:
    """Make the memory of a rule-set that has no problems, with nothing remembered yet; and what its rows are."""
    plan, steps = plan_of(rules)
    column = {point.id: number for number, point in enumerate(rules.points)}
    program = np.zeros(len(steps), dtype=layout.CODE)
    for number, step in enumerate(steps):
        program[number] = (step.number, step.operation, column[step.point] if step.point else -1)
    votes_and_interlocks = sum(row.kind >= layout.INTERLOCK for row in plan.rows)
    remembering = sum(row.remembers for row in plan.rows)
    machine = Machine(
        **_points(plan),
        **_rows(plan),
        memory=_memory(1 + remembering),
        globals=_globals(),
        rest=_rest(len(plan.points)),
        bounds=np.full(len(plan.points), layout.NEVER, dtype=np.int64),
        graph=np.array([*plan.graph, 0], dtype=np.int64),
        code=program,
        stack=np.zeros(depth_of(steps) + 1),
        samples=np.zeros(ROOM, dtype=layout.SAMPLE),
        window_config=_filled(layout.WINDOW_CONFIG, plan.windows),
        window=np.zeros(len(plan.windows), dtype=layout.WINDOW),
        sums=np.zeros(ROOM),
        events=np.zeros(max((fields["need"] for fields in plan.points), default=0) + ROOM, dtype=layout.EVENT),
        entry=np.zeros(2, dtype=layout.ENTRY),
        frames=np.zeros(2 * votes_and_interlocks + 8, dtype=layout.FRAME),
        timers=np.zeros(ROOM, dtype=layout.TIMER),
    )
    origin = np.array([row.origin for row in plan.rows], dtype=np.int32)
    kind = machine.rule["kind"][machine.row_config["rule"]]
    return machine, Conditions(rules, kind, machine.row_config["point"], origin)


def _points(plan: Plan) -> dict[str, NDArray[Any]]:
    config = _filled(layout.POINT_CONFIG, plan.points)
    config["may_rest"] = may_rest(plan)
    rings = config["windows"] < config["windows_end"]
    config["ring"][rings] = np.arange(1, 1 + rings.sum())
    for number, fields in enumerate(plan.points):
        config["more_health"][number] = any(
            row.kind >= layout.FLATLINE for row in plan.rows[fields["health"] : fields["feeds"]]
        )
    links, config["links"] = _some(layout.POINT_LINKS, plan.point_links)
    state = np.zeros(len(config), dtype=layout.POINT_STATE)
    state["weak"] = [fields["stale_after"] == NEVER_STALE for fields in plan.points]
    for name in ("value", "evidence", "raw"):
        state[name] = np.nan
    ring = np.zeros(1 + rings.sum(), dtype=layout.RING)
    ring["one_sided"] = -1
    return {"point_config": config, "point_links": links, "point": state, "ring": ring}


def _rows(plan: Plan) -> dict[str, NDArray[Any]]:
    config = np.zeros(len(plan.rows), dtype=layout.ROW_CONFIG)
    config["rule"] = [row.rule for row in plan.rows]
    config["point"] = [row.point for row in plan.rows]
    remembers = np.array([row.remembers for row in plan.rows], dtype=np.bool_)
    config["memory"][remembers] = np.arange(1, 1 + remembers.sum())
    links, config["links"] = _some(layout.ROW_LINKS, [row.links for row in plan.rows])
    state = np.zeros(len(config), dtype=layout.ROW_STATE)
    state["due"] = layout.NEVER
    for name in ("last_event", "raised"):
        state[name] = layout.LONG_AGO
    return {
        "row_config": config,
        "row_links": links,
        "row": state,
        "rule": _filled(layout.RULE, [dict(key) for key in plan.rules]),
    }


def _some(dtype: np.dtype[np.void], records: Sequence[Mapping[str, int]]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Return the records that are not empty, after an empty one; and of each where it is, 0 for the empty ones."""
    places = np.zeros(len(records), dtype=np.int32)
    kept: list[Mapping[str, int]] = [{}]
    for number, record in enumerate(records):
        if record:
            places[number] = len(kept)
            kept.append(record)
    return _filled(dtype, kept), places


def _filled(dtype: np.dtype[np.void], records: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
    array = np.zeros(len(records), dtype=dtype)
    for name in dtype.names or ():
        array[name] = [record.get(name, 0) for record in records]
    return array


def _memory(count: int) -> NDArray[Any]:
    memory = np.zeros(count, dtype=layout.MEMORY)
    memory["value"] = np.nan
    memory["one_sided_time"] = layout.LONG_AGO
    return memory


def _rest(count: int) -> NDArray[Any]:
    rest = np.zeros(count, dtype=layout.REST)
    rest["lowest"] = 1.0
    return rest


def _globals() -> NDArray[Any]:
    one = np.zeros(1, dtype=layout.GLOBALS)
    one["bound"] = layout.NEVER
    for name in ("first", "start", "last_tick"):
        one[name] = layout.LONG_AGO
    return one
