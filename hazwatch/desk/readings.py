"""The latest reading of every point, and the time since which the point is in doubt."""

from collections import Counter
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console import Reading
from hazwatch.live.runtime import Runtime
from plant import PointTable, Quality
from plant.quality import QUALITY_NAMES
from plant.units import MS
from rules import Readings

NEVER_SEEN: Final = np.iinfo(np.int64).min


class PointReadings:
    """The readings in the engine's columns; it remembers what it has returned, to find changes."""

    def __init__(self, points: PointTable, runtime: Runtime) -> None:
        self._points: Final = points
        self._ids: Final = [point.id for point in points.points]
        self._runtime: Final = runtime
        self._doubtful_since: Final[NDArray[np.int64]] = np.full(len(points), NEVER_SEEN, np.int64)
        self._shown_time: Final[NDArray[np.int64]] = np.full(len(points), NEVER_SEEN, np.int64)
        self._shown_doubt: Final[NDArray[np.bool_]] = np.zeros(len(points), np.bool_)
        self._sources: Final = {
            source: np.array([point.source == source for point in points.points], np.bool_)
            for source in {point.source for point in points.points}
        }

    def refresh(self) -> list[Reading]:
        """Return the readings that changed since the last call."""
        seen = self._runtime.pipeline.engine.readings()
        doubt = seen.in_doubt.astype(np.bool_)
        begins = doubt & (self._doubtful_since == NEVER_SEEN)
        self._doubtful_since[begins] = self._runtime.clock.now()
        self._doubtful_since[~doubt] = NEVER_SEEN
        changed = np.flatnonzero((seen.time != self._shown_time) | (doubt != self._shown_doubt))
        self._shown_time[:] = seen.time
        self._shown_doubt[:] = doubt
        return self._rows(seen, changed)

    def all(self) -> list[Reading]:
        """Return the reading of every point, as of the last `refresh`."""
        return self._rows(self._runtime.pipeline.engine.readings(), np.arange(len(self._points)))

    def doubtful(self) -> Counter[str]:
        """Return the number of points in doubt by hazard source."""
        columns = np.flatnonzero(self._shown_doubt)
        return Counter(self._points.points[int(column)].hazard_source for column in columns)

    def connected(self, source: str) -> bool:
        """Whether any point of a source has a value that is neither BAD nor stale."""
        # A link that answers for one point stands: the others may be refused addresses or broken sensors.
        mine = self._sources.get(source)
        if mine is None:
            return True
        seen = self._runtime.pipeline.engine.readings()
        alive = (seen.time != NEVER_SEEN) & (seen.quality != Quality.BAD) & ~seen.stale.astype(np.bool_)
        return bool(alive[mine].any())

    def answers(self, source: str) -> bool:
        """Whether the last sample of any point of a source, accepted or too old for it, was not BAD."""
        mine = self._sources.get(source)
        return mine is None or bool(self._runtime.answered[mine].any())

    def _rows(self, seen: Readings, columns: NDArray[np.intp]) -> list[Reading]:
        """Return the readings of some columns."""
        # `tolist` converts an array at C speed. Thousands of numpy scalars would block the loop that brings alarms.
        mine = (self._runtime.arrivals, self._shown_doubt, self._doubtful_since)
        arrays = (seen.time, seen.value, seen.quality, seen.state, seen.stale, *mine)
        lists = (columns.tolist(), *(array[columns].tolist() for array in arrays))
        return [
            {
                "point": self._ids[column],
                "value": value if isfinite(value) else None,
                "quality": QUALITY_NAMES[quality],
                "state": state,
                "time": None if time == NEVER_SEEN else time // MS,
                "time_ns": None if time == NEVER_SEEN else str(time),
                "arrival": None if arrival == NEVER_SEEN else arrival // MS,
                "doubt": doubt,
                "stale": bool(stale),
                "bad_since": None if since == NEVER_SEEN else since // MS,
            }
            for column, time, value, quality, state, stale, arrival, doubt, since in zip(*lists, strict=True)
        ]
