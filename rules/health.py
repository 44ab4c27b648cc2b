"""Health conditions: what an accepted sample says about fault, over range, calibration, flatline, step, discrepancy."""

import math
from typing import Any

from rules.cascade import in_doubt
from rules.compiled import compiled
from rules.evidence import BAD, CALIBRATING, FAULTY
from rules.features.feature import over_window
from rules.features.window import sample_time, slide
from rules.layout import (
    CALIBRATION,
    FAULT,
    FLATLINE,
    IN,
    NO_EVIDENCE,
    OUT,
    OVER_RANGE,
    STEP,
    Machine,
)


@compiled
def health_verdict(m: Machine, r: int, entry: Any) -> int:
    """Judge a health condition other than `stale` at an accepted sample.

    Parameters
    ----------
    m : Machine
        The sample is the last accepted one of its point; its evidence is in the ring.
    r : int
        Row of the condition.
    entry : record of ENTRY
        The sample.

    Returns
    -------
    int
        IN, OUT, or NO_EVIDENCE for a sample that is neither.

    References
    ----------
    docs/semantics.md, "Conditions that are not limits".

    """
    kind = m.row_config[r]["kind"]
    if kind in (FAULT, CALIBRATION):
        if entry["evidence"]:
            return OUT
        faulty = entry["quality"] == BAD or entry["state"] & FAULTY
        inside = faulty if kind == FAULT else entry["state"] & CALIBRATING
        return IN if inside else NO_EVIDENCE
    if not entry["evidence"]:
        return NO_EVIDENCE
    if kind == OVER_RANGE:
        return IN if entry["over"] else OUT
    return NO_EVIDENCE if math.isnan(entry["x"]) else _moves(m, r, entry["time"], entry["x"])


@compiled
def _moves(m: Machine, r: int, t: int, x: float) -> int:
    kind, p = m.row_config[r]["kind"], m.row_config[r]["point"]
    if kind == FLATLINE:
        return _flatline(m, r, t)
    other = math.nan
    if kind == STEP:
        other = m.point[p]["previous"] if m.point[p]["has_previous"] else math.nan
        m.point[p]["previous"] = x
        m.point[p]["has_previous"] = 1
    else:
        sister = m.row_config[r]["other"]
        if not in_doubt(m, sister):
            other = m.point[sister]["evidence"]
    if math.isnan(other):
        return NO_EVIDENCE
    difference = x - other
    m.row[r]["value"] = difference
    return IN if abs(difference) > m.row_config[r]["beyond"] else OUT


@compiled
def _flatline(m: Machine, r: int, t: int) -> int:
    slide(m, r, t)
    row, config = m.row[r], m.row_config[r]
    moved = over_window(m, r, t, 0.0)
    row["value"] = moved
    if moved > config["beyond"]:
        return OUT
    p, head = config["point"], row["head"]
    long_enough = sample_time(m, p, head) <= t - config["window"]
    return IN if long_enough and head >= m.point[p]["not_stale_from"] else NO_EVIDENCE
