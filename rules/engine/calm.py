"""Points at rest: what a sample does that can change no condition, in one small record per point.

At rest is a point of which every condition is NORMAL or ACTIVE, and that nothing but its own limits and its votes look
at. GOOD and UNCERTAIN samples within its band, in order, and no nearer and no further apart than those before, change
nothing but the last accepted sample and the ring of its windows: that is kept here, and written back before anything
else looks at the point. What a window sums up is found anew from the ring when the point wakes.

The band of a point with windows is so narrow that no feature of samples that all lie in it can reach a limit. Of the
slope: with n samples (3 at least) no nearer than s and no further than L apart, the squares of their distances from
the mean time have a sum of at least s^2 n (n^2 - 1) / 12, and n is at least W / L, for the windows are full; so, by
Cauchy's inequality, |slope| is at most sqrt(27 / 8) L / s times the width of the band over W.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from plant.quality import BAD
from rules.engine.compiled import compiled, entry_point, fingerprint, inlined
from rules.engine.features.room import LEAST, oldest
from rules.engine.features.window import Pools, advance, sample_at
from rules.engine.records import (
    ACTIVE,
    NEVER,
    NORMAL,
    CalmBand,
    Columns,
    Machine,
    PointConfig,
    Ring,
    RingSample,
    Rows,
    RuleNumbers,
)
from rules.spec.features import AMONG, FEATURES, VALUE

LARGEST: Final = float(np.finfo(np.float64).max)
STEEPEST: Final = 1.84
_BANDS: Final = [row.band or AMONG for row in sorted(FEATURES.values(), key=lambda row: row.number)]
SHARE: Final = tuple(band.share for band in _BANDS)
REACH: Final = tuple(band.reach for band in _BANDS)
BY_SPACING: Final = tuple(band.by_spacing for band in _BANDS)
"""Columns of the table of features, by the number of the feature, as the kernels can read them."""
ROUNDING: Final = 4e-9
"""How far a feature may be from exact arithmetic, of the largest value, with a margin."""
NEARER: Final = 0.8
FURTHER: Final = 1.25
"""How much the distances of samples may vary beyond what they did."""
PATIENCE: Final = 4
"""After a wake, a point stays awake for a quarter of its longest window: so that costs little against each sample."""


@inlined
def rests(rest: CalmBand, samples: Rows[RingSample], log: Columns, i: int) -> bool:
    """Take a sample that changes nothing; return False, with nothing done, where it might change something.

    Parameters
    ----------
    rest : record of REST
        Of the point of the sample.
    samples : array of SAMPLE
        Where the rings lie.
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
    since = t - rest["time"]
    if since < rest["shortest"] or since > rest["longest"]:
        return False
    slot = rest["slot"]
    if rest["end"]:
        if slot == rest["end"]:
            return False
        samples[slot]["time"] = t
        samples[slot]["value"] = value
        rest["slot"] = slot + 1
    rest["time"] = t
    rest["value"] = value
    rest["quality"] = log.quality[i]
    rest["taken"] += 1
    return True


@inlined
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
    if config["ring"]:
        m.ring[config["ring"]]["tail"] += rest["taken"]
    rest["taken"] = 0
    if config["stale_after"] > 0:
        g = m.globals[0]
        m.row[config["health"]]["due"] = max(rest["time"], g["first"], g["start"]) + config["stale_after"]


@inlined
def wake(m: Machine, p: int) -> None:
    """Let every sample of a point be looked at."""
    rest = m.rest[p]
    if rest["lowest"] > rest["highest"]:
        return
    write_back(m, p)
    rest["lowest"] = 1.0
    rest["highest"] = 0.0
    config = m.point_config[p]
    if config["ring"]:
        pools, ring = Pools(m.samples, m.sums), m.ring[config["ring"]]
        for w in range(config["windows"], config["windows_end"]):
            advance(pools, m.window_config[w], m.window[w], ring)
            m.window[w]["middle"] = m.window[w]["head"]  # used up: what it sums up is found anew
        full = rest["slot"] == rest["end"]
        ring["try_at"] = ring["tail"] if full else ring["tail"] + _pause(ring["tail"] - oldest(m, p))


@compiled
def _pause(count: int) -> int:
    return int(max(count // PATIENCE, LEAST))


@inlined
def lay_to_rest(m: Machine, p: int) -> None:
    """Find the band in which no sample of an awake point changes a condition, if there is one now."""
    point, config, rest = m.point[p], m.point_config[p], m.rest[p]
    if not config["may_rest"] or not point["has"] or not point["quiet"] or point["stale"] or point["weak"]:
        return
    lowest, highest = max(config["lower"], -LARGEST), min(config["upper"], LARGEST)
    for r in range(config["limits"], config["health"]):
        state, rule = m.row[r]["state"], m.rule[m.row_config[r]["rule"]]
        if state not in (NORMAL, ACTIVE):
            return
        if rule["feature"] == VALUE:
            if (state == ACTIVE) == bool(rule["low"]):
                highest = min(highest, rule["leave"] if state == ACTIVE else np.nextafter(rule["enter"], -math.inf))
            else:
                lowest = max(lowest, rule["leave"] if state == ACTIVE else np.nextafter(rule["enter"], math.inf))
    rest["shortest"] = 1
    rest["longest"] = config["stale_after"] if config["stale_after"] > 0 else NEVER
    if config["ring"]:
        middle, half = _band_of_windows(m, config, rest)
        lowest, highest = max(lowest, middle - half), min(highest, middle + half)
    rest["time"] = point["time"]
    rest["lowest"] = lowest
    rest["highest"] = highest


@compiled
def _band_of_windows(m: Machine, config: PointConfig, rest: CalmBand) -> tuple[float, float]:
    """Return the middle and half the width of the band that windowed limits leave; a negative half for none.

    What the windows hold now lies in it; so does the distance of their samples in what `rest` is given.
    """
    ring, pools = m.ring[config["ring"]], Pools(m.samples, m.sums)
    tail = ring["tail"]
    if tail < ring["try_at"]:
        return 0.0, -1.0
    head, span = tail, 0
    for w in range(config["windows"], config["windows_end"]):
        head = min(head, m.window[w]["head"])
        span = max(span, m.window_config[w]["span"])
    ring["try_at"] = tail + _pause(tail - head)
    lowest, highest, shortest, longest = _extent(pools, ring, head)
    longest = int(longest * FURTHER)
    shortest = max(int(shortest * NEARER), 1)
    if sample_at(pools, ring, head)["time"] - longest > sample_at(pools, ring, tail - 1)["time"] - span:
        return 0.0, -1.0  # the longest window is not full yet
    middle = lowest + (highest - lowest) / 2
    half = LARGEST
    for r in range(config["limits"], config["health"]):
        rule = m.rule[m.row_config[r]["rule"]]
        if rule["feature"] != VALUE:
            half = min(half, _half(rule, m.row[r]["state"], middle, longest / shortest))
    half -= ROUNDING * (abs(middle) + half)
    if not half >= highest - middle:
        return 0.0, -1.0
    rest["shortest"] = shortest
    rest["longest"] = min(rest["longest"], longest)
    rest["slot"] = ring["place"] + tail - ring["base"]
    rest["end"] = ring["place"] + ring["room"]
    return middle, half


@compiled
def _extent(pools: Pools, ring: Ring, head: int) -> tuple[float, float, int, int]:
    """Return the least and the greatest value from a sample on, and the least and the greatest distance in time."""
    last = sample_at(pools, ring, head)
    lowest, highest, before = last["value"], last["value"], last["time"]
    shortest, longest = NEVER, 0
    for number in range(head + 1, ring["tail"]):
        one = sample_at(pools, ring, number)
        lowest = min(lowest, one["value"])
        highest = max(highest, one["value"])
        shortest = min(shortest, one["time"] - before)
        longest = max(longest, one["time"] - before)
        before = one["time"]
    return lowest, highest, shortest, longest


@compiled
def _half(rule: RuleNumbers, state: int, middle: float, jitter: float) -> float:
    """Return half the width of the band around `middle` in which a windowed limit cannot change.

    Its feature lies within share * band, and reach times the width of the band more.
    """
    feature = rule["feature"]
    share, reach = SHARE[feature], REACH[feature]
    if BY_SPACING[feature]:
        reach = STEEPEST * jitter * rule["scale"] / rule["span"]
    edge = rule["leave"] if state == ACTIVE else rule["enter"]
    below = (state == ACTIVE) == bool(rule["low"])  # the feature is to stay below the edge
    room = edge - share * middle if below else share * middle - edge
    return float(room / (share + 2.0 * reach))


AllPoints = Callable[[Machine, int], None]


def _all_points_with(kernels: str) -> AllPoints:
    @entry_point
    def all_points(m: Machine, wakes: int) -> None:
        """Write every point back, or wake it, and make the bounds of all timers exact."""
        kernels  # noqa: B018 - it makes the fingerprint part of the closure
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
    """Let the machine know what came while its points were at rest, and make the bounds of all timers exact."""
    _all_points(m, 0)


def wake_all(m: Machine) -> None:
    """Let every sample of every point be looked at, and make the bounds of all timers exact."""
    _all_points(m, 1)
