"""Succession: what the engine of an edited rule-set takes over from the one before it.

An edit neither raises nor clears by itself: a condition keeps its state, and the next sample is judged by the new
numbers. Points, conditions and windows are found again by their ids; what only the old rule-set has is left behind.
"""

from typing import Final, NamedTuple

import numpy as np

from ingest import stale_due
from rules.engine.calm import write_all_back
from rules.engine.features.room import LEAST, ROOM_AHEAD
from rules.engine.memory import codes
from rules.engine.memory.machine import Machine
from rules.engine.memory.records import PointConfig, Ring, RingSample
from rules.engine.memory.row_index import RowIndex
from rules.engine.memory.rows import zeros
from rules.engine.transition import expect_all, take_over_state
from rules.spec.conditions import Condition
from rules.spec.ruleset import RuleSet

GONE_ON: Final = ("first", "start", "last_tick", "entries", "started")
"""Of the globals, those that tell of the log."""
REMEMBERED: Final = ("repeats", "last_event", "raised")


class Rules(NamedTuple):
    """The memory of an engine, and what it is of."""

    machine: Machine
    rules: RuleSet
    conditions: RowIndex


def take_over(before: Rules, after: Rules) -> Machine:
    """Return a machine that goes on where an old one, with all of its points awake, stands; the new one is changed."""
    old, new = before.machine, after.machine
    for name in GONE_ON:
        new.globals[name] = old.globals[name]
    column = {point.id: number for number, point in enumerate(before.rules.points)}
    pairs = [(column[point.id], number) for number, point in enumerate(after.rules.points) if point.id in column]
    for there, here in pairs:
        _take_point(old, new, there, here)
    new = _take_rings(old, new, pairs)
    kept = before.conditions.rows()
    for condition, row in after.conditions.rows().items():
        if condition in kept:
            same = _of_same(before.conditions.of(kept[condition]), after.conditions.of(row))
            _take_row(old, new, kept[condition], row, same=same)
    _expect_samples(new)
    write_all_back(new)  # makes the bounds of the timers exact
    return new


def _take_point(old: Machine, new: Machine, there: int, here: int) -> None:
    never_stale = new.point["in_doubt"][here]  # of a new machine only points that never become stale are in doubt
    new.point[here] = old.point[there]
    point = new.point[here]
    if not point["has"]:
        point["in_doubt"] = point["stale"] or never_stale
    if point["stale"] and not new.point_config["stale_after"][here]:
        point["stale"], point["in_doubt"] = 0, 1  # in doubt until it is heard of


def _of_same(one: Condition, other: Condition) -> bool:
    """Tell whether two rules of one id are the same condition: that of a hazard source and a point."""
    return (one.hazard_source, one.point) == (other.hazard_source, other.point)


def _take_row(old: Machine, new: Machine, there: int, here: int, *, same: bool) -> None:
    """Take over the state of a condition; the delay of one that is pending counts from the same begin."""
    was, rule = (m.rule[m.row_config["rule"][row]] for m, row in ((old, there), (new, here)))
    row, before = new.row[here], old.row[there]
    for name in REMEMBERED:
        row[name] = before[name]
    if not same:
        return
    take_over_state(row, rule, before, was)
    places = old.row_config["memory"][there], new.row_config["memory"][here]
    if all(places) and rule["feature"] == was["feature"]:
        new.memory[places[1]] = old.memory[places[0]]


def _take_rings(old: Machine, new: Machine, pairs: list[tuple[int, int]]) -> Machine:
    """Take over the evidence that the old windows hold; the new ones let out what is too old at their next sample."""
    rings = [(old.point_config[there], new.point_config[here]) for there, here in pairs]
    taken = [(one, other) for one, other in rings if one["ring"] and other["ring"]]
    held = [(_held(old, one), other) for one, other in taken]
    used = sum(max(ROOM_AHEAD * (ring["tail"] - first), LEAST) for (ring, first), _ in held)
    samples = zeros(RingSample, max(len(new.samples), int(used)))
    place = 0
    for (ring, first), config in held:
        count = int(ring["tail"] - first)
        begin = int(ring["place"] + first - ring["base"])
        samples[place : place + count] = old.samples[begin : begin + count]
        fresh = new.ring[config["ring"]]
        for name in ("tail", "not_stale_from", "one_sided"):
            fresh[name] = ring[name]
        fresh["place"], fresh["base"], fresh["room"] = place, first, max(ROOM_AHEAD * count, LEAST)
        for name in ("head", "middle", "base"):
            new.window[name][config["windows"] : config["windows_end"]] = first
        place += int(fresh["room"])
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
