"""Estimates the errors of the sources' clocks from source times and arrivals."""

from typing import Final

import numpy as np

from plant import PointTable, Quality, SampleBatch
from plant.units import MINUTE

WHILE: Final = MINUTE
"""Length of the period whose freshest sample counts. [ns]"""
# A source repeats values that have not changed for hours, with their old times. Only the freshest shows its clock.
UNSEEN: Final = -(2**63)


class Skews:
    """The skew of every source: how far its freshest sample of a period was ahead of its arrival (negative: behind)."""

    def __init__(self, points: PointTable) -> None:
        names = sorted({point.source for point in points.points if point.source is not None})
        self._rows: Final = {name: row for row, name in enumerate(names)}
        self._row_of: Final = np.array([self._rows.get(point.source or "", -1) for point in points.points], np.intp)
        self._begun = [UNSEEN] * len(names)
        self._before: list[int | None] = [None] * len(names)
        self._freshest = [UNSEEN] * len(names)

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
        self._freshest[row] = max(self._freshest[row], int(stamped.time[fresh].max()) - arrival)

    def of(self, source: str) -> int | None:
        """Return the skew of a source; None until a whole period has passed. [ns]."""
        row = self._rows.get(source)
        before = None if row is None else self._before[row]
        return None if row is None or before is None else max(before, self._freshest[row])
