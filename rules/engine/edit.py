"""Edit of the rules: what the machine of the new rule-set takes over from that of the old one.

An edit neither raises nor clears by itself. A condition keeps its state, and the next sample is judged by the new
numbers. Points, conditions and windows are found again by their ids; what only the old rule-set has is left behind.
"""

from typing import Final, NamedTuple

import numpy as np

from ingest import stale_due
from plant.columns.rows import zeros
from rules.engine.calm import write_all_back
from rules.engine.features.room import LEAST, ROOM_AHEAD
from rules.engine.memory import codes
from rules.engine.memory.machine import Machine
from rules.engine.memory.records import PointConfig, Ring, RingSample
from rules.engine.memory.row_index import RowIndex
from rules.engine.transition import expect_all, take_over_state
from rules.spec.conditions import Condition
from rules.spec.ruleset import RuleSet

OF_THE_LOG: Final = ("first", "start", "last_tick", "entries", "started")
"""The fields of `LogState` that say where the log stands; the others are about the arrays of one machine."""
OF_EVENTS: Final = ("repeats", "last_event", "raised")
"""The fields of `RowState` from which the times and ids of events follow."""


class Rules(NamedTuple):
    """A machine, the rule-set that it evaluates, and which condition each of its rows is."""

    machine: Machine
    rules: RuleSet
    conditions: RowIndex


def take_over(before: Rules, after: Rules) -> Machine:
    """Return a machine that goes on with the new rules from where the old machine stands.

    All points of the old machine must be awake. The new machine is changed.
    """
    old, new = before.machine, after.machine
    for name in OF_THE_LOG:
        new.globals[name] = old.globals[name]
    column = {point.id: number for number, point in enumerate(before.rules.points)}
    pairs = [(column[point.id], number) for number, point in enumerate(after.rules.points) if point.id in column]
    for there, here in pairs:
        _take_point(old, new, there, here)
    new = _take_rings(old, new, pairs)
    kept = before.conditions.rows()
    for condition, row in after.conditions.rows().items():
        if condition in kept:
            same = _is_same_condition(before.conditions.of(kept[condition]), after.conditions.of(row))
            _take_row(old, new, kept[condition], row, same=same)
    _expect_samples(new)
    # No point of the new machine is calm, so this only makes the bounds of the timers exact.
    write_all_back(new)
    return new


def _take_point(old: Machine, new: Machine, there: int, here: int) -> None:
    # In a new machine only the points that never become stale are in doubt.
    never_stale = new.point["in_doubt"][here]
    new.point[here] = old.point[there]
    point = new.point[here]
    if not point["has"]:
        point["in_doubt"] = point["stale"] or never_stale
    if point["stale"] and not new.point_config["stale_after"][here]:
        # It can be stale no more, and nothing is known of it until its next sample.
        point["stale"], point["in_doubt"] = 0, 1


def _is_same_condition(old: Condition, new: Condition) -> bool:
    """Tell whether two rules of one id are one condition: that of the same hazard source and point."""
    return (old.hazard_source, old.point) == (new.hazard_source, new.point)


def _take_row(old: Machine, new: Machine, there: int, here: int, *, same: bool) -> None:
    """Take over what is remembered of a condition; its state only if the condition is the same."""
    rule_before, rule = old.rule[old.row_config[there]["rule"]], new.rule[new.row_config[here]["rule"]]
    row, before = new.row[here], old.row[there]
    for name in OF_EVENTS:
        row[name] = before[name]
    if not same:
        return
    take_over_state(row, rule, before, rule_before)
    places = old.row_config[there]["memory"], new.row_config[here]["memory"]
    # A value, or an average, of another feature says nothing.
    if all(places) and rule["feature"] == rule_before["feature"]:
        new.memory[places[1]] = old.memory[places[0]]


def _take_rings(old: Machine, new: Machine, pairs: list[tuple[int, int]]) -> Machine:
    """Take over the evidence that the old windows hold.

    All windows of a point begin with its oldest sample that is held. They let out what is too old for them at the next
    sample, and then make their sums from the ring.
    """
    configs = [(old.point_config[there], new.point_config[here]) for there, here in pairs]
    ringed = [(before, after) for before, after in configs if before["ring"] and after["ring"]]
    held = [(_held(old, before), after) for before, after in ringed]
    used = sum(max(ROOM_AHEAD * (ring["tail"] - first), LEAST) for (ring, first), _ in held)
    samples = zeros(RingSample, max(len(new.samples), int(used)))
    place = 0
    for (ring, first), config in held:
        count = int(ring["tail"] - first)
        begin = int(ring["place"] + first - ring["base"])
        samples[place : place + count] = old.samples[begin : begin + count]
        taken = new.ring[config["ring"]]
        for name in ("tail", "not_stale_from", "one_sided"):
            taken[name] = ring[name]
        taken["place"], taken["base"], taken["room"] = place, first, max(ROOM_AHEAD * count, LEAST)
        for name in ("head", "middle", "base"):
            new.window[name][config["windows"] : config["windows_end"]] = first
        place += int(taken["room"])
    new.globals["samples_used"] = place
    _note_staleness(new)
    return new._replace(samples=samples)


def _note_staleness(new: Machine) -> None:
    """Let kinds that need a time without staleness count it from where it began, as without the edit."""
    ring = new.point_config["ring"]
    stale = new.point["stale"] == 1
    ended = ~stale & (new.ring["not_stale_from"][ring] == codes.NEVER)
    new.ring["not_stale_from"][ring[stale]] = codes.NEVER
    new.ring["not_stale_from"][ring[ended]] = new.ring["tail"][ring[ended]]


def _held(old: Machine, config: PointConfig) -> tuple[Ring, int]:
    """Return the ring of a point, and the number of the oldest sample that one of its windows holds."""
    ring = old.ring[config["ring"]]
    heads = old.window["head"][config["windows"] : config["windows_end"]]
    return ring, int(min(heads.min(), ring["tail"]))


def _expect_samples(new: Machine) -> None:
    """Set the timers of `stale` by the new numbers."""
    g = new.globals[0]
    if not g["started"]:
        return
    expects = (new.point_config["stale_after"] > 0) & (new.point["stale"] == 0)
    last = np.where(new.point["has"] == 1, new.point["time"], codes.LONG_AGO)
    due = stale_due(last, max(g["first"], g["start"]), new.point_config["stale_after"])
    expect_all(new.row, new.point_config["health"][expects], due[expects])
