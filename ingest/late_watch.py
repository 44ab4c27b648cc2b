"""`LateWatch`: finds the late samples of a live run by their times and arrivals."""

from copy import deepcopy
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ingest.lateness import is_late, stale_due
from ingest.skew import trusted_time
from ingest.tick import first_multiple
from plant import NEVER_STALE, NO_ARRIVAL, PointTable, SampleBatch, Site

FAR: Final = 2**61
"""Stands for "never stale": longer than any run, and small enough that adding a time cannot overflow. [ns]"""


class LateWatch:
    """Applies the engine's definition of "late" to batch after batch, so that a review can examine late samples.

    It does not report duplicates, which contain nothing new, nor samples of arrival-timed points, which have no place
    in the past.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    site : Site
        Allowance, tick period and largest clock skew.
    arrival_timed : (points,) bool
        True if the source of the point has `time = "arrival"`.

    References
    ----------
    docs/en/semantics.md, "Late data".

    """

    def __init__(self, points: PointTable, site: Site, arrival_timed: NDArray[np.bool_]) -> None:
        stale = [FAR if point.stale_after == NEVER_STALE else point.stale_after for point in points.points]
        self._stale_after: Final = np.array(stale, dtype=np.int64)
        self._site: Final = site
        self._placed: Final = ~arrival_timed
        # By point: the time of the last accepted sample; the time of the last late sample since then, from which the
        # order counts once the point is stale (a device whose clock was set back must be able to come back).
        self._newest = np.full(len(points), NO_ARRIVAL, dtype=np.int64)
        self._late_since = self._newest.copy()
        self._started = 0

    def copy(self) -> Self:
        """Return an independent copy with the same state."""
        return deepcopy(self)

    def resume(self, newest: NDArray[np.int64]) -> None:
        """Continue from the state of an engine.

        Parameters
        ----------
        newest : (points,) int64
            Time of the last accepted sample of every point; NO_ARRIVAL if it has none. [ns, UTC]

        """
        self._newest = newest.copy()

    def start(self, now: int) -> None:
        """Begin a run at a time from which staleness is counted. [ns, UTC]."""
        self._started = now - self._site.allowance

    def suspects(self, batch: SampleBatch) -> bool:
        """Whether any sample of a stamped batch may be late."""
        return bool(np.any(is_late(batch.backfilled, batch.time, self._newest[batch.point])))

    def take(self, batch: SampleBatch) -> NDArray[np.bool_]:
        """Judge the next arrival batch.

        Parameters
        ----------
        batch : SampleBatch
            Samples with one arrival.

        Returns
        -------
        (n,) bool
            True for late samples.

        """
        site, point = self._site, batch.point
        arrival = int(batch.arrival[0])
        time = batch.time
        if np.any(time > arrival + site.max_clock_skew):
            time, _ = trusted_time(batch, ~self._placed, site.max_clock_skew)
        newest = self._newest[point]
        late = is_late(batch.backfilled, time, newest)
        due = stale_due(newest, self._started, self._stale_after[point])
        # A point becomes stale at the first tick after its time-out, and a tick enters an allowance after its time.
        stale = first_multiple(due, site.tick_period) < arrival - site.allowance
        # Only a late sample of a stale point makes samples of one batch depend on each other; such batches are rare.
        if np.any(stale & (late | (self._late_since[point] != NO_ARRIVAL))):
            late = self._one_by_one(batch, time, stale)
        else:
            self._accept(point[~late], time[~late])
            self._late_since[point[late]] = time[late]
        return late & self._placed[point]

    def _accept(self, point: NDArray[np.int32], time: NDArray[np.int64]) -> None:
        self._newest[point] = time
        np.maximum.at(self._newest, point, time)
        self._late_since[point] = NO_ARRIVAL

    def _one_by_one(self, batch: SampleBatch, time: NDArray[np.int64], stale: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Judge samples in log order, if some are late to a stale point: each against the sample before it."""
        late = np.zeros(len(batch), dtype=np.bool_)
        for row in np.lexsort((batch.point, time)):
            point = batch.point[row]
            restarted = stale[row] and self._late_since[point] != NO_ARRIVAL
            reference = self._late_since[point] if restarted else self._newest[point]
            late[row] = is_late(batch.backfilled[row], time[row], reference)
            if late[row]:
                self._late_since[point] = time[row]
            else:
                self._newest[point], self._late_since[point] = time[row], NO_ARRIVAL
        return late
