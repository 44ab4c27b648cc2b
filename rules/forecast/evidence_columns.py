"""`Accepted`: the accepted samples of one point and their value as evidence, for forecasts and studies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import Log
from plant import BLOCKING, Point, Quality, State
from rules.spec.tolerance import ends_of


@dataclass(frozen=True, slots=True)
class Accepted:
    """The accepted samples of one point, in the order of the log.

    Attributes
    ----------
    time : (n,) int64
        Time that counts, never decreasing. [ns, UTC]
    value : (n,) float64
        Value of the sample. [unit of the point]
    quality : (n,) uint8
        `plant.Quality`.
    evidence, one_sided : (n,) bool
        True for evidence; true for evidence over range, which bounds the value on one side only.

    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    evidence: NDArray[np.bool_]
    one_sided: NDArray[np.bool_]


def accepted(log: Log, point: Point) -> Accepted:
    """Return the accepted samples of a point, and which of them are evidence.

    Parameters
    ----------
    log : Log
        Samples of one point, in the order of the log.
    point : Point
        The point.

    References
    ----------
    docs/en/semantics.md, "Samples" and "Evidence".

    """
    rows = np.flatnonzero(~log.backfilled)
    latest = np.maximum.accumulate(log.time[rows])
    rows = rows[log.time[rows] == latest]
    entries = log[rows]
    quality = np.where(np.isfinite(entries.value), entries.quality, Quality.BAD).astype(np.uint8)
    same = (entries.time[1:] == entries.time[:-1]) & (entries.value[1:] == entries.value[:-1])
    same &= (quality[1:] == quality[:-1]) & (entries.state[1:] == entries.state[:-1])
    entries, quality = entries[np.append(True, ~same)[: len(rows)]], quality[np.append(True, ~same)[: len(rows)]]
    beyond = (entries.state & State.OVER_RANGE) != 0
    evidence = ((entries.state & BLOCKING) == 0) & ((quality != Quality.BAD) | beyond)
    low, high = ends_of(point)
    over = beyond | (entries.value < low) | (entries.value > high)
    return Accepted(entries.time, entries.value, quality, evidence, evidence & over)
