"""`TransitTimes`: how long samples are on their way from a source to the engine."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hazwatch.live.completeness.source_rows import SourceRows
from plant import Quality, SampleBatch
from plant.units import HOUR, MINUTE, MS

EDGES: Final[NDArray[np.int64]] = np.geomspace(MS, HOUR, 80).astype(np.int64)
"""Upper ends of the classes; each is a fifth longer than the one before. [ns]"""
TRANSIT_PERIOD: Final = 5 * MINUTE
"""Length of each of the two periods that count. [ns]"""


class Transit(NamedTuple):
    """The median, and the time within which 99 of 100 samples came. [ns]."""

    median: int
    longest: int


class TransitTimes:
    """The times from source to engine of the last minutes, in classes.

    Only a changed value counts: a value that a scan confirms has a computed time.
    """

    def __init__(self, rows: SourceRows) -> None:
        self._row: Final = rows.row
        self._rows: Final = {name: row for row, name in enumerate(rows.names)}
        self._value: Final = np.full(len(rows.row), np.nan)
        self._begun: Final = [0] * len(rows.names)
        self._now: Final = np.zeros((len(rows.names), len(EDGES) + 1), np.int64)
        self._before: Final = np.zeros_like(self._now)

    def take(self, stamped: SampleBatch, skew: int | None) -> None:
        """Add a stamped batch of one source whose clock is ahead by `skew`. [ns]."""
        fresh = (stamped.quality != Quality.BAD) & ~stamped.backfilled
        point, value = stamped.point[fresh], stamped.value[fresh]
        known = self._value[point]
        changed = (value != known) & ~np.isnan(known)
        self._value[point] = value
        row, arrival = int(self._row[stamped.point[0]]), int(stamped.arrival[0])
        if row < 0 or skew is None or not changed.any():
            return
        if arrival >= self._begun[row] + TRANSIT_PERIOD:
            self._before[row], self._now[row] = self._now[row], 0
            self._begun[row] = arrival
        lasted = arrival - stamped.time[fresh][changed] + skew
        self._now[row] += np.bincount(EDGES.searchsorted(lasted), minlength=len(EDGES) + 1)

    def of(self, source: str) -> Transit | None:
        """Return the times of a source; None while no changed value has shown them."""
        classes = self._now[self._rows[source]] + self._before[self._rows[source]]
        total = int(classes.sum())
        if not total:
            return None
        ranks = classes.cumsum().searchsorted([(total + 1) // 2, -(-total * 99 // 100)])
        median, longest = (int(EDGES[min(rank, len(EDGES) - 1)]) for rank in ranks)
        return Transit(median, longest)
