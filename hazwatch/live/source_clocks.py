"""Estimates the errors of the sources' clocks from source times and arrivals."""

from typing import Final

import numpy as np

from plant import PointTable, Quality, SampleBatch
from plant.units import MINUTE, SECOND

WHILE: Final = MINUTE
"""Length of the period whose freshest sample counts. [ns]"""
# A source repeats values that have not changed for hours, with their old times. Only the freshest shows its clock.
UNSEEN: Final = -(2**63)
STEADY: Final = 5 * SECOND
"""Time for which source times advance with their arrivals before their distance is believed at a start. [ns]"""
# Old values that are repeated, or read again after a loss, do not advance with the arrivals.
SKEW_JITTER: Final = SECOND
"""Difference of the two that is no sign against it. [ns]"""
FEWEST_AGREEING: Final = 3
"""Number of batches that must agree."""


class Skews:
    """The skew of every source: how far its freshest sample of a period was ahead of its arrival (negative: behind)."""

    def __init__(self, points: PointTable) -> None:
        names = sorted({point.source for point in points.points if point.source is not None})
        self._rows: Final = {name: row for row, name in enumerate(names)}
        self._row_of: Final = np.array([self._rows.get(point.source or "", -1) for point in points.points], np.intp)
        self._begun = [UNSEEN] * len(names)
        self._before: list[int | None] = [None] * len(names)
        self._freshest = [UNSEEN] * len(names)
        self._runs = [(0, 0, 0)] * len(names)
        self._steady = [False] * len(names)

    def take(self, stamped: SampleBatch) -> None:
        """Add a stamped batch of one source."""
        fresh = (stamped.quality != Quality.BAD) & ~stamped.backfilled
        if not fresh.any():
            return
        row, arrival = self._row_of[stamped.point[0]], int(stamped.arrival[0])
        if self._begun[row] == UNSEEN:
            self._begun[row] = arrival
        elif arrival >= self._begun[row] + WHILE:
            self._before[row], self._begun[row], self._freshest[row] = self._freshest[row], arrival, UNSEEN
        time = int(stamped.time[fresh].max())
        self._freshest[row] = max(self._freshest[row], time - arrival)
        if not self._steady[row]:
            self._follow(row, time - arrival, arrival)

    def of(self, source: str) -> int | None:
        """Return the skew of a source; None until its samples have shown it for some time. [ns]."""
        row = self._rows.get(source)
        if row is None:
            return None
        before = self._before[row]
        if before is None:
            return self._freshest[row] if self._steady[row] else None
        return max(before, self._freshest[row])

    def _follow(self, row: int, skew: int, arrival: int) -> None:
        """Take the skew of a batch; one skew over several batches is the clock, not the age of a value. [ns]."""
        first, begin, count = self._runs[row]
        if not count or abs(skew - first) > SKEW_JITTER:
            self._runs[row] = skew, arrival, 1
            return
        self._runs[row] = first, begin, count + 1
        self._steady[row] = count + 1 >= FEWEST_AGREEING and arrival - begin >= STEADY
