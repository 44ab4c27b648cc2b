"""Features: the number that a limit looks at, from the samples of one point."""

import math
from typing import Any

from rules.compiled import compiled
from rules.features.window import sample_time, sample_value, slide
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
    Machine,
)


@compiled
def limit_verdict(m: Machine, r: int, entry: Any) -> int:
    """Judge a limit at evidence: IN, OUT, NEITHER, or NO_EVIDENCE where the feature is undefined or too weak.

    Evidence without a value (bit 8, no range) is in for what looks at the largest value, and says nothing else.
    """
    config, row = m.row_config[r], m.row[r]
    if math.isnan(entry["x"]):
        return IN if not config["low"] and config["feature"] in (VALUE, MAX) else NO_EVIDENCE
    feature, one_sided = feature_at(m, r, entry)
    if math.isnan(feature):
        return NO_EVIDENCE
    row["value"] = feature
    verdict = judge(m, r, feature)
    return NO_EVIDENCE if one_sided and verdict != IN else verdict


@compiled
def feature_at(m: Machine, r: int, entry: Any) -> tuple[float, int]:
    """Return the feature of a limit at an evidence sample, and whether it is one-sided.

    Parameters
    ----------
    m : Machine
        The sample is the newest of its point's ring.
    r : int
        Row of the limit.
    entry : record of ENTRY
        The sample.

    Returns
    -------
    float
        NaN where the feature is undefined: too few samples, or too short a span. [unit of the feature]
    int
        Whether the window holds one-sided evidence.

    References
    ----------
    docs/semantics.md, "Features".

    """
    feature = m.row_config[r]["feature"]
    if feature == VALUE:
        return float(entry["x"]), int(entry["one_sided"])
    if feature == EWMA:
        return _ewma(m, r, entry)
    slide(m, r, entry["time"])
    return over_window(m, r, entry["time"], entry["x"]), 1 if m.row[r]["one_sided"] > 0 else 0


@compiled
def _ewma(m: Machine, r: int, entry: Any) -> tuple[float, int]:
    row, config, t, x = m.row[r], m.row_config[r], entry["time"], entry["x"]
    if entry["one_sided"]:
        row["one_sided_time"] = t
    if row["has_ewma"]:
        row["ewma"] += -math.expm1(-(t - row["ewma_time"]) / config["tau"]) * (x - row["ewma"])
    else:
        row["ewma"] = x
        row["has_ewma"] = 1
    row["ewma_time"] = t
    return float(row["ewma"]), 1 if row["one_sided_time"] > t - config["memory"] else 0


@compiled
def over_window(m: Machine, r: int, t: int, x: float) -> float:
    """Return a windowed feature of a row, its window being at t; NaN where it is undefined."""
    row, config = m.row[r], m.row_config[r]
    feature, p = config["feature"], config["point"]
    count = m.point[p]["tail"] - row["head"]
    if feature == COUNT:
        return float(count)
    if feature < SUM or feature > STD:
        spans = 2 * (t - sample_time(m, p, row["head"])) >= config["window"]
        if feature == DELTA:
            return float(x - sample_value(m, p, row["head"])) if spans else math.nan
        return _trend(m, r, x) if spans and count >= 3 else math.nan
    place = row["place"] + config["width"]
    if feature == STD:
        return math.sqrt(m.sums[place + 4] / count)
    return _of_pair(feature, m.sums[place], m.sums[place + 1], count)


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
def _trend(m: Machine, r: int, x: float) -> float:
    """Return the least-squares slope per `per`, or where it leads to within the horizon."""
    config = m.row_config[r]
    place = m.row[r]["place"] + config["width"]
    rise = m.sums[place + 3] / m.sums[place + 2] * config["scale"]
    return float(x + rise) if config["feature"] == PROJECTED else float(rise)


@compiled
def judge(m: Machine, r: int, value: float) -> int:
    """Compare a feature with setpoint and clear: IN, OUT or NEITHER."""
    config = m.row_config[r]
    if config["low"]:
        if value <= config["enter"]:
            return IN
        return OUT if value > config["leave"] else NEITHER
    if value >= config["enter"]:
        return IN
    return OUT if value < config["leave"] else NEITHER
