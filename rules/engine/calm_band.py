"""The band of a calm point: in which values, and how far apart, samples can change no condition of the point.

The proof. Every condition of the point is NORMAL or ACTIVE, no timer runs but that of `stale`, and the point is not in
doubt. Then only these changes are possible, and each has a guard in `skip_calm`:

* a health condition begins: the sample is BAD, has a state bit, is beyond the range with its margin, or comes late;
* the point becomes stale: the sample is further than `stale_after` from the one before it;
* a limit is entered (if NORMAL) or left (if ACTIVE): its feature passes the edge, `enter` or `leave`.

For limits of `value` the edges are the ends of the band. For features of windows the band is so narrow that no window
whose samples all lie in it can have a feature beyond an edge. With the band [c - h, c + h] a feature lies within

    [share (c - h) - 2 h reach,  share (c + h) + 2 h reach]

where the table of features says `share` and `reach`. It stays below an edge for h <= (edge - share c) / (share +
2 reach), and likewise above one.

The reach of a slope follows from Cauchy's inequality. Take n >= 3 samples of a window of length W, no nearer than s and
no further than L apart. The squares of their distances from the mean time have a sum of at least s^2 n (n^2 - 1) / 12.
The window is full, so n >= W / L. Hence |slope| <= sqrt(27 / 8) L / s times the width of the band over W.

What the windows hold when the band is found lies in it, too, so the proof holds from the first sample on.
"""

import math
from typing import Final

import numpy as np

from rules.engine.calm import pause_of
from rules.engine.compiled import compiled, inlined
from rules.engine.features.window import Pools, sample_at
from rules.engine.memory.codes import ACTIVE, NEVER, NORMAL
from rules.engine.memory.machine import Machine
from rules.engine.memory.records import CalmBand, PointConfig, Ring, RuleNumbers
from rules.spec.features import AMONG, FEATURES, VALUE

LARGEST: Final = float(np.finfo(np.float64).max)
STEEPEST: Final = 1.84
"""The square root of 27 / 8, rounded up."""
_BANDS: Final = [row.band or AMONG for row in sorted(FEATURES.values(), key=lambda row: row.number)]
SHARE: Final = tuple(band.share for band in _BANDS)
REACH: Final = tuple(band.reach for band in _BANDS)
BY_SPACING: Final = tuple(band.by_spacing for band in _BANDS)
"""Columns of the table of features, by the number of the feature, as the kernels can read them."""
ROUNDING: Final = 4e-9
"""How far a feature may be from exact arithmetic, as a share of the largest value, with a margin."""
NEARER: Final = 0.8
FURTHER: Final = 1.25
"""How far the distances of samples may go beyond those in the windows now. Wider factors make a narrower band."""


@inlined
def find_calm_band(m: Machine, p: int) -> None:
    """Find the band in which no sample of an awake point changes a condition, if there is one now."""
    point, config, band = m.point[p], m.point_config[p], m.calm[p]
    if not config["may_be_calm"] or not point["has"] or not point["all_health_normal"] or point["in_doubt"]:
        return
    # Beyond the range with its margin a sample is `over_range`; an infinite value is BAD.
    lowest, highest = max(config["lower"], -LARGEST), min(config["upper"], LARGEST)
    for r in range(config["limits"], config["health"]):
        state, rule = m.row[r]["state"], m.rule[m.row_config[r]["rule"]]
        # PENDING and RETURNING can change while no feature passes an edge.
        if state not in (NORMAL, ACTIVE):
            return
        if rule["feature"] == VALUE:
            # `enter` itself is in and must not be reached; `leave` itself is not out yet.
            if _stays_below(rule, state):
                highest = min(highest, rule["leave"] if state == ACTIVE else np.nextafter(rule["enter"], -math.inf))
            else:
                lowest = max(lowest, rule["leave"] if state == ACTIVE else np.nextafter(rule["enter"], math.inf))
    band["shortest"] = 1
    band["longest"] = config["stale_after"] if config["stale_after"] > 0 else NEVER
    if config["ring"]:
        middle, half = _band_of_windows(m, config, band)
        lowest, highest = max(lowest, middle - half), min(highest, middle + half)
    band["time"] = point["time"]
    band["lowest"] = lowest
    band["highest"] = highest


@inlined
def _stays_below(rule: RuleNumbers, state: int) -> bool:
    """Tell on which side of the edge a limit does not change: a high limit that is NORMAL, or a low one that stands."""
    return (state == ACTIVE) == (rule["low"] != 0)


@compiled
def _band_of_windows(m: Machine, config: PointConfig, band: CalmBand) -> tuple[float, float]:
    """Return the middle and half the width of the band that windowed limits leave; a negative half for none.

    Also set how far apart samples may be, and where in the pool the next one goes.
    """
    ring, pools = m.ring[config["ring"]], Pools(m.samples, m.sums)
    tail = ring["tail"]
    if tail < ring["search_from"]:
        return 0.0, -1.0
    head, span = tail, 0
    for w in range(config["windows"], config["windows_end"]):
        head = min(head, m.window[w]["head"])
        span = max(span, m.window_config[w]["span"])
    ring["search_from"] = tail + pause_of(tail - head)
    lowest, highest, shortest, longest = _extent(pools, ring, head)
    longest = int(longest * FURTHER)
    shortest = max(int(shortest * NEARER), 1)
    # The longest window is not full: more than one distance lies between its beginning and its oldest sample.
    if sample_at(pools, ring, head)["time"] - longest > sample_at(pools, ring, tail - 1)["time"] - span:
        return 0.0, -1.0
    middle = lowest + (highest - lowest) / 2
    half = LARGEST
    for r in range(config["limits"], config["health"]):
        rule = m.rule[m.row_config[r]["rule"]]
        if rule["feature"] != VALUE:
            half = min(half, _half_width(rule, m.row[r]["state"], middle, longest / shortest))
    half -= ROUNDING * (abs(middle) + half)
    # What the windows hold must lie in the band; this also refuses NaN.
    if not half >= highest - middle:
        return 0.0, -1.0
    band["shortest"] = shortest
    band["longest"] = min(band["longest"], longest)
    band["slot"] = ring["place"] + tail - ring["base"]
    band["end"] = ring["place"] + ring["room"]
    return middle, half


@compiled
def _extent(pools: Pools, ring: Ring, head: int) -> tuple[float, float, int, int]:
    """Return the least and the greatest value from a sample on, and the least and the greatest distance in time."""
    sample = sample_at(pools, ring, head)
    lowest, highest, before = sample["value"], sample["value"], sample["time"]
    shortest, longest = NEVER, 0
    for number in range(head + 1, ring["tail"]):
        sample = sample_at(pools, ring, number)
        lowest = min(lowest, sample["value"])
        highest = max(highest, sample["value"])
        shortest = min(shortest, sample["time"] - before)
        longest = max(longest, sample["time"] - before)
        before = sample["time"]
    return lowest, highest, shortest, longest


@compiled
def _half_width(rule: RuleNumbers, state: int, middle: float, jitter: float) -> float:
    """Return half the width of the band around `middle` in which a windowed limit cannot change: h of the proof.

    `jitter` is L / s of the proof.
    """
    feature = rule["feature"]
    share, reach = SHARE[feature], REACH[feature]
    if BY_SPACING[feature]:
        reach = STEEPEST * jitter * rule["scale"] / rule["span"]
    edge = rule["leave"] if state == ACTIVE else rule["enter"]
    room = edge - share * middle if _stays_below(rule, state) else share * middle - edge
    return room / (share + 2.0 * reach)
