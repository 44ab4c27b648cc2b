"""Evidence: whether a sample is late, which time it takes, and what its value is worth.

What *late*, *the same*, *stale* and *evidence* mean is defined once, in ingest/lateness.py and plant/evidence.py. This
file compiles these definitions for the kernels, and keeps what they need to know of a point.
"""

import math

import ingest
import plant
from plant.quality import OVER_RANGE_BIT
from rules.engine.compiled import compiled, inlined
from rules.engine.memory.codes import LONG_AGO
from rules.engine.memory.records import Entry, PointConfig, PointState

IN_TIME, LATE, DUPLICATE = 0, 1, 2

is_late = inlined(ingest.is_late)
is_same = inlined(ingest.is_same)
stale_due = inlined(ingest.stale_due)
ends_staleness = inlined(ingest.ends_staleness)
is_evidence = inlined(plant.is_evidence)
is_over_range = inlined(plant.is_over_range)


@compiled
def lateness(point: PointState, entry: Entry) -> int:
    """Tell whether a sample is in time, late, or a duplicate.

    It is judged against the last accepted sample of its point. While the point is stale it is judged against the last
    sample that arrived, accepted or late: a clock that was set back blinds a point for no longer than `stale_after`.
    """
    against_late = point["stale"] and point["last_arrived_late"]
    accepted = point["source"] if point["has"] else LONG_AGO
    reference = point["last_arrived_source"] if against_late else accepted
    if is_late(entry["backfilled"], entry["source"], reference):
        return LATE
    repeats = entry["source"] == reference and _says_the_same(point, entry, against_late)
    return DUPLICATE if repeats else IN_TIME


@compiled
def _says_the_same(point: PointState, entry: Entry, against_late: int) -> bool:
    sample = (entry["value"], entry["quality"], entry["state"])
    if against_late:
        return is_same(
            sample, (point["last_arrived_value"], point["last_arrived_quality"], point["last_arrived_state"])
        )
    return is_same(sample, (point["value"], point["quality"], point["state"]))


@compiled
def count_late(point: PointState, entry: Entry, late: int) -> None:
    """Count a late sample, and remember that it arrived."""
    if late == DUPLICATE:
        point["duplicates"] += 1
    else:
        point["late"] += 1
    point["last_arrived_late"] = 1
    point["last_arrived_source"] = entry["source"]
    point["last_arrived_value"] = entry["value"]
    point["last_arrived_quality"] = entry["quality"]
    point["last_arrived_state"] = entry["state"]


@compiled
def take_time(point: PointState, entry: Entry) -> bool:
    """Give a sample its time, after that of the last accepted sample; tell whether a clock was set back.

    A sample of the same source time takes the nanosecond after it. Only a stale point may go back in time.
    """
    entry["time"] = entry["source"]
    if not point["has"]:
        return False
    if entry["source"] == point["source"] and not _says_the_same(point, entry, 0):
        entry["time"] = point["time"] + 1
    elif not point["stale"]:
        entry["time"] = max(entry["source"], point["time"] + 1)
    return bool(point["stale"] and entry["time"] <= point["time"])


@compiled
def accept(config: PointConfig, point: PointState, entry: Entry, last_tick: int) -> None:
    """Make a sample the last accepted one of its point, and find what it is worth as evidence."""
    point["has"] = 1
    point["last_arrived_late"] = 0
    point["source"] = entry["source"]
    point["time"] = entry["time"]
    point["value"] = entry["value"]
    point["quality"] = entry["quality"]
    point["state"] = entry["state"]
    point["accepted"] += 1
    evidence = is_evidence(entry["quality"], entry["state"])
    entry["evidence"] = 1 if evidence else 0
    entry["over"] = 0
    entry["x"] = math.nan
    if evidence:
        _look_at_value(config, entry)
        point["raw"] = entry["value"]
        # With bit 8 and no range there is no end of the range to look at: the evidence before stays.
        if not math.isnan(entry["x"]):
            point["evidence"] = entry["x"]
    too_old = point["stale"] and not ends_staleness(entry["time"], config["stale_after"], last_tick)
    entry["one_sided"] = 1 if entry["over"] or too_old else 0
    point["in_doubt"] = 1 if entry["one_sided"] or not evidence else 0


@compiled
def _look_at_value(config: PointConfig, entry: Entry) -> None:
    """Find the value that the limits look at: of evidence over range, the end of the range that it is beyond."""
    value = entry["value"]
    entry["x"] = value
    if not is_over_range(value, entry["state"], config["lower"], config["upper"]):
        return
    entry["over"] = 1
    if entry["state"] & OVER_RANGE_BIT:
        # The device says that it is above its range, and its value means nothing.
        entry["x"] = config["highest"] if config["has_range"] else math.nan
    else:
        entry["x"] = config["highest"] if value > config["upper"] else config["lowest"]
