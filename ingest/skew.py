"""Which time counts: the source's, or the arrival where the source's clock is not to be trusted."""

import numpy as np
from numpy.typing import NDArray

from plant import Quality, SampleBatch


def trusted_time(
    batch: SampleBatch, arrival_timed: NDArray[np.bool_], max_clock_skew: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the times and qualities under which stamped samples enter the log.

    A sample that is ahead of its arrival by more than `max_clock_skew` takes its arrival and is UNCERTAIN at best;
    every sample of an arrival-timed point takes its arrival. Several of one point in one batch take it a nanosecond
    apart.

    Parameters
    ----------
    batch : SampleBatch
        Stamped; equal arrivals are one batch.
    arrival_timed : (points,) bool
        The source of the point has `time = "arrival"`.
    max_clock_skew : int
        [ns]

    Returns
    -------
    time : (n,) int64
        [ns, UTC]
    quality : (n,) uint8

    References
    ----------
    docs/en/semantics.md, "Samples".

    """
    by_arrival = arrival_timed[batch.point]
    ahead = (batch.time > batch.arrival + max_clock_skew) & ~by_arrival
    quality = np.where(ahead, np.maximum(batch.quality, Quality.UNCERTAIN), batch.quality).astype(np.uint8)
    time = batch.time.copy()
    rows = np.flatnonzero(by_arrival | ahead)
    time[rows] = batch.arrival[rows] + _ordinals(batch.arrival[rows], batch.point[rows])
    return time, quality


def _ordinals(arrival: NDArray[np.int64], point: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of each row among those of its (arrival, point), from 0, in their order."""
    rows = np.arange(len(point))
    order = np.lexsort((point, arrival))
    begins = np.ones(len(point), dtype=np.bool_)
    begins[1:] = (np.diff(arrival[order]) != 0) | (np.diff(point[order]) != 0)
    ordinals = np.empty(len(point), dtype=np.int64)
    ordinals[order] = rows - np.maximum.accumulate(np.where(begins, rows, 0))
    return ordinals
