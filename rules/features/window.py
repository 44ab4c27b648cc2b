"""Windows: the evidence samples of a point in (t - W, t], and what they sum up to, without drift.

A point has one ring of samples; each windowed row has its own oldest sample in it (`head`). What a row sums up is kept
as two stacks: for the older part of the window, [head, middle), one entry per sample, each from that sample to
`middle`; for the younger part one entry. Samples are only ever added, never subtracted: nothing drifts, and a spike
that has left the window has left no trace. When the older part is used up, the whole window becomes the older part.

Places in `sums`, from the place of the row: the younger part, the join of both, then the entries of the older part.
"""

from typing import Any

from rules.compiled import compiled
from rules.features.aggregate import add, empty, join
from rules.layout import FLATLINE, LONG_AGO, Machine


@compiled
def sample_time(m: Machine, p: int, i: int) -> int:
    """Return the time of the i-th evidence sample of a point. [ns, UTC]."""
    point = m.point[p]
    return int(m.ring[point["place"] + i - point["base"]]["time"])


@compiled
def sample_value(m: Machine, p: int, i: int) -> float:
    """Return the value of the i-th evidence sample of a point. [unit of the point]."""
    point = m.point[p]
    return float(m.ring[point["place"] + i - point["base"]]["value"])


@compiled
def _is_one_sided(m: Machine, p: int, i: int) -> int:
    point = m.point[p]
    return int(m.ring[point["place"] + i - point["base"]]["one_sided"])


@compiled
def append(m: Machine, entry: Any) -> None:
    """Put an evidence sample into the ring of its point; `make_room` has seen to its place."""
    point = m.point[entry["point"]]
    slot = m.ring[point["place"] + point["tail"] - point["base"]]
    slot["time"] = entry["time"]
    slot["value"] = entry["x"]
    slot["one_sided"] = entry["one_sided"]
    point["tail"] += 1


@compiled
def slide(m: Machine, r: int, t: int) -> None:
    """Take the newest sample of the ring into the window of a row, and those out that are too old for it.

    The window of `flatline` keeps the last sample at or before its beginning, too.
    """
    row, config = m.row[r], m.row_config[r]
    p = config["point"]
    newest = m.point[p]["tail"] - 1
    row["one_sided"] += _is_one_sided(m, p, newest)
    head = row["head"]
    kept = 1 if config["kind"] == FLATLINE else 0
    begin = t - config["window"]
    while head < newest and sample_time(m, p, head + kept) <= begin:
        row["one_sided"] -= _is_one_sided(m, p, head)
        head += 1
    row["head"] = head
    if config["width"] == 0:
        return
    if head >= row["middle"]:
        _turn(m, r)
    else:
        time = float(t - row["origin"])
        add(m.sums, config["feature"], row["place"], newest - row["middle"], (time, sample_value(m, p, newest)))
    _join_parts(m, r)


@compiled
def _turn(m: Machine, r: int) -> None:
    """Make the whole window the older part."""
    row, config = m.row[r], m.row_config[r]
    p, width, feature = config["point"], config["width"], config["feature"]
    tail = m.point[p]["tail"]
    row["middle"] = tail
    row["base"] = row["head"]
    row["origin"] = sample_time(m, p, tail - 1)
    empty(m.sums, feature, row["place"], width)
    before = row["place"]
    for i in range(tail - 1, row["head"] - 1, -1):
        place = row["place"] + width * (2 + i - row["base"])
        for k in range(width):
            m.sums[place + k] = m.sums[before + k]
        time = float(sample_time(m, p, i) - row["origin"])
        add(m.sums, feature, place, tail - 1 - i, (time, sample_value(m, p, i)))
        before = place


@compiled
def _join_parts(m: Machine, r: int) -> None:
    row, config = m.row[r], m.row_config[r]
    width = config["width"]
    joined = row["place"] + width
    older = row["place"] + width * (2 + row["head"] - row["base"])
    for k in range(width):
        m.sums[joined + k] = m.sums[older + k]
    younger = m.point[config["point"]]["tail"] - row["middle"]
    if younger > 0:
        join(m.sums, config["feature"], (row["middle"] - row["head"], younger), joined, row["place"])


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
