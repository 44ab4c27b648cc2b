"""`SourceLine`: the batches of one source that wait for the engine, bounded, with a count of what it refused."""

from asyncio import Event
from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant import Quality, SampleBatch, State

LONGEST_BATCH: Final = 8192
"""Largest number of samples in one step of the engine; a longer batch is cut into pieces."""
MOST_BATCHES: Final = 512
"""Largest number of batches of one source that wait for the engine."""
ROOM_FOR_SAMPLES: Final = 20_000
"""Number of waiting samples of one source from which on no further batch of it may wait."""
NOT_YET: Final = np.iinfo(np.int64).min


def pieces(batch: SampleBatch) -> Iterator[SampleBatch]:
    """Yield a batch in pieces of at most LONGEST_BATCH samples; none of them has a sample older than an earlier one."""
    if len(batch) <= LONGEST_BATCH:
        yield batch
        return
    order = np.argsort(batch.time, kind="stable")
    for first in range(0, len(batch), LONGEST_BATCH):
        yield batch.take(order[first : first + LONGEST_BATCH])


class SourceLine:
    """The waiting batches of one source, in their order.

    A refused sample is not lost in silence: `gap` yields a BAD sample with the state "not scanned" for its point.

    Parameters
    ----------
    points : int
        Number of points of the site.

    Attributes
    ----------
    refused : int
        Number of samples refused since the start.
    room : asyncio.Event
        Set while another batch may wait.
    busy_since : float or None
        Time at which the line became full; None again once it was empty. [s, monotonic]

    """

    def __init__(self, points: int) -> None:
        self.refused = 0
        self.busy_since: float | None = None
        self.room: Final = Event()
        self.room.set()
        self._batches: Final[deque[SampleBatch]] = deque()
        self._samples = 0
        self._latest: Final[NDArray[np.int64]] = np.full(points, NOT_YET, np.int64)
        self._lost: Final[NDArray[np.int64]] = np.full(points, NOT_YET, np.int64)

    def put(self, batch: SampleBatch, now: float) -> None:
        """Add a batch. [now: s, monotonic]."""
        np.maximum.at(self._latest, batch.point, batch.time)
        self._batches.append(batch)
        self._samples += len(batch)
        if len(self._batches) >= MOST_BATCHES or self._samples >= ROOM_FOR_SAMPLES:
            self.room.clear()
            self.busy_since = now if self.busy_since is None else self.busy_since

    def take(self) -> SampleBatch | None:
        """Remove and return the first batch; None if none waits."""
        if not self._batches:
            return None
        batch = self._batches.popleft()
        self._samples -= len(batch)
        if len(self._batches) < MOST_BATCHES and self._samples < ROOM_FOR_SAMPLES:
            self.room.set()
        if not self._batches:
            self.busy_since = None
        return batch

    def refuse(self, batch: SampleBatch) -> None:
        """Count a batch that does not enter, and remember its points for `gap`."""
        self.refused += len(batch)
        np.maximum.at(self._lost, batch.point, batch.time)

    def gap(self) -> SampleBatch | None:
        """Return a BAD sample for each point that lost samples since the last call; None if no point did."""
        columns = np.flatnonzero(self._lost != NOT_YET)
        if not len(columns):
            return None
        # A later sample of the point may have entered since: the gap must not be late behind it.
        times = np.maximum(self._lost[columns], self._latest[columns] + 1)
        self._lost[columns] = NOT_YET
        return SampleBatch.of(columns, times, np.nan, quality=Quality.BAD, state=State.NOT_SCANNED)
