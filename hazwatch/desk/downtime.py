"""`Downtime`: the periods of a point in which no engine ran."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from plant import NO_ARRIVAL, SampleBatch

NONE_BEFORE: Final = np.iinfo(np.int64).min
NONE_AFTER: Final = np.iinfo(np.int64).max


class Downtime:
    """Finds the periods in which no engine ran: between the samples that arrived before a start and those after it.

    Parameters
    ----------
    starts : sequence of int
        When runs began. [ns, UTC]

    """

    def __init__(self, starts: Sequence[int]) -> None:
        self._starts: Final = np.sort(np.array(starts, np.int64))
        self._before: Final = np.full(len(starts), NONE_BEFORE, np.int64)
        self._after: Final = np.full(len(starts), NONE_AFTER, np.int64)

    def add(self, samples: SampleBatch) -> None:
        """Take samples in any order; a sample without an arrival arrived at its time."""
        if not len(samples) or not len(self._starts):
            return
        # A sample that a new run reads first may be older than its start.
        arrival = np.where(samples.arrival == NO_ARRIVAL, samples.time, samples.arrival)
        order = np.argsort(arrival, kind="stable")
        time, place = samples.time[order], arrival[order].searchsorted(self._starts)
        newest = np.concatenate([[NONE_BEFORE], np.maximum.accumulate(time)])
        oldest = np.concatenate([np.minimum.accumulate(time[::-1])[::-1], [NONE_AFTER]])
        np.maximum(self._before, newest[place], out=self._before)
        np.minimum(self._after, oldest[place], out=self._after)

    def periods(self) -> list[tuple[int, int]]:
        """Return the periods; one without a later sample ends with its start. [ns, UTC]."""
        until = np.where(self._after == NONE_AFTER, self._starts, self._after)
        rows = np.flatnonzero((self._before != NONE_BEFORE) & (self._before < until))
        return [(int(self._before[row]), int(until[row])) for row in rows]
