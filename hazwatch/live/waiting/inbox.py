"""`Inbox`: what waits for the task that owns the state; each source has its own line, so none starves another."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from logging import getLogger
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alarms import Command, Record
from hazwatch.live.clock import monotonic
from hazwatch.live.late.review import ReviewOutcome
from hazwatch.live.waiting.line import SourceLine, pieces
from plant import Message, SampleBatch

logger = getLogger(__name__)

HOLD_BACK: Final = 2.0
"""Time for which a full line holds its source back; then it refuses what does not fit, until it was empty once. [s]"""
# A source that holds back long keeps older and older samples: a burst is worth waiting for, an overload is not.
LONGEST_TURN: Final = 0.005
"""Longest time for which a source that never waits keeps the event loop. [s]"""
REPORT_EVERY: Final = 10.0
"""Time between two reports of refused samples: in the log, and as BAD samples of their points. [s]"""
# A BAD sample for every refused one would add to the overload.


@dataclass(frozen=True, slots=True)
class QueuedCommand:
    """A command in the inbox, and the future of its outcome."""

    command: Command
    outcome: "asyncio.Future[Sequence[Record]]"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a review of late data in the inbox, and the future of its records."""

    review: ReviewOutcome
    outcome: "asyncio.Future[Sequence[Record]]"


Item = SampleBatch | QueuedCommand | Finding
"""What the task that owns the state takes from the inbox."""


class Inbox:
    """Commands and reviews first, then one batch of each source in turn.

    Parameters
    ----------
    sources : sequence of str
        Ids of the sources.
    points : int
        Number of points of the site.

    """

    def __init__(self, sources: Sequence[str], points: int) -> None:
        self._points: Final = points
        self._lines: Final = {source: SourceLine(points) for source in sources}
        self._turns: Final = deque(self._lines.values())
        self._orders: Final[deque[QueuedCommand | Finding]] = deque()
        self._waiting: Final = asyncio.Event()
        self._reported: Final = dict.fromkeys(self._lines, 0)
        self._turn = 0.0

    @property
    def refused(self) -> Mapping[str, int]:
        """Number of refused samples of each source since the start."""
        return {source: line.refused for source, line in self._lines.items()}

    def refused_of_points(self) -> NDArray[np.int64]:
        """Return the number of refused samples of each point since the start, shape (points,)."""
        total = np.zeros(self._points, np.int64)
        for line in self._lines.values():
            total += line.refused_of
        return total

    def submit(self, order: QueuedCommand | Finding) -> None:
        """Add a command or the outcome of a review."""
        self._orders.append(order)
        self._waiting.set()

    async def deliver(self, source: str, batch: SampleBatch) -> None:
        """Add a batch of a source; while its line is full, wait, and after HOLD_BACK refuse and count the batch."""
        line = self._lines[source]
        for piece in pieces(batch):
            if await self._has_room(line, piece):
                line.put(piece, monotonic())
                self._waiting.set()
            else:
                line.refuse(piece)
        # Neither a full line nor a source that always has more suspends this task.
        if monotonic() - self._turn > LONGEST_TURN:
            await asyncio.sleep(0)
            self._turn = monotonic()

    async def wait(self, longest: float) -> None:
        """Return when something waits, or after a time. [s]."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._waiting.wait()

    def next(self, *, orders_only: bool = False) -> Item | None:
        """Remove and return what is to be done next; None if nothing waits."""
        if self._orders:
            return self._orders.popleft()
        if orders_only:
            return None
        for _ in range(len(self._turns)):
            batch = self._turns[0].take()
            self._turns.rotate(-1)
            if batch is not None:
                return batch
        self._waiting.clear()
        return None

    async def report(self) -> None:
        """Report refused samples every REPORT_EVERY, in the log and as a gap of their points, until cancelled."""
        while True:
            await asyncio.sleep(REPORT_EVERY)
            self.account()

    def account(self) -> None:
        """Log what was refused since the last call, and let it enter as a gap of each point."""
        for source, line in self._lines.items():
            if (gap := line.gap()) is not None:
                line.put(gap, monotonic())
                self._waiting.set()
                event = Message("samples refused, the source is faster than the engine")
                new, self._reported[source] = line.refused - self._reported[source], line.refused
                logger.warning("%s source=%s samples=%d total=%d", event, source, new, line.refused)

    async def _has_room(self, line: SourceLine, piece: SampleBatch) -> bool:
        """Wait for room: without end for buffered history, which grows no older, and up to HOLD_BACK otherwise."""
        patience = None if piece.backfilled.all() else HOLD_BACK
        with suppress(TimeoutError):
            while not line.has_room(now := monotonic()):
                left = None if patience is None else patience - (now - (line.busy_since or now))
                if left is not None and left <= 0:
                    return False
                async with asyncio.timeout(left):
                    await line.room.wait()
            return True
        return False
