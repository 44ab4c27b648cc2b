"""Evidence: whether a sample is late, what it says, and how its value is looked at."""

import math

from plant.quality import BAD, BLOCKING, OVER_RANGE_BIT
from rules.engine.compiled import compiled
from rules.engine.records import Entry, PointConfig, PointState

IN_TIME, LATE, DUPLICATE = 0, 1, 2


@compiled
def lateness(point: PointState, entry: Entry) -> int:
    """Tell whether a sample is in time, late, or a duplicate.

    It is judged against the last accepted sample of its point; while the point is stale, against the last that came.
    """
    if entry["backfilled"]:
        return LATE
    came = point["stale"] and point["came_late"]
    if not came and not point["has"]:
        return IN_TIME
    than = point["came_source"] if came else point["source"]
    if entry["source"] != than:
        return LATE if entry["source"] < than else IN_TIME
    return DUPLICATE if _is_same(point, entry, came) else IN_TIME


@compiled
def _is_same(point: PointState, entry: Entry, came: int) -> bool:
    held = point["came_value"] if came else point["value"]
    quality = point["came_quality"] if came else point["quality"]
    state = point["came_state"] if came else point["state"]
    same = quality == entry["quality"] and state == entry["state"]
    return bool(same and (held == entry["value"] or (math.isnan(held) and math.isnan(entry["value"]))))


@compiled
def count_late(point: PointState, entry: Entry, late: int) -> None:
    """Count a late sample, and remember that it came."""
    if late == DUPLICATE:
        point["duplicates"] += 1
    else:
        point["late"] += 1
    point["came_late"] = 1
    point["came_source"] = entry["source"]
    point["came_value"] = entry["value"]
    point["came_quality"] = entry["quality"]
    point["came_state"] = entry["state"]


@compiled
def take_time(point: PointState, entry: Entry) -> bool:
    """Give a sample its time, after that of the last accepted one; tell whether a clock was set back.

    One of the same source time takes the nanosecond after it. Only a point that is stale may go back in time.
    """
    entry["time"] = entry["source"]
    if not point["has"]:
        return False
    if entry["source"] == point["source"] and not _is_same(point, entry, 0):
        entry["time"] = point["time"] + 1
    elif not point["stale"]:
        entry["time"] = max(entry["source"], point["time"] + 1)
    return bool(point["stale"] and entry["time"] <= point["time"])


@compiled
def accept(config: PointConfig, point: PointState, entry: Entry, last_tick: int) -> None:
    """Make a sample the last accepted one of its point, and see what it is worth as evidence."""
    point["has"] = 1
    point["came_late"] = 0
    point["source"] = entry["source"]
    point["time"] = entry["time"]
    point["value"] = entry["value"]
    point["quality"] = entry["quality"]
    point["state"] = entry["state"]
    point["accepted"] += 1
    bit8 = entry["state"] & OVER_RANGE_BIT
    evidence = not entry["state"] & BLOCKING and (entry["quality"] < BAD or bit8)
    entry["evidence"] = 1 if evidence else 0
    entry["over"] = 0
    entry["x"] = math.nan
    if evidence:
        _look_at_value(config, entry, bit8)
        point["raw"] = entry["value"]
        if not math.isnan(entry["x"]):  # with bit 8 and no range there is no end to look at: the evidence before stays
            point["evidence"] = entry["x"]
    too_old = point["stale"] and entry["time"] + config["stale_after"] <= last_tick
    entry["one_sided"] = 1 if entry["over"] or too_old else 0
    point["weak"] = 1 if entry["one_sided"] or not evidence else 0


@compiled
def _look_at_value(config: PointConfig, entry: Entry, bit8: int) -> None:
    """See evidence beyond the range with its margin as the end of the range; with bit 8 as the upper end, if any."""
    value = entry["value"]
    entry["x"] = value
    if bit8:
        entry["x"] = config["highest"] if config["has_range"] else math.nan
        entry["over"] = 1
    elif value > config["upper"]:
        entry["x"] = config["highest"]
        entry["over"] = 1
    elif value < config["lower"]:
        entry["x"] = config["lowest"]
        entry["over"] = 1
