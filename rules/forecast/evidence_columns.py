"""`Accepted`: the accepted samples of one point and their value as evidence, for forecasts and studies."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest import Log, is_late, is_same
from plant import NO_ARRIVAL, Point, Quality, is_evidence, is_over_range
from rules.spec.tolerance import ends_of

NEVER_BEFORE: Final = np.array([NO_ARRIVAL], dtype=np.int64)


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
    """Return the accepted samples of a point, as if it had never become stale, with what each is worth as evidence.

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
    times = np.where(log.backfilled, NO_ARRIVAL, log.time)
    newest_before = np.maximum.accumulate(np.concatenate((NEVER_BEFORE, times)))[:-1]
    entries = log[np.flatnonzero(~is_late(log.backfilled, log.time, newest_before))]
    quality = np.where(np.isfinite(entries.value), entries.quality, Quality.BAD).astype(np.uint8)
    kept = np.flatnonzero(~_repeats(entries, quality))
    entries, quality = entries[kept], quality[kept]
    evidence = is_evidence(quality, entries.state)
    one_sided = evidence & is_over_range(entries.value, entries.state, *ends_of(point))
    return Accepted(entries.time, entries.value, quality, evidence, one_sided)


def _repeats(entries: Log, quality: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which samples are duplicates of the sample before them."""
    repeats = np.zeros(len(entries), dtype=np.bool_)
    before = (entries.value[:-1], quality[:-1], entries.state[:-1])
    repeats[1:] = is_same((entries.value[1:], quality[1:], entries.state[1:]), before)
    repeats[1:] &= entries.time[1:] == entries.time[:-1]
    return repeats
