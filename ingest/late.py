"""LateWatch: which samples of a live run are late, told from times and arrivals alone."""

from copy import deepcopy
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ingest.skew import trusted_time
from plant import NEVER_STALE, NO_ARRIVAL, PointTable, SampleBatch, Site

FAR: Final = 2**61
"""Longer than any point is ever stale. [ns]"""


class LateWatch:
    """Judges batch after batch as the engine judges samples, so that late ones can be looked at again.

    Duplicates are not told: they hold nothing new. Samples whose arrival is their time have no place in the past.

    Parameters
    ----------
    points : PointTable
    site : Site
    arrival_timed : (points,) bool
        The source of the point has `time = "arrival"`.

    References
    ----------
    docs/en/semantics.md, "Late data".

    """

    def __init__(self, points: PointTable, site: Site, arrival_timed: NDArray[np.bool_]) -> None:
        stale = [FAR if point.stale_after == NEVER_STALE else point.stale_after for point in points.points]
        self._stale_after: Final = np.array(stale, dtype=np.int64)
        self._site: Final = site
        self._placed: Final = ~arrival_timed
        self._newest = np.full(len(points), NO_ARRIVAL, dtype=np.int64)
        self._came = self._newest.copy()
        self._started = 0

    def copy(self) -> Self:
        """Return a watch that knows the same, and goes its own way from here."""
        return deepcopy(self)

    def resume(self, newest: NDArray[np.int64]) -> None:
        """Go on where an engine stands.

        Parameters
        ----------
        newest : (points,) int64
            Time of the last accepted sample of every point; NO_ARRIVAL where there is none. [ns, UTC]

        """
        self._newest = newest.copy()

    def start(self, now: int) -> None:
        """Begin a run: staleness counts anew. [ns, UTC]."""
        self._started = now - self._site.allowance

    def suspects(self, batch: SampleBatch) -> bool:
        """Whether any sample of a stamped batch may be late."""
        return bool(np.any(batch.backfilled | (batch.time < self._newest[batch.point])))

    def take(self, batch: SampleBatch) -> NDArray[np.bool_]:
        """Take the next arrival batch.

        Parameters
        ----------
        batch : SampleBatch
            Stamped with one arrival.

        Returns
        -------
        (n,) bool
            Which of its samples are late.

        """
        site, point = self._site, batch.point
        arrival = int(batch.arrival[0])
        time = batch.time
        if np.any(time > arrival + site.max_clock_skew):
            time, _ = trusted_time(batch, ~self._placed, site.max_clock_skew)
        newest = self._newest[point]
        due = np.maximum(newest, self._started) + self._stale_after[point]
        late = batch.backfilled | (time < newest)
        stale = -(-due // site.tick_period) * site.tick_period < arrival - site.allowance
        if np.any(stale & (late | (self._came[point] != NO_ARRIVAL))):
            late = self._one_by_one(batch, time, stale)
        else:
            self._accept(point[~late], time[~late])
            self._came[point[late]] = time[late]
        return late & self._placed[point]

    def _accept(self, point: NDArray[np.int32], time: NDArray[np.int64]) -> None:
        self._newest[point] = time
        np.maximum.at(self._newest, point, time)
        self._came[point] = NO_ARRIVAL

    def _one_by_one(self, batch: SampleBatch, time: NDArray[np.int64], stale: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Judge samples of which some came late to a stale point: each against the one before it."""
        late = batch.backfilled.copy()
        for row in np.lexsort((batch.point, time)):
            point = batch.point[row]
            came = self._came[point]
            late[row] |= time[row] < (came if stale[row] and came != NO_ARRIVAL else self._newest[point])
            if late[row]:
                self._came[point] = time[row]
            else:
                self._newest[point], self._came[point] = time[row], NO_ARRIVAL
        return late
