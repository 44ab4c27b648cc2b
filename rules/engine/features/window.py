"""Windows: the evidence samples of a point in (t - W, t], and their sums, without drift.

A point has one ring of samples. Samples have numbers from 0; a window is the numbers [head, tail) of the ring of its
point, and all rules of the point with the same window share it:

    Machine.samples   ... | . . . s7 s8 s9 s10 s11 s12 . . . . | ...     a ring is [place, place + room) of the pool
                            ^ place = base 4                             sample n lies at place + n - base
                                  ^ head 7     ^ middle 10  ^ tail 13
                                  |-- older --|-- younger --|

The sums are kept as two stacks: samples are only ever added and never
subtracted. So nothing drifts, and a spike that has left the window has left no trace. The younger part has one sum
for all of its samples; the older part has one sum for each of its samples, from that sample to `middle`:

    Machine.sums      ... | younger | joined | s7+s8+s9 | s8+s9 | s9 | ...    `width` numbers each
                            ^ place            ^ of sample `base` of the window, here 7

A new sample is added to `younger`. When a sample leaves, `head` goes on, and the next sum of the older part is that of
what is left. `joined` is the older sum at `head` joined with `younger`: the sum of the window. When the older part is
used up (head = middle), the whole window becomes the older part: the one step that takes as long as the window is
large, once per window length.

Times in the sums are relative to `origin`, so that nanoseconds since 1970 cost no digits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant.columns.rows import Rows
from rules.engine.compiled import compiled
from rules.engine.features.aggregate import add, empty, join
from rules.engine.memory.codes import LONG_AGO
from rules.engine.memory.machine import Machine
from rules.engine.memory.records import Entry, Ring, RingSample, WindowConfig, WindowState


class Pools(NamedTuple):
    """Where windows lie."""

    samples: Rows[RingSample]
    sums: NDArray[np.float64]


@compiled
def sample_at(pools: Pools, ring: Ring, number: int) -> RingSample:
    """Return an evidence sample of a point by its number."""
    return pools.samples[ring["place"] + number - ring["base"]]


@compiled
def append(pools: Pools, ring: Ring, entry: Entry) -> None:
    """Put an evidence sample into the ring of its point; `make_room` has seen to its place."""
    slot = sample_at(pools, ring, ring["tail"])
    slot["time"] = entry["time"]
    slot["value"] = entry["x"]
    if entry["one_sided"]:
        ring["one_sided"] = ring["tail"]
    ring["tail"] += 1


@compiled
def advance(pools: Pools, config: WindowConfig, window: WindowState, ring: Ring) -> None:
    """Let the samples out of a window that are too old for it; its newest sample is the last of the ring."""
    newest = ring["tail"] - 1
    head, kept = window["head"], config["kept"]
    begin = sample_at(pools, ring, newest)["time"] - config["span"]
    while head < newest and sample_at(pools, ring, head + kept)["time"] <= begin:
        head += 1
    window["head"] = head


@compiled
def slide(pools: Pools, config: WindowConfig, window: WindowState, ring: Ring) -> None:
    """Take the newest sample of the ring into a window, and let out the samples that are too old for it."""
    advance(pools, config, window, ring)
    if config["width"] > 0:
        if window["head"] >= window["middle"]:
            _turn(pools, config, window, ring)
        else:
            newest = ring["tail"] - 1
            last = sample_at(pools, ring, newest)
            sample = (float(last["time"] - window["origin"]), last["value"])
            add(pools.sums, config["sums"], window["place"], newest - window["middle"], sample)
        _join_parts(pools, config, window, ring)


@compiled
def _turn(pools: Pools, config: WindowConfig, window: WindowState, ring: Ring) -> None:
    """Make the whole window the older part."""
    width, feature, tail = config["width"], config["sums"], ring["tail"]
    window["middle"] = tail
    window["base"] = window["head"]
    window["origin"] = sample_at(pools, ring, tail - 1)["time"]
    empty(pools.sums, feature, window["place"], width)
    before = window["place"]  # the sum that the next one continues; the younger part was just emptied
    for number in range(tail - 1, window["head"] - 1, -1):
        place = window["place"] + width * (2 + number - window["base"])
        for k in range(width):
            pools.sums[place + k] = pools.sums[before + k]
        oldest = sample_at(pools, ring, number)
        add(pools.sums, feature, place, tail - 1 - number, (float(oldest["time"] - window["origin"]), oldest["value"]))
        before = place


@compiled
def _join_parts(pools: Pools, config: WindowConfig, window: WindowState, ring: Ring) -> None:
    width = config["width"]
    joined = window["place"] + width
    older = window["place"] + width * (2 + window["head"] - window["base"])
    for k in range(width):
        pools.sums[joined + k] = pools.sums[older + k]
    younger = ring["tail"] - window["middle"]
    if younger > 0:
        join(pools.sums, config["sums"], (window["middle"] - window["head"], younger), joined, window["place"])


@compiled
def start_anew(m: Machine, p: int) -> None:
    """Forget the windows of a point, its averages and what its health conditions compare with; no state changes."""
    config = m.point_config[p]
    m.point[p]["has_previous"] = 0
    tail = m.ring[config["ring"]]["tail"]
    for w in range(config["windows"], config["windows_end"]):
        window = m.window[w]
        window["head"] = tail
        window["middle"] = tail
        window["base"] = tail
    for r in range(config["limits"], config["feeds"]):
        if m.row_config[r]["memory"]:
            memory = m.memory[m.row_config[r]["memory"]]
            memory["has_ewma"] = 0
            memory["one_sided_time"] = LONG_AGO
