"""Calm points: most samples change nothing, and such a sample costs two comparisons and one small record.

Theory of operation. A point is calm while no sample of its band can change a condition. Four steps:

    find_calm_band   after a sample that was evaluated: is there a band, and how wide is it? (calm_band.py, with proof)
    skip_calm        for each sample of a calm point: is it in the band? Then note it here, and evaluate nothing.
    write_back       before anything reads the point: let the machine know what was noted here.
    wake             before anything evaluates the point: write back, drop the band, bring the windows up to date.

Only a point that nothing but its own limits and its votes looks at can be calm (`may_be_calm`, memory/graph.py). It has
no calculated point that follows it, is no sister point, and has no health kind from FIRST_MEASURED on.

What is behind while a point is calm, and why nobody sees it:

* the last accepted sample and the counts of the point: `write_back` precedes every read of them;
* the due time of `stale`: it is too early, so a tick that reaches it writes back and finds the later one;
* the sums of the windows: the samples are in the ring, and `wake` makes the sums anew from the ring.

An event is the same with and without this file; tests/rules/engine/test_calm.py and test_steady.py run both.
"""

from collections.abc import Callable
from typing import Final

from plant.columns.rows import Rows
from plant.quality import BAD
from rules.engine.compiled import compiled, entry_point, fingerprint, inlined
from rules.engine.evidence import stale_due
from rules.engine.features.room import LEAST, oldest
from rules.engine.features.window import Pools, advance
from rules.engine.memory.codes import NEVER
from rules.engine.memory.machine import Columns, Machine
from rules.engine.memory.records import CalmBand, RingSample
from rules.engine.transition import expect

PATIENCE: Final = 4
"""After a wake, no band is looked for during a quarter of the longest window: so the search, which reads the whole
window, costs little for each sample."""


@inlined
def skip_calm(band: CalmBand, samples: Rows[RingSample], log: Columns, i: int) -> bool:
    """Take a sample that changes nothing; return False, with nothing done, if it might change something.

    Parameters
    ----------
    band : CalmBand
        Band of the sample's point.
    samples : array of RingSample
        The pool in which the ring of the point lies.
    log : Columns
        The piece of the log.
    i : int
        The entry of the log.

    """
    value, t = log.value[i], log.time[i]
    # A point that is not calm has an empty band, and NaN is in no band.
    if not band["lowest"] <= value <= band["highest"]:
        return False
    # BAD and all state bits bring doubt or belong to a health condition.
    if log.quality[i] >= BAD or log.state[i] or log.backfilled[i]:
        return False
    # Nearer is late, a duplicate, or steeper than the proof allows; further may be stale, or leave a window too empty.
    since = t - band["time"]
    if since < band["shortest"] or since > band["longest"]:
        return False
    slot = band["slot"]
    if band["end"]:
        # The ring is full; `make_room`, which may move it, works on awake points.
        if slot == band["end"]:
            return False
        samples[slot]["time"] = t
        samples[slot]["value"] = value
        band["slot"] = slot + 1
    band["time"] = t
    band["value"] = value
    band["quality"] = log.quality[i]
    band["taken"] += 1
    return True


@inlined
def write_back(m: Machine, p: int) -> None:
    """Let the machine know which samples a calm point took."""
    band = m.calm[p]
    if not band["taken"]:
        return
    point, config = m.point[p], m.point_config[p]
    point["last_arrived_late"] = 0
    point["source"] = band["time"]
    point["time"] = band["time"]
    point["value"] = band["value"]
    point["evidence"] = band["value"]
    point["raw"] = band["value"]
    point["quality"] = band["quality"]
    point["state"] = 0
    point["accepted"] += band["taken"]
    if config["ring"]:
        m.ring[config["ring"]]["tail"] += band["taken"]
    band["taken"] = 0
    if config["stale_after"] > 0:
        g = m.globals[0]
        due = stale_due(band["time"], max(g["first"], g["start"]), config["stale_after"])
        # No `arm`: the bound of the point is the earlier due time of before.
        expect(m.row[config["health"]], due)


@inlined
def wake(m: Machine, p: int) -> None:
    """Let every further sample of a point be evaluated."""
    band = m.calm[p]
    if band["lowest"] > band["highest"]:
        return
    write_back(m, p)
    band["lowest"] = 1.0
    band["highest"] = 0.0
    config = m.point_config[p]
    if config["ring"]:
        pools, ring = Pools(m.samples, m.sums), m.ring[config["ring"]]
        for w in range(config["windows"], config["windows_end"]):
            advance(pools, m.window_config[w], m.window[w], ring)
            m.window[w]["middle"] = m.window[w]["head"]  # the older part is used up: the next slide makes it anew
        # A point that woke for want of room is as calm as before; all others stay awake for a while.
        full = band["slot"] == band["end"]
        ring["search_from"] = ring["tail"] if full else ring["tail"] + pause_of(ring["tail"] - oldest(m, p))


@compiled
def pause_of(count: int) -> int:
    """Return after how many samples a band is looked for again, if the windows hold `count`."""
    return max(count // PATIENCE, LEAST)


AllPoints = Callable[[Machine, int], None]


def _all_points_with(kernels: str) -> AllPoints:
    @entry_point
    def all_points(m: Machine, wakes: int) -> None:
        """Write every point back, or wake it, and make the bounds of all timers exact."""
        kernels  # noqa: B018 - part of the closure, so that numba compiles anew when any kernel changes
        g = m.globals[0]
        g["bound"] = NEVER
        for p in range(len(m.point)):
            if wakes:
                wake(m, p)
            else:
                write_back(m, p)
            m.bounds[p] = NEVER
            for r in range(m.point_config[p]["limits"], m.point_config[p]["end"]):
                m.bounds[p] = min(m.bounds[p], m.row[r]["due"])
            g["bound"] = min(g["bound"], m.bounds[p])

    return all_points


_all_points: Final = _all_points_with(fingerprint())


def write_all_back(m: Machine) -> None:
    """Let the machine know which samples its calm points took, and make the bounds of all timers exact."""
    _all_points(m, 0)


def wake_all(m: Machine) -> None:
    """Let every further sample of every point be evaluated, and make the bounds of all timers exact."""
    _all_points(m, 1)
