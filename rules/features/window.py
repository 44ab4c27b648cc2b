"""Windows: the evidence samples of a point in (t - W, t], and what they sum up to, without drift.

A point has one ring of samples; each windowed row has its own oldest sample in it (`head`). What a row sums up is kept
as two stacks: for the older part of the window, [head, middle), one entry per sample, each from that sample to
`middle`; for the younger part one entry. Samples are only ever added, never subtracted: nothing drifts, and a spike
that has left the window has left no trace. When the older part is used up, the whole window becomes the older part.

Places in `sums`, from the place of the row: the younger part, the join of both, then the entries of the older part.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.compiled import compiled
from rules.features.aggregate import add, empty, join
from rules.layout import FLATLINE, LONG_AGO, Machine


class Pools(NamedTuple):
    """Where windows lie."""

    ring: NDArray[Any]
    sums: NDArray[np.float64]


@compiled
def sample_at(pools: Pools, point: Any, i: int) -> Any:
    """Return the i-th evidence sample of a point, a record of SAMPLE."""
    return pools.ring[point["place"] + i - point["base"]]


@compiled
def append(pools: Pools, point: Any, entry: Any) -> None:
    """Put an evidence sample into the ring of its point; `make_room` has seen to its place."""
    slot = sample_at(pools, point, point["tail"])
    slot["time"] = entry["time"]
    slot["value"] = entry["x"]
    slot["one_sided"] = entry["one_sided"]
    point["tail"] += 1


@compiled
def slide(pools: Pools, config: Any, row: Any, point: Any) -> None:
    """Take the newest sample of the ring into the window of a row, and those out that are too old for it.

    The window of `flatline` keeps the last sample at or before its beginning, too.
    """
    newest = point["tail"] - 1
    last = sample_at(pools, point, newest)
    row["one_sided"] += last["one_sided"]
    head = row["head"]
    kept = 1 if config["kind"] == FLATLINE else 0
    begin = last["time"] - config["window"]
    while head < newest and sample_at(pools, point, head + kept)["time"] <= begin:
        row["one_sided"] -= sample_at(pools, point, head)["one_sided"]
        head += 1
    row["head"] = head
    if config["width"] > 0:
        if head >= row["middle"]:
            _turn(pools, config, row, point)
        else:
            sample = (float(last["time"] - row["origin"]), last["value"])
            add(pools.sums, config["feature"], row["place"], newest - row["middle"], sample)
        _join_parts(pools, config, row, point)


@compiled
def _turn(pools: Pools, config: Any, row: Any, point: Any) -> None:
    """Make the whole window the older part."""
    width, feature, tail = config["width"], config["feature"], point["tail"]
    row["middle"] = tail
    row["base"] = row["head"]
    row["origin"] = sample_at(pools, point, tail - 1)["time"]
    empty(pools.sums, feature, row["place"], width)
    before = row["place"]
    for i in range(tail - 1, row["head"] - 1, -1):
        place = row["place"] + width * (2 + i - row["base"])
        for k in range(width):
            pools.sums[place + k] = pools.sums[before + k]
        one = sample_at(pools, point, i)
        add(pools.sums, feature, place, tail - 1 - i, (float(one["time"] - row["origin"]), one["value"]))
        before = place


@compiled
def _join_parts(pools: Pools, config: Any, row: Any, point: Any) -> None:
    width = config["width"]
    joined = row["place"] + width
    older = row["place"] + width * (2 + row["head"] - row["base"])
    for k in range(width):
        pools.sums[joined + k] = pools.sums[older + k]
    younger = point["tail"] - row["middle"]
    if younger > 0:
        join(pools.sums, config["feature"], (row["middle"] - row["head"], younger), joined, row["place"])


@compiled
def start_anew(m: Machine, p: int) -> None:
    """Forget the windows of a point, its averages and the memory of `flatline` and `step`; no state changes."""
    m.point[p]["has_previous"] = 0
    for r in range(m.point_config[p]["limits"], m.point_config[p]["feeds"]):
        row = m.row[r]
        row["head"] = m.point[p]["tail"]
        row["middle"] = row["head"]
        row["base"] = row["head"]
        row["one_sided"] = 0
        row["has_ewma"] = 0
        row["one_sided_time"] = LONG_AGO
