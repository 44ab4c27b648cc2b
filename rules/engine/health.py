"""Verdicts of an accepted sample on the health conditions of its point."""

import math

from plant.health_kinds import CALIBRATION_OVERRUN, DISCREPANCY, FAULT, FLATLINE, OVER_RANGE, STEP
from plant.quality import BAD, CALIBRATING, FAULTY
from rules.engine.compiled import compiled
from rules.engine.features.feature import over_window
from rules.engine.features.window import Pools, sample_at
from rules.engine.memory.codes import IN, NO_EVIDENCE, OUT
from rules.engine.memory.machine import Machine, links_of
from rules.engine.memory.records import Entry, FeatureMemory, PointState, Ring, RuleNumbers, WindowState


@compiled
def health_verdict(kind: int, entry: Entry) -> int:
    """Judge `fault`, `over_range` or `calibration_overrun` at an accepted sample: IN, OUT, or NO_EVIDENCE.

    References
    ----------
    docs/en/semantics.md, "Conditions that are not limits".

    """
    if kind == OVER_RANGE:
        if not entry["evidence"]:
            return NO_EVIDENCE
        return IN if entry["over"] else OUT
    if entry["evidence"]:
        return OUT
    if kind == CALIBRATION_OVERRUN:
        return IN if entry["state"] & CALIBRATING else NO_EVIDENCE
    return IN if kind == FAULT and (entry["quality"] == BAD or entry["state"] & FAULTY) else NO_EVIDENCE


@compiled
def measured_verdict(m: Machine, r: int, rule: RuleNumbers, point: PointState, entry: Entry) -> int:
    """Judge a kind that compares a number with a setpoint, at an accepted sample: IN, OUT, or NO_EVIDENCE."""
    links, memory = links_of(m, r), m.memory[m.row_config[r]["memory"]]
    if rule["kind"] == FLATLINE:
        pools, ring = Pools(m.samples, m.sums), m.ring[m.point_config[entry["point"]]["ring"]]
        return flatline_verdict(pools, rule, memory, m.window[links["window"]], ring, entry)
    if rule["kind"] == STEP:
        return step_verdict(rule, memory, point, entry)
    if rule["kind"] == DISCREPANCY:
        return discrepancy_verdict(rule, memory, m.point[links["other"]], entry)
    return NO_EVIDENCE


@compiled
def step_verdict(rule: RuleNumbers, memory: FeatureMemory, point: PointState, entry: Entry) -> int:
    """Judge `step` at an accepted sample: IN, OUT, or NO_EVIDENCE; the next sample is compared with this one."""
    if math.isnan(entry["x"]):
        return NO_EVIDENCE
    before = point["previous"] if point["has_previous"] else math.nan
    point["previous"] = entry["x"]
    point["has_previous"] = 1
    return _difference(rule, memory, entry["x"] - before)


@compiled
def discrepancy_verdict(rule: RuleNumbers, memory: FeatureMemory, sister: PointState, entry: Entry) -> int:
    """Judge `discrepancy` at an accepted sample, by the state of the sister point: IN, OUT, or NO_EVIDENCE."""
    if math.isnan(entry["x"]) or sister["in_doubt"]:
        return NO_EVIDENCE
    return _difference(rule, memory, entry["x"] - sister["evidence"])


@compiled
def _difference(rule: RuleNumbers, memory: FeatureMemory, difference: float) -> int:
    # There is no evidence yet to compare with.
    if math.isnan(difference):
        return NO_EVIDENCE
    memory["value"] = difference
    return IN if abs(difference) > rule["beyond"] else OUT


@compiled
def flatline_verdict(  # noqa: PLR0917
    pools: Pools, rule: RuleNumbers, memory: FeatureMemory, window: WindowState, ring: Ring, entry: Entry
) -> int:
    """Judge `flatline` at an accepted sample, whose window has slid: IN, OUT, or NO_EVIDENCE."""
    if math.isnan(entry["x"]):
        return NO_EVIDENCE
    memory["value"] = over_window(pools, rule, window, ring)
    if memory["value"] > rule["beyond"]:
        return OUT
    # The window must reach back its whole span, over a time in which the point was not stale.
    now = sample_at(pools, ring, ring["tail"] - 1)["time"]
    long_enough = sample_at(pools, ring, window["head"])["time"] <= now - rule["span"]
    return IN if long_enough and window["head"] >= ring["not_stale_from"] else NO_EVIDENCE
