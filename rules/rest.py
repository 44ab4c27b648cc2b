"""Points at rest: what a sample does that can change no condition, in one small record per point.

At rest is a point of which every condition is NORMAL or ACTIVE and that nothing but its own limits of `value` and its
votes look at. GOOD and UNCERTAIN samples within its band, in order and before it would be stale, change nothing but the
last accepted sample: that is kept here, and written back before anything else looks at the point.
"""

from typing import Any, Final

import numpy as np

from rules.compiled import compiled
from rules.layout import ACTIVE, NORMAL, Machine

BAD: Final = 2
LARGEST: Final = float(np.finfo(np.float64).max)


@compiled
def rests(rest: Any, log: Any, i: int) -> bool:
    """Take a sample that changes nothing; return False, with nothing done, where it might change something.

    Parameters
    ----------
    rest : record of REST
        Of the point of the sample.
    log : Columns
        Where the sample is.
    i : int
        The entry of the log.

    """
    value, t = log.value[i], log.time[i]
    if not rest["lowest"] <= value <= rest["highest"]:
        return False
    if log.quality[i] >= BAD or log.state[i] or log.backfilled[i]:
        return False
    if t <= rest["time"] or t - rest["time"] > rest["patience"]:
        return False
    rest["time"] = t
    rest["value"] = value
    rest["quality"] = log.quality[i]
    rest["taken"] += 1
    return True


@compiled
def write_back(m: Machine, p: int) -> None:
    """Let the machine know what came while a point was at rest."""
    rest = m.rest[p]
    if not rest["taken"]:
        return
    point, config = m.point[p], m.point_config[p]
    point["came_late"] = 0
    point["source"] = rest["time"]
    point["time"] = rest["time"]
    point["value"] = rest["value"]
    point["evidence"] = rest["value"]
    point["raw"] = rest["value"]
    point["quality"] = rest["quality"]
    point["state"] = 0
    point["accepted"] += rest["taken"]
    rest["taken"] = 0
    for r in range(config["limits"], config["health"]):
        m.row[r]["value"] = rest["value"]
    if config["stale_after"] > 0:
        g = m.globals[0]
        m.row[config["health"]]["due"] = max(rest["time"], g["first"], g["start"]) + config["stale_after"]


@compiled
def wake(m: Machine, p: int) -> None:
    """Let every sample of a point be looked at."""
    write_back(m, p)
    m.rest[p]["lowest"] = 1.0
    m.rest[p]["highest"] = 0.0


@compiled
def lay_to_rest(m: Machine, p: int) -> None:
    """Find the band in which no sample of a point changes a condition, if there is one now."""
    point, config, rest = m.point[p], m.point_config[p], m.rest[p]
    rest["lowest"] = 1.0
    rest["highest"] = 0.0
    if not config["may_rest"] or not point["has"] or not point["quiet"] or point["stale"] or point["weak"]:
        return
    lowest, highest = max(config["lower"], -LARGEST), min(config["upper"], LARGEST)
    for r in range(config["limits"], config["health"]):
        state, limit = m.row[r]["state"], m.row_config[r]
        if state not in (NORMAL, ACTIVE):
            return
        edge = limit["leave"] if state == ACTIVE else limit["before"]
        if (state == ACTIVE) == bool(limit["low"]):
            highest = min(highest, edge)
        else:
            lowest = max(lowest, edge)
    for r in range(config["health"], config["feeds"]):
        if m.row[r]["state"] != NORMAL:
            return
    rest["time"] = point["time"]
    rest["lowest"] = lowest
    rest["highest"] = highest


def write_all_back(m: Machine) -> None:
    """Let the machine know what came while its points were at rest, and make the bounds of all timers exact."""
    moved = np.flatnonzero(m.rest["taken"])
    rest, config, g = m.rest[moved], m.point_config[moved], m.globals[0]
    for name, given in {"source": "time", "evidence": "value", "raw": "value"}.items():
        m.point[name][moved] = rest[given]
    for name in ("time", "value", "quality"):
        m.point[name][moved] = rest[name]
    m.point["came_late"][moved] = 0
    m.point["state"][moved] = 0
    m.point["accepted"][moved] += rest["taken"]
    m.rest["taken"] = 0
    length = config["health"] - config["limits"]
    begins = np.repeat(config["limits"] - (np.cumsum(length) - length), length)
    m.row["value"][begins + np.arange(length.sum())] = np.repeat(rest["value"], length)
    ends = config["stale_after"] > 0
    last = np.maximum(rest["time"], max(g["first"], g["start"]))
    m.row["due"][config["health"][ends]] = (last + config["stale_after"])[ends]
    if len(m.point):
        m.bounds[:] = np.minimum.reduceat(m.row["due"], m.point_config["limits"])
        g["bound"] = m.bounds.min()


def wake_all(m: Machine) -> None:
    """Let every sample of every point be looked at."""
    write_all_back(m)
    m.rest["lowest"] = 1.0
    m.rest["highest"] = 0.0
