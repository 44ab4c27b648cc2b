"""What a sample does: it is accepted or late; if accepted, the conditions that it moves are judged in their order.

The order is that of docs/en/semantics.md, "Order": timers of the point that were due before, `stale`, health, limits,
then the votes and interlocks that the sample itself moves.
"""

import math

from plant.health_kinds import FIRST_MEASURED, STALE
from plant.quality import BAD
from rules.engine.compiled import compiled, inlined
from rules.engine.dependents import apply, clear_stale, evaluate, propagate, raise_due
from rules.engine.evidence import IN_TIME, accept, count_late, ends_staleness, lateness, stale_due, take_time
from rules.engine.features.feature import feature_verdict, value_verdict
from rules.engine.features.window import Pools, append, slide, start_anew
from rules.engine.health import health_verdict, measured_verdict
from rules.engine.memory.codes import IN, LONG_AGO, NO_EVIDENCE, NORMAL, NOTHING
from rules.engine.memory.machine import Machine, links_of, rule_of
from rules.engine.memory.records import Entry, PointConfig, PointState, RuleNumbers
from rules.engine.timers import arm, first_due
from rules.engine.transition import expect, look
from rules.spec.features import VALUE


@compiled
def _fire_before(m: Machine, p: int, t: int) -> None:
    r = first_due(m, p, t)
    while r >= 0:
        raise_due(m, r)
        propagate(m)
        r = first_due(m, p, t)


@compiled
def _end_staleness(m: Machine, p: int, t: int) -> None:
    """Clear `stale` at a sample that is not too old for it."""
    point = m.point[p]
    if ends_staleness(t, m.point_config[p]["stale_after"], m.globals[0]["last_tick"]):
        point["stale"] = 0
        ring = m.ring[m.point_config[p]["ring"]]
        ring["not_stale_from"] = ring["tail"]
        clear_stale(m, m.point_config[p]["health"], t)


@inlined
def sample(m: Machine, entry: Entry) -> bool:
    """Evaluate a sample; return whether it is evidence. NaN and infinities become BAD here."""
    if not math.isfinite(entry["value"]):
        entry["quality"] = BAD
    point = m.point[entry["point"]]
    late = lateness(point, entry)
    if late != IN_TIME:
        count_late(point, entry, late)
        return False
    if take_time(point, entry):
        start_anew(m, entry["point"])
    if m.bounds[entry["point"]] < entry["time"]:
        _fire_before(m, entry["point"], entry["time"])
    accept(m.point_config[entry["point"]], point, entry, m.globals[0]["last_tick"])
    _end_or_expect_stale(m, entry["point"], entry["time"])
    _evaluate(m, entry)
    return entry["evidence"] != 0


@inlined
def _evaluate(m: Machine, entry: Entry) -> None:
    """Judge all conditions that an accepted sample moves, in the order of the event stream."""
    p = entry["point"]
    point, config = m.point[p], m.point_config[p]
    if config["ring"] and not math.isnan(entry["x"]):
        pools, ring = Pools(m.samples, m.sums), m.ring[config["ring"]]
        append(pools, ring, entry)
        for w in range(config["windows"], config["windows_end"]):
            slide(pools, m.window_config[w], m.window[w], ring)
    # A sample that is evidence within the range begins no health condition: it can only end one.
    if not point["all_health_normal"] or not entry["evidence"] or entry["over"]:
        _health(m, config, point, entry)
    if config["has_movement_rules"]:
        _movement(m, config, point, entry)
    _limits(m, config, entry)
    if config["links"] or config["feeds"] < config["end"]:
        _votes_and_interlocks(m, p, entry["time"])


@inlined
def _end_or_expect_stale(m: Machine, p: int, t: int) -> None:
    """Clear `stale` at a sample that is not too old for it, and set its timer anew."""
    if m.point_config[p]["stale_after"] > 0:
        if m.point[p]["stale"]:
            _end_staleness(m, p, t)
        if not m.point[p]["stale"]:
            expect_sample(m, p)


@inlined
def expect_sample(m: Machine, p: int) -> None:
    """Set the timer of `stale` of a point by its last accepted sample."""
    g, r = m.globals[0], m.point_config[p]["health"]
    last = m.point[p]["time"] if m.point[p]["has"] else LONG_AGO
    due = stale_due(last, max(g["first"], g["start"]), m.point_config[p]["stale_after"])
    expect(m.row[r], due)
    if due < m.bounds[p]:
        arm(m, r)


@compiled
def _health(m: Machine, config: PointConfig, point: PointState, entry: Entry) -> None:
    all_normal = 1
    for r in range(config["health"], config["feeds"]):
        rule = rule_of(m, r)
        if rule["kind"] > STALE and rule["kind"] < FIRST_MEASURED:
            _judge_health(m, r, rule, entry, health_verdict(rule["kind"], entry))
            if m.row[r]["state"] != NORMAL:
                all_normal = 0
    point["all_health_normal"] = all_normal


@compiled
def _movement(m: Machine, config: PointConfig, point: PointState, entry: Entry) -> None:
    for r in range(config["health"], config["feeds"]):
        rule = rule_of(m, r)
        if rule["kind"] >= FIRST_MEASURED:
            _judge_health(m, r, rule, entry, measured_verdict(m, r, rule, point, entry))


@compiled
def _judge_health(m: Machine, r: int, rule: RuleNumbers, entry: Entry, verdict: int) -> None:
    if entry["one_sided"] and verdict != IN:
        verdict = NO_EVIDENCE
    change = look(rule, m.row[r], entry["time"], verdict)
    if change != NOTHING or m.row[r]["due"] == entry["time"]:
        apply(m, r, change, entry["time"])


@inlined
def _limits(m: Machine, config: PointConfig, entry: Entry) -> None:
    t = entry["time"]
    for r in range(config["limits"], config["health"]):
        row, rule = m.row[r], rule_of(m, r)
        verdict = NO_EVIDENCE
        if entry["evidence"]:
            if rule["feature"] == VALUE:
                verdict = value_verdict(rule, entry)
            else:
                pools, memory = Pools(m.samples, m.sums), m.memory[m.row_config[r]["memory"]]
                window = m.window[links_of(m, r)["window"]]
                verdict = feature_verdict(pools, rule, memory, window, m.ring[config["ring"]], entry)
        change = look(rule, row, t, verdict)
        if change != NOTHING or row["due"] == t:
            apply(m, r, change, t)


@compiled
def _votes_and_interlocks(m: Machine, p: int, t: int) -> None:
    config = m.point_config[p]
    links = m.point_links[config["links"]]
    for place in range(links["votes"], links["votes_end"]):
        evaluate(m, m.graph[place], t)
    for r in range(config["feeds"], config["end"]):
        evaluate(m, r, t)
