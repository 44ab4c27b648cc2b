"""From the plan of a rule-set to the engine's memory."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant import NEVER_STALE
from plant.columns.rows import RecordT, Rows, blank, filled, zeros
from plant.health_kinds import FIRST_MEASURED
from rules.engine.memory import codes
from rules.engine.memory.graph import calculate, connect, may_be_calm
from rules.engine.memory.machine import Machine
from rules.engine.memory.plan import Plan, plan_of
from rules.engine.memory.records import (
    CalmBand,
    CodeStep,
    Entry,
    EventRecord,
    FeatureMemory,
    Frame,
    LogState,
    PointConfig,
    PointLinks,
    PointState,
    Ring,
    RingSample,
    RowConfig,
    RowLinks,
    RuleNumbers,
    Timer,
    WindowConfig,
    WindowState,
)
from rules.engine.memory.row_index import RowIndex
from rules.engine.transition import normal_rows
from rules.spec.conditions import INTERLOCK
from rules.spec.expression import depth_of
from rules.spec.ruleset import RuleSet

ROOM: Final = 1024
"""Events, samples and sums that there is room for at first."""


def build(rules: RuleSet) -> tuple[Machine, RowIndex]:
    """Make the memory of a rule-set that has no problems, with nothing remembered yet; and what its rows are."""
    plan = plan_of(rules)
    column = {point.id: number for number, point in enumerate(rules.points)}
    connect(plan, rules, column)
    steps = calculate(plan, rules, column)
    code: list[CodeStep] = [
        {"number": step.number, "operation": step.operation, "point": column[step.point] if step.point else -1}
        for step in steps
    ]
    most_events = max((point["max_events"] for point in plan.points), default=0)
    votes_and_interlocks = sum(row.kind >= INTERLOCK for row in plan.rows)
    point_config, point_links = _point_configs(plan)
    row_config, row_links = _row_configs(plan)
    machine = Machine(
        point_config=point_config,
        point_links=point_links,
        point=_points(plan),
        rule=filled(RuleNumbers, plan.rules),
        row_config=row_config,
        row_links=row_links,
        row=normal_rows(len(plan.rows)),
        memory=_memory(1 + sum(row.remembers for row in plan.rows)),
        globals=_globals(),
        calm=_calm_bands(len(plan.points)),
        bounds=np.full(len(plan.points), codes.NEVER, dtype=np.int64),
        graph=np.array([*plan.graph, 0], dtype=np.int64),
        code=filled(CodeStep, code),
        # numba checks no bounds: the stack must have room for the deepest expression of all points.
        stack=np.zeros(depth_of(steps) + 1),
        ring=_rings(1 + int(point_config["ring"].max(initial=0))),
        samples=zeros(RingSample, ROOM),
        window_config=filled(WindowConfig, plan.windows),
        window=zeros(WindowState, len(plan.windows)),
        sums=np.zeros(ROOM),
        events=zeros(EventRecord, most_events + ROOM),
        entry=zeros(Entry, 2),
        frames=zeros(Frame, 2 * votes_and_interlocks + 8),
        timers=zeros(Timer, ROOM),
    )
    origin = np.array([row.origin for row in plan.rows], dtype=np.int32)
    kind = machine.rule["kind"][machine.row_config["rule"]]
    return machine, RowIndex(rules, kind, machine.row_config["point"], origin)


def _point_configs(plan: Plan) -> tuple[Rows[PointConfig], Rows[PointLinks]]:
    config = filled(PointConfig, plan.points)
    config["may_be_calm"] = may_be_calm(plan)
    rings = config["windows"] < config["windows_end"]
    config["ring"][rings] = np.arange(1, 1 + rings.sum())
    for number, fields in enumerate(plan.points):
        config["has_movement_rules"][number] = any(
            row.kind >= FIRST_MEASURED for row in plan.rows[fields["health"] : fields["feeds"]]
        )
    links, config["links"] = _linked(PointLinks, plan.point_links, len(config))
    return config, links


def _points(plan: Plan) -> Rows[PointState]:
    state = zeros(PointState, len(plan.points))
    state["in_doubt"] = [fields["stale_after"] == NEVER_STALE for fields in plan.points]
    for name in ("value", "evidence", "raw"):
        state[name] = np.nan
    return state


def _rings(count: int) -> Rows[Ring]:
    ring = zeros(Ring, count)
    ring["one_sided"] = -1
    return ring


def _row_configs(plan: Plan) -> tuple[Rows[RowConfig], Rows[RowLinks]]:
    config = zeros(RowConfig, len(plan.rows))
    config["rule"] = [row.rule for row in plan.rows]
    config["point"] = [row.point for row in plan.rows]
    remembers = np.array([row.remembers for row in plan.rows], dtype=np.bool_)
    # Record 0 means none, so the first row that remembers gets record 1.
    config["memory"][remembers] = np.arange(1, 1 + remembers.sum())
    links, config["links"] = _linked(RowLinks, plan.row_links, len(config))
    return config, links


def _linked(record: type[RecordT], links: Mapping[int, RecordT], count: int) -> tuple[Rows[RecordT], NDArray[np.int32]]:
    """Return the links after an empty record, and for each of `count` rows the place of its own; 0 for none."""
    places = np.zeros(count, dtype=np.int32)
    for place, number in enumerate(links, start=1):
        places[number] = place
    return filled(record, [blank(record), *links.values()]), places


def _memory(count: int) -> Rows[FeatureMemory]:
    memory = zeros(FeatureMemory, count)
    memory["value"] = np.nan
    memory["one_sided_time"] = codes.LONG_AGO
    return memory


def _calm_bands(count: int) -> Rows[CalmBand]:
    bands = zeros(CalmBand, count)
    bands["lowest"] = 1.0  # above `highest`: no band
    return bands


def _globals() -> Rows[LogState]:
    log = zeros(LogState, 1)
    log["bound"] = codes.NEVER
    for name in ("first", "start", "last_tick"):
        log[name] = codes.LONG_AGO
    return log
