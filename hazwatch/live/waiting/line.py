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
LONGEST_DELAY: Final = 1.0
"""Time that the first batch of a line may have waited when another one joins it. [s]"""
# A tick does not wait for the samples behind it: on a slow machine a long line would make its points stale.
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
    refused_of : (points,) int64
        The same for each point.
    room : asyncio.Event
        Set when a batch was taken and another one may join.
    busy_since : float or None
        Time at which the line was seen full; None again once it was empty. [s, monotonic]

    """

    def __init__(self, points: int) -> None:
        self.refused = 0
        self.refused_of: Final[NDArray[np.int64]] = np.zeros(points, np.int64)
        self.busy_since: float | None = None
        self.room: Final = Event()
        self._batches: Final[deque[tuple[SampleBatch, float]]] = deque()
        self._samples = 0
        self._latest: Final[NDArray[np.int64]] = np.full(points, NOT_YET, np.int64)
        self._lost: Final[NDArray[np.int64]] = np.full(points, NOT_YET, np.int64)

    def put(self, batch: SampleBatch, now: float) -> None:
        """Add a batch. [now: s, monotonic]."""
        np.maximum.at(self._latest, batch.point, batch.time)
        self._batches.append((batch, now))
        self._samples += len(batch)

    def has_room(self, now: float) -> bool:
        """Whether another batch may join; if not, the line is busy from now on. [now: s, monotonic]."""
        if not self._batches or (
            len(self._batches) < MOST_BATCHES
            and self._samples < ROOM_FOR_SAMPLES
            and now < self._batches[0][1] + LONGEST_DELAY
        ):
            return True
        self.room.clear()
        self.busy_since = now if self.busy_since is None else self.busy_since
        return False

    def take(self) -> SampleBatch | None:
        """Remove and return the first batch; None if none waits."""
        if not self._batches:
            return None
        batch, _ = self._batches.popleft()
        self._samples -= len(batch)
        if not self._batches:
            self.busy_since = None
        self.room.set()
        return batch

    def refuse(self, batch: SampleBatch) -> None:
        """Count a batch that does not enter, and remember its points for `gap`."""
        self.refused += len(batch)
        np.add.at(self.refused_of, batch.point, 1)
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
