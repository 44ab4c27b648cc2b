"""Measures the recorded part of a period: rates over unrecorded hours would look harmless."""

from typing import Final

import numpy as np

from hazwatch.site.config import Config
from ingest import SAMPLE, Log
from plant import NEVER_STALE
from plant.units import MINUTE

LEAST_SILENCE: Final = 10 * MINUTE
"""A shorter time without samples is not a gap, even if points become stale sooner. [ns]"""


class Recorded:
    """Adds up the time between samples of any point, without the gaps in which all points were silent.

    Parameters
    ----------
    config : Config
        Gives the time after which a point is stale.
    start, end : int
        The period [start, end). [ns, UTC]

    """

    def __init__(self, config: Config, start: int, end: int) -> None:
        silent = [point.stale_after for point in config.points.points if point.stale_after != NEVER_STALE]
        self._silence: Final = max([LEAST_SILENCE, *silent])
        self._start: Final = start
        self._end: Final = end
        self._last = start
        self._sum = 0

    def add(self, log: Log) -> None:
        """Count the next piece of the log."""
        # Late samples must not move the clock back, hence the running maximum.
        times = np.clip(log.time[log.kind == SAMPLE], self._start, self._end)
        if len(times):
            reached = np.maximum.accumulate(np.append(self._last, times))
            between = np.diff(reached)
            self._sum += int(between[between <= self._silence].sum())
            self._last = int(reached[-1])

    @property
    def total(self) -> int:
        """Recorded time up to the end of the period. [ns]."""
        rest = self._end - self._last
        return self._sum + (rest if rest <= self._silence else 0)
