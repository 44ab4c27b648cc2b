"""Evidence: what an accepted sample says, and how its value is looked at."""

import math
from typing import Any

from rules.compiled import compiled
from rules.layout import Machine

BAD = 2
OVER_RANGE_BIT = 8
BLOCKING = 4 | 16 | 32 | 64 | 128
CALIBRATING = 4
IN_TIME, LATE, DUPLICATE = 0, 1, 2
FAULTY = 16 | 32 | 64 | 128


@compiled
def is_evidence(entry: Any) -> bool:
    """Tell whether a sample says anything about safety."""
    quality, state = entry["quality"], entry["state"]
    return bool(not state & BLOCKING and (quality < BAD or state & OVER_RANGE_BIT))


@compiled
def lateness(m: Machine, entry: Any) -> int:
    """Tell whether a sample is in time, late, or a duplicate.

    While a point is stale it is judged against the last sample that came, otherwise against the last accepted one.
    """
    point = m.point[entry["point"]]
    if entry["backfilled"]:
        return LATE
    if point["stale"]:
        if not point["has_come"]:
            return IN_TIME
        than, held = point["came_source"], point["came_value"]
        same = point["came_quality"] == entry["quality"] and point["came_state"] == entry["state"]
    else:
        if not point["has"]:
            return IN_TIME
        than, held = point["source"], point["value"]
        same = point["quality"] == entry["quality"] and point["state"] == entry["state"]
    if entry["source"] != than:
        return LATE if entry["source"] < than else IN_TIME
    value = entry["value"]
    same = same and (held == value or (math.isnan(held) and math.isnan(value)))
    return DUPLICATE if same else IN_TIME


@compiled
def look_at_value(m: Machine, entry: Any) -> tuple[float, int]:
    """Return the value of evidence as conditions look at it, and whether it is over range.

    Beyond the range with its margin it is the end of the range; with bit 8 the upper end, NaN where there is none.
    """
    config, value = m.point_config[entry["point"]], entry["value"]
    if entry["state"] & OVER_RANGE_BIT:
        return (config["highest"] if config["has_range"] else math.nan), 1
    if config["has_range"]:
        if value > config["upper"]:
            return config["highest"], 1
        if value < config["lower"]:
            return config["lowest"], 1
    return value, 0
