"""The latest reading of every point, and the time since which the point is in doubt."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console import Reading
from hazwatch.live.runtime import Runtime
from plant import PointTable, Quality
from plant.quality import QUALITY_NAMES
from plant.units import MS
from rules import Readings, inputs_of, parse_expression

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
        self._column: Final = {name: column for column, name in enumerate(self._ids)}
        self._shown: frozenset[str] = frozenset()
        self._shown_columns: NDArray[np.intp] = np.array([], np.intp)
        self._sources, self._source_of = _numbered([point.source or "" for point in points.points])
        self._places, self._place_of = _numbered([point.hazard_source for point in points.points])
        inputs = [inputs_of(parse_expression(point.expression)) for point in points.points if point.expression]
        self._is_input: Final = np.isin(self._ids, [name for names in inputs for name in names])
        self._seen: Readings | None = None
        self._alive: set[int] = set()
        self._connected: set[int] = set()

    def renew(self) -> None:
        """Look at the engine again with the next question."""
        self._seen = None

    @property
    def seen(self) -> Readings:
        """The engine's columns at the last look."""
        if self._seen is None:
            # The columns of a large site take a millisecond, and each of thousands of alarms asks for them.
            seen = self._seen = self._runtime.pipeline.engine.readings()
            alive = (seen.time != NEVER_SEEN) & (seen.quality != Quality.BAD) & ~seen.stale.astype(np.bool_)
            self._alive = set(np.unique(self._source_of[alive]).tolist())
            self._connected = set(np.unique(self._source_of[self._runtime.answered]).tolist())
        return self._seen

    def refresh(self, shown: frozenset[str]) -> tuple[list[Reading], list[str]]:
        """Return the readings of shown points that changed since the last call, and the points that may have a cause.

        These are the changed ones that are BAD, have a state, or are the input of another point.
        """
        self.renew()
        seen = self.seen
        doubt = seen.in_doubt.astype(np.bool_)
        begins = doubt & (self._doubtful_since == NEVER_SEEN)
        self._doubtful_since[begins] = self._runtime.clock.now()
        self._doubtful_since[~doubt] = NEVER_SEEN
        changed = (seen.time != self._shown_time) | (doubt != self._shown_doubt)
        self._shown_time[:] = seen.time
        self._shown_doubt[:] = doubt
        if shown is not self._shown:
            self._shown, self._shown_columns = shown, self._columns_of(shown)
        columns = self._shown_columns[changed[self._shown_columns]]
        suspect = changed & ((seen.quality == Quality.BAD) | (seen.state != 0) | self._is_input)
        return self._rows(seen, columns), [self._ids[column] for column in np.flatnonzero(suspect).tolist()]

    def of(self, points: Iterable[str]) -> list[Reading]:
        """Return the readings of points, as of the last `refresh`."""
        return self._rows(self.seen, self._columns_of(points))

    def doubtful(self) -> dict[str, int]:
        """Return the number of points in doubt by hazard source."""
        counts = np.bincount(self._place_of[self._shown_doubt], minlength=len(self._places))
        return dict(zip(self._places, counts.tolist(), strict=True))

    def fresh(self, source: str) -> bool:
        """Whether any point of a source has a value that is neither BAD nor stale."""
        # A link that answers for one point stands: the others may be refused addresses or broken sensors.
        _ = self.seen
        return source not in self._sources or self._sources[source] in self._alive

    def connected(self, source: str) -> bool:
        """Whether the last sample of any point of a source, accepted or too old for it, was not BAD."""
        _ = self.seen
        return source not in self._sources or self._sources[source] in self._connected

    def _columns_of(self, points: Iterable[str]) -> NDArray[np.intp]:
        return np.array([self._column[point] for point in points], np.intp)

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


def _numbered(names: Sequence[str]) -> tuple[dict[str, int], NDArray[np.intp]]:
    """Return the number of each of the different names, and the number of the name of each row."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return numbers, np.array([numbers[name] for name in names], np.intp)
