"""Decides the time of a sample: its source time, or its arrival if the source's clock is not trusted."""

import numpy as np
from numpy.typing import NDArray

from plant import Quality, SampleBatch


def trusted_time(
    batch: SampleBatch, arrival_timed: NDArray[np.bool_], max_clock_skew: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the times and qualities with which stamped samples enter the log.

    A sample that is ahead of its arrival by more than `max_clock_skew` gets its arrival as its time, and is UNCERTAIN
    at best. Every sample of an arrival-timed point gets its arrival. If several samples of a point in one batch get
    their arrival, their times are a nanosecond apart.

    Parameters
    ----------
    batch : SampleBatch
        Stamped samples; rows of equal arrival are one batch.
    arrival_timed : (points,) bool
        True if the source of the point has `time = "arrival"`.
    max_clock_skew : int
        Largest lead of a trusted clock. [ns]

    Returns
    -------
    time : (n,) int64
        Time that counts. [ns, UTC]
    quality : (n,) uint8
        `plant.Quality` that counts.

    References
    ----------
    docs/en/semantics.md, "Samples".

    """
    by_arrival = arrival_timed[batch.point]
    ahead = (batch.time > batch.arrival + max_clock_skew) & ~by_arrival
    quality = np.where(ahead, np.maximum(batch.quality, Quality.UNCERTAIN), batch.quality).astype(np.uint8)
    time = batch.time.copy()
    rows = np.flatnonzero(by_arrival | ahead)
    # Without distinct times the engine would take equal samples for duplicates.
    time[rows] = batch.arrival[rows] + _ordinals(batch.arrival[rows], batch.point[rows])
    return time, quality


def _ordinals(arrival: NDArray[np.int64], point: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of each row, from 0, among the rows of the same arrival and point."""
    rows = np.arange(len(point))
    order = np.lexsort((point, arrival))
    begins = np.ones(len(point), dtype=np.bool_)
    begins[1:] = (np.diff(arrival[order]) != 0) | (np.diff(point[order]) != 0)
    # In `order` the rows of a group are consecutive: a row's number is its distance to the beginning of its group.
    ordinals = np.empty(len(point), dtype=np.int64)
    ordinals[order] = rows - np.maximum.accumulate(np.where(begins, rows, 0))
    return ordinals
