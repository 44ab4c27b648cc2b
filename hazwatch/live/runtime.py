"""Runs the pipeline on live sources: one task owns the state, and everything reaches it by one queue."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import dataclass
from logging import DEBUG, getLogger
from pathlib import Path
from typing import Any, Final

import numpy as np

from adapters.sources import Source
from adapters.stores import Historian, Journal, JournalError
from alarms import Command, CommandRefusedError, IllegalTransitionError, Record
from hazwatch.live.clock import ScaledClock
from hazwatch.live.handover import EntriesAhead, Unstored
from hazwatch.live.late.queue import Reviews
from hazwatch.live.late.review import Job, ReviewOutcome
from hazwatch.live.late.worker import ApartError
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.restart import Snapshot
from hazwatch.live.source_clocks import Skews
from plant import NO_ARRIVAL, Message, SampleBatch, message_of

logger = getLogger(__name__)

QUEUED: Final = 1024
"""Batches that may wait; a source that is faster than the engine waits, and nothing is dropped."""
BATCHES_AT_ONCE: Final = 256
"""Batches that are taken before the page and the ticks get their turn."""
SHORTEST_WAIT: Final = 0.002
"""Ticks of a fast clock are taken together. [s]"""
SNAPSHOT_EVERY: Final = 60.0
"""[s]"""
RESTART_PAUSE: Final = 1.0
"""Before a source that failed is started again. [s]"""


@dataclass(frozen=True, slots=True)
class QueuedCommand:
    """A command on its way to the owner of the state, and where its outcome goes."""

    command: Command
    outcome: "asyncio.Future[Sequence[Record]]"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a review of late data found, on its way to the owner of the state."""

    found: ReviewOutcome
    outcome: "asyncio.Future[Sequence[Record]]"


Item = SampleBatch | QueuedCommand | Finding
"""What reaches the owner of the state."""


class Runtime:
    """The live shell around a pipeline: it supplies the log, keeps what comes out, and decides nothing."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        sources: Sequence[Source],
        clock: ScaledClock,
        journal: Journal,
        historian: Historian,
        unstored: Unstored,
        snapshot: Path,
        before: int,
        reviews: Reviews,
    ) -> None:
        self.pipeline: Final = pipeline
        self.clock: Final = clock
        self.journal: Final = journal
        self.historian: Final = historian
        self.restarts: Final = dict.fromkeys((source.name for source in sources), 0)
        self.arrivals: Final = np.full(len(pipeline.points), NO_ARRIVAL, np.int64)
        self.skews: Final = Skews(pipeline.points)
        self.observers: Final[list[Callable[[Sequence[Record]], None]]] = []
        self._unjournaled = False
        self._ahead: Final = EntriesAhead(historian, unstored)
        self._snapshot_path: Final = snapshot
        self._before: Final = before
        self._sources: Final = tuple(sources)
        self._queue: Final[asyncio.Queue[Item]] = asyncio.Queue(QUEUED)
        self._late: Final = reviews.backlog
        self._review: Final = reviews.look
        self._jobs: Final[asyncio.Queue[Job]] = asyncio.Queue()

    async def run(self) -> None:
        """Run until cancelled; then everything that entered is journaled and recorded."""
        now = self.clock.now()
        begun = self._ahead.note(now, None)
        self._late.start(now)
        self._keep(self.pipeline.start(now))
        self._ahead.store(begun)
        if not self._snapshot_path.exists():  # a kill before the first one would cost windows and delays
            await self._snapshot()
        try:
            async with asyncio.TaskGroup() as group:
                for source in self._sources:
                    group.create_task(self._supervise(source), name=f"source {source.name}")
                group.create_task(self._own(), name="engine")
                group.create_task(self._tell(), name="durable")
                group.create_task(self._save(), name="snapshots")
                group.create_task(self._look_back(), name="reviews")
        except asyncio.CancelledError:  # told to stop: all that entered is kept; after an error nothing is touched
            while waiting := self._waiting():
                self._take(waiting)
            await self._snapshot()
            raise

    async def command(self, command: Command) -> Sequence[Record]:
        """Have a command carried out; return when it is in the journal for good.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            It is not possible now.

        """
        outcome: asyncio.Future[Sequence[Record]] = asyncio.get_running_loop().create_future()
        await self._queue.put(QueuedCommand(command, outcome))
        return await outcome

    def troubles(self) -> dict[str, Message]:
        """Return why a store cannot be written now, by its name; what cannot be written waits in memory."""
        failure = self.journal.failure
        reasons = {
            "journal": None if failure is None else message_of(failure),
            "historian": self.historian.fault,
        }
        return {store: reason for store, reason in reasons.items() if reason is not None}

    async def _supervise(self, source: Source) -> None:
        """Hand on what a source yields, and start it again where it fails."""
        while True:
            try:
                async with aclosing(source.samples()) as batches:
                    async for batch in batches:
                        await self._queue.put(batch)
            except Exception:  # the one place: whatever a source does, the others and the engine go on
                logger.exception("%s source=%s", Message("source failed"), source.name)
            self.restarts[source.name] += 1
            await asyncio.sleep(RESTART_PAUSE)

    async def _own(self) -> None:
        """Take what waits, and the ticks that are due, again and again."""
        while True:
            wait = self.clock.real(self.pipeline.intake.next_due - self.clock.now())
            first: list[Item] = []
            with suppress(TimeoutError):
                async with asyncio.timeout(max(wait, SHORTEST_WAIT)):
                    first.append(await self._queue.get())
            self._take(first + self._waiting())
            now = self.clock.now()
            self._keep(self.pipeline.tick(now))
            if (job := self._late.due(now, self.historian.acknowledged)) is not None:
                self._jobs.put_nowait(job)

    async def _look_back(self) -> None:
        """Have late data reviewed, one job after the other; what is found goes the way of all else."""
        while True:
            job = await self._jobs.get()
            try:
                async with aclosing(self._review(job)) as outcomes:
                    async for found in outcomes:
                        await self._hand_in(found)
            except (ApartError, JournalError) as error:
                logger.warning("%s reason=%s", Message("late data not reviewed, it will be tried again"), error)
                self._late.failed(self.clock.now())
            else:
                self._late.done()

    async def _hand_in(self, found: ReviewOutcome) -> None:
        """Hand in what was found; return when it is in the journal for good."""
        outcome: asyncio.Future[Sequence[Record]] = asyncio.get_running_loop().create_future()
        await self._queue.put(Finding(found, outcome))
        records = await outcome
        reviewed = Message("late data reviewed")
        logger.info("%s samples=%d events=%d", reviewed, found.samples, len(records) - 1)

    async def _save(self) -> None:
        """Take snapshots: soon after the start, and then again and again."""
        while True:
            await self._snapshot()
            await asyncio.sleep(SNAPSHOT_EVERY)

    async def _snapshot(self) -> None:
        """Write down what the engine remembers, once all that it knows is in the journal."""
        snapshot = Snapshot.of(self.pipeline, self._before, self._late.reviewed)
        try:
            await asyncio.wrap_future(self.journal.append([], self._ahead.handover()))
            await asyncio.to_thread(snapshot.write, self._snapshot_path)
        except (JournalError, OSError) as error:
            logger.warning("%s reason=%s", Message("no snapshot of the engine"), error)

    async def _tell(self) -> None:
        """Say every second up to where everything is on disk, for who debugs."""
        while logger.isEnabledFor(DEBUG):
            durable = Message("durable")
            logger.debug("%s history=%d records=%d", durable, self.historian.acknowledged, self.journal.head()[0])
            await asyncio.sleep(1.0)

    def _waiting(self) -> list[Item]:
        items: list[Item] = []
        while not self._queue.empty() and len(items) < BATCHES_AT_ONCE:
            items.append(self._queue.get_nowait())
        return items

    def _take(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, QueuedCommand):
                self._carry_out(item)
            elif isinstance(item, Finding):
                self._keep(self.pipeline.review(item.found, self.clock.now()), item)
            elif len(item):
                stamped, records = self.pipeline.feed(item, self.clock.now())
                entry = self._ahead.note(int(stamped.arrival[0]), stamped)
                self._keep(records)  # first: an alarm waits for it
                self._ahead.store(entry)
                self._late.note(stamped)
                self.arrivals[stamped.point] = stamped.arrival
                self.skews.take(stamped)

    def _carry_out(self, order: QueuedCommand) -> None:
        try:
            records = self.pipeline.command(order.command, self.clock.now())
        except (CommandRefusedError, IllegalTransitionError) as refusal:
            if not order.outcome.done():
                order.outcome.set_exception(refusal)
            return
        self._keep(records, order)

    def _keep(self, records: Sequence[Record], order: QueuedCommand | Finding | None = None) -> None:
        """Journal records; publish them, and answer the command, when they are there for good."""
        loop = asyncio.get_running_loop()

        def journaled(done: "Future[Any]") -> None:
            loop.call_soon_threadsafe(self._journaled, records, order, done)

        if records or order is not None:  # a command given twice has no records, but waits for the first one's
            self.journal.append(records, self._ahead.handover()).add_done_callback(journaled)

    def _journaled(self, records: Sequence[Record], order: QueuedCommand | Finding | None, done: "Future[Any]") -> None:
        error = done.exception()
        if error is not None and not self._unjournaled:
            logger.error("%s reason=%s", Message("journal cannot be written, records wait in memory"), error)
        self._unjournaled = error is not None
        if order is not None and not order.outcome.done():
            if error is None:
                order.outcome.set_result(records)
            else:
                order.outcome.set_exception(error)
        for observe in self.observers:  # an alarm that cannot be journaled is an alarm all the same
            observe(records)
