"""Health conditions: what an accepted sample says about fault, over range, calibration, flatline, step, discrepancy."""

import math
from typing import Any

from rules.compiled import compiled
from rules.evidence import BAD
from rules.features.feature import over_window
from rules.features.window import Pools, sample_at, slide
from rules.layout import CALIBRATION, FAULT, FLATLINE, IN, NO_EVIDENCE, OUT, OVER_RANGE, STEP

CALIBRATING = 4
FAULTY = 16 | 32 | 64 | 128


@compiled
def health_verdict(kind: int, entry: Any) -> int:
    """Judge `fault`, `over_range` or `calibration_overrun` at an accepted sample: IN, OUT, or NO_EVIDENCE for neither.

    References
    ----------
    docs/semantics.md, "Conditions that are not limits".

    """
    if kind == OVER_RANGE:
        if not entry["evidence"]:
            return NO_EVIDENCE
        return IN if entry["over"] else OUT
    if entry["evidence"]:
        return OUT
    if kind == CALIBRATION:
        return IN if entry["state"] & CALIBRATING else NO_EVIDENCE
    return IN if kind == FAULT and (entry["quality"] == BAD or entry["state"] & FAULTY) else NO_EVIDENCE


@compiled
def movement_verdict(pools: Pools, config: Any, row: Any, point: Any, other: Any, entry: Any) -> int:  # noqa: PLR0917
    """Judge `flatline`, `step` or `discrepancy` at an accepted sample: IN, OUT, or NO_EVIDENCE for neither.

    Parameters
    ----------
    pools : Pools
        The evidence, if any, is in the ring.
    config, row, point : record
        The condition and its point.
    other : record of POINT_STATE
        The sister point of `discrepancy`.
    entry : record of ENTRY
        The sample.

    """
    if math.isnan(entry["x"]):
        return NO_EVIDENCE
    if config["kind"] == FLATLINE:
        return _flatline(pools, config, row, point)
    than = math.nan
    if config["kind"] == STEP:
        if point["has_previous"]:
            than = point["previous"]
        point["previous"] = entry["x"]
        point["has_previous"] = 1
    elif not other["stale"] and not other["weak"]:
        than = other["evidence"]
    if math.isnan(than):
        return NO_EVIDENCE
    row["value"] = entry["x"] - than
    return IN if abs(row["value"]) > config["beyond"] else OUT


@compiled
def _flatline(pools: Pools, config: Any, row: Any, point: Any) -> int:
    slide(pools, config, row, point)
    row["value"] = over_window(pools, config, row, point)
    if row["value"] > config["beyond"]:
        return OUT
    now = sample_at(pools, point, point["tail"] - 1)["time"]
    long_enough = sample_at(pools, point, row["head"])["time"] <= now - config["window"]
    return IN if long_enough and row["head"] >= point["not_stale_from"] else NO_EVIDENCE
