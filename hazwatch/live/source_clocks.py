"""How far the clocks of the sources are off, by the times and arrivals of what they deliver."""

from typing import Final

import numpy as np

from plant import PointTable, Quality, SampleBatch
from plant.units import MINUTE

WHILE: Final = MINUTE
"""The freshest sample of so long counts, so that values which stood still for hours show no clock. [ns]"""
UNSEEN: Final = -(2**63)


class Skews:
    """Of every source, how far its freshest sample of a while was ahead of its arrival; negative where it is behind."""

    def __init__(self, points: PointTable) -> None:
        names = sorted({point.source for point in points.points if point.source is not None})
        self._rows: Final = {name: row for row, name in enumerate(names)}
        self._row_of: Final = np.array([self._rows.get(point.source or "", -1) for point in points.points], np.intp)
        self._begun = [UNSEEN] * len(names)
        self._before: list[int | None] = [None] * len(names)
        self._freshest = [UNSEEN] * len(names)

    def take(self, stamped: SampleBatch) -> None:
        """Look at a batch of one source, which has its arrival."""
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
        """Return how far a source is ahead, None before it was heard for a while. [ns]."""
        row = self._rows.get(source)
        before = None if row is None else self._before[row]
        return None if row is None or before is None else max(before, self._freshest[row])
