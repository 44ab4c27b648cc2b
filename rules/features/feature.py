"""Features: the number that a limit looks at, from the samples of one point."""

import math
from typing import Any

from rules.compiled import compiled
from rules.features.window import Pools, sample_at, slide
from rules.layout import (
    COUNT,
    DELTA,
    EWMA,
    IN,
    MAX,
    MEAN,
    MIN,
    NEITHER,
    NO_EVIDENCE,
    OUT,
    PROJECTED,
    RANGE,
    STD,
    SUM,
    VALUE,
)


@compiled
def limit_verdict(pools: Pools, config: Any, row: Any, point: Any, entry: Any) -> int:
    """Judge a limit at evidence: IN, OUT, NEITHER, or NO_EVIDENCE where its feature is undefined or too weak.

    Evidence without a value (bit 8, no range) is in for what looks at the largest value, and says nothing else.
    """
    if math.isnan(entry["x"]):
        return IN if not config["low"] and config["feature"] in (VALUE, MAX) else NO_EVIDENCE
    if config["feature"] == VALUE:
        feature, one_sided = entry["x"], entry["one_sided"] > 0
    elif config["feature"] == EWMA:
        feature, one_sided = _ewma(config, row, entry)
    else:
        slide(pools, config, row, point)
        feature, one_sided = over_window(pools, config, row, point), row["one_sided"] > 0
    if math.isnan(feature):
        return NO_EVIDENCE
    row["value"] = feature
    verdict = judge(config, feature)
    return NO_EVIDENCE if one_sided and verdict != IN else verdict


@compiled
def _ewma(config: Any, row: Any, entry: Any) -> tuple[float, bool]:
    """Return the exponentially weighted mean, and whether one-sided evidence is too near."""
    t = entry["time"]
    if entry["one_sided"]:
        row["one_sided_time"] = t
    if row["has_ewma"]:
        row["ewma"] += -math.expm1(-(t - row["ewma_time"]) / config["tau"]) * (entry["x"] - row["ewma"])
    else:
        row["ewma"] = entry["x"]
        row["has_ewma"] = 1
    row["ewma_time"] = t
    return row["ewma"], row["one_sided_time"] > t - config["memory"]


@compiled
def over_window(pools: Pools, config: Any, row: Any, point: Any) -> float:
    """Return a windowed feature of a row, its newest sample being that of now; NaN where it is undefined."""
    feature, sums, place = config["feature"], pools.sums, row["place"] + config["width"]
    count = point["tail"] - row["head"]
    if SUM <= feature <= RANGE:
        return _of_pair(feature, sums[place], sums[place + 1], count)
    if feature == STD:
        return math.sqrt(sums[place + 4] / count)
    return float(count) if feature == COUNT else _over_span(pools, config, row, point)


@compiled
def _over_span(pools: Pools, config: Any, row: Any, point: Any) -> float:
    """Return what needs a span of at least half the window."""
    feature, sums, place = config["feature"], pools.sums, row["place"] + config["width"]
    last, oldest = sample_at(pools, point, point["tail"] - 1), sample_at(pools, point, row["head"])
    if 2 * (last["time"] - oldest["time"]) < config["window"]:
        return math.nan
    if feature == DELTA:
        return float(last["value"] - oldest["value"])
    if point["tail"] - row["head"] < 3:
        return math.nan
    rise = sums[place + 3] / sums[place + 2] * config["scale"]
    return float(last["value"] + rise if feature == PROJECTED else rise)


@compiled
def _of_pair(feature: int, one: float, other: float, count: int) -> float:
    """Return what follows from a sum with its error, or from the least and the greatest value."""
    if feature == MIN:
        return one
    if feature == MAX:
        return other
    if feature == RANGE:
        return other - one
    return (one + other) / count if feature == MEAN else one + other


@compiled
def judge(config: Any, feature: float) -> int:
    """Compare a feature with setpoint and clear: IN, OUT or NEITHER."""
    if config["low"]:
        if feature <= config["enter"]:
            return IN
        return OUT if feature > config["leave"] else NEITHER
    if feature >= config["enter"]:
        return IN
    return OUT if feature < config["leave"] else NEITHER
