"""Features: the numbers that limits compare, computed from the samples of one point."""

import math
from typing import Final

from rules.engine.compiled import compiled
from rules.engine.features.window import Pools, sample_at
from rules.engine.memory.codes import IN, NEITHER, NO_EVIDENCE, OUT
from rules.engine.memory.records import Entry, FeatureMemory, Ring, RuleNumbers, WindowState
from rules.spec.features import COUNT, DELTA, EWMA, EXTREMES, MAX, MEAN, MIN, MOMENTS, PROJECTED, RANGE, STD, SUM, WIDTH

PAIR: Final = WIDTH[EXTREMES]
OF_MOMENTS: Final = WIDTH[MOMENTS]
"""Widths of a total or extremes and of moments: at this place of a window lies the join of both parts."""


@compiled
def value_verdict(rule: RuleNumbers, entry: Entry) -> int:
    """Judge a limit of `value` at evidence: IN, OUT, NEITHER, or NO_EVIDENCE if the evidence is too weak."""
    # Evidence without a value (bit 8 and no range) is above every high limit, and says nothing about a low one.
    if math.isnan(entry["x"]):
        return NO_EVIDENCE if rule["low"] else IN
    return _at_its_worth(judge(rule, entry["x"]), entry["one_sided"])


@compiled
def feature_verdict(  # noqa: PLR0917
    pools: Pools, rule: RuleNumbers, memory: FeatureMemory, window: WindowState, ring: Ring, entry: Entry
) -> int:
    """Judge a limit of another feature at evidence; NO_EVIDENCE also if the feature is undefined.

    Parameters
    ----------
    pools : Pools
        The evidence is in the ring already, if it has a value, and the window has slid.
    rule, memory, window, ring, entry : record
        The limit, what it remembers, its window (of the `ewma`, any), the ring of its point, and the sample.

    """
    # Evidence without a value is the largest value of every window, and enters none.
    if math.isnan(entry["x"]):
        return IN if not rule["low"] and rule["feature"] == MAX else NO_EVIDENCE
    if rule["feature"] == EWMA:
        feature, one_sided = _ewma(rule, memory, entry)
    else:
        feature = over_window(pools, rule, window, ring)
        one_sided = 1 if ring["one_sided"] >= window["head"] else 0
    if math.isnan(feature):
        return NO_EVIDENCE
    memory["value"] = feature
    return _at_its_worth(judge(rule, feature), one_sided)


@compiled
def _at_its_worth(verdict: int, one_sided: int) -> int:
    """Return the verdict of one-sided evidence: it can be in, never out."""
    return NO_EVIDENCE if one_sided and verdict != IN else verdict


@compiled
def _ewma(rule: RuleNumbers, memory: FeatureMemory, entry: Entry) -> tuple[float, int]:
    """Return the exponentially weighted mean, and 1 if one-sided evidence still weighs in it, else 0."""
    t = entry["time"]
    if entry["one_sided"]:
        memory["one_sided_time"] = t
    if memory["has_ewma"]:
        memory["ewma"] += -math.expm1(-(t - memory["ewma_time"]) / rule["tau"]) * (entry["x"] - memory["ewma"])
    else:
        memory["ewma"] = entry["x"]
        memory["has_ewma"] = 1
    memory["ewma_time"] = t
    return memory["ewma"], 1 if memory["one_sided_time"] > t - rule["memory"] else 0


@compiled
def over_window(pools: Pools, rule: RuleNumbers, window: WindowState, ring: Ring) -> float:
    """Return the feature of a rule over its window, whose newest sample is that of now; NaN if it is undefined."""
    feature, sums = rule["feature"], pools.sums
    count = ring["tail"] - window["head"]
    if SUM <= feature <= RANGE:
        place = window["place"] + PAIR
        return _of_pair(feature, sums[place], sums[place + 1], count)
    if feature == STD:
        return math.sqrt(sums[window["place"] + OF_MOMENTS + 4] / count)
    return float(count) if feature == COUNT else _over_span(pools, rule, window, ring)


@compiled
def _over_span(pools: Pools, rule: RuleNumbers, window: WindowState, ring: Ring) -> float:
    """Return `delta`, `slope` or `projected`: they need samples that span at least half the window."""
    sums, place = pools.sums, window["place"] + OF_MOMENTS
    last, first = sample_at(pools, ring, ring["tail"] - 1), sample_at(pools, ring, window["head"])
    if 2 * (last["time"] - first["time"]) < rule["span"]:
        return math.nan
    if rule["feature"] == DELTA:
        return float(last["value"] - first["value"])
    if ring["tail"] - window["head"] < 3:
        return math.nan
    rise = sums[place + 3] / sums[place + 2] * rule["scale"]
    return float(last["value"] + rise if rule["feature"] == PROJECTED else rise)


@compiled
def _of_pair(feature: int, first: float, second: float, count: int) -> float:
    """Return what follows from a pair of numbers: least and greatest value, or a sum and its rounding error."""
    if feature == MIN:
        return first
    if feature == MAX:
        return second
    if feature == RANGE:
        return second - first
    return (first + second) / count if feature == MEAN else first + second


@compiled
def judge(rule: RuleNumbers, feature: float) -> int:
    """Compare a feature with setpoint and clear: IN, OUT or NEITHER."""
    # The tolerances of the comparison are in `enter` and `leave` already.
    if rule["low"]:
        if feature <= rule["enter"]:
            return IN
        return OUT if feature > rule["leave"] else NEITHER
    if feature >= rule["enter"]:
        return IN
    return OUT if feature < rule["leave"] else NEITHER
