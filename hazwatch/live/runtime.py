"""Runs the pipeline on live sources: one task owns the state and receives everything through one queue."""

import asyncio
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from copy import copy
from dataclasses import replace
from logging import getLogger
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources import Source, SourceReport
from adapters.stores import Historian, Journal, JournalError, PendingEntry
from alarms import Command, CommandRefusedError, IllegalTransitionError, Record
from hazwatch.live.clock import ScaledClock, monotonic
from hazwatch.live.completeness.source_watch import SourceWatch
from hazwatch.live.handover import EntriesAhead, Unstored
from hazwatch.live.late.queue import Reviews
from hazwatch.live.late.review import Job, ReviewOutcome
from hazwatch.live.late.worker import ApartError
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.restart import Snapshot
from hazwatch.live.turns.afterwards import Afterwards
from hazwatch.live.turns.slow_disk import is_ahead
from hazwatch.live.turns.telling import Telling, log_durable
from hazwatch.live.waiting.inbox import Finding, Inbox, Item, QueuedCommand
from plant import NO_ARRIVAL, Message, Quality, SampleBatch, message_of
from rules import Engine

logger = getLogger(__name__)

LONGEST_SLICE: Final = 0.01
"""Longest time for which samples are processed before ticks and page get their turn. [s]"""
SHORTEST_WAIT: Final = 0.002
"""Shortest wait for an item, so that the ticks of a fast clock are processed together. [s]"""
SNAPSHOT_EVERY: Final = 60.0
"""Time between two snapshots. [s]"""
RESTART_PAUSE: Final = 1.0
"""Pause before a failed source is started again. [s]"""


# One task (`_own`) changes engine and ledger, so neither needs a lock. Sources, commands and reviews only put items
# into the inbox. The order for a batch: note the entry, journal its records, store it in the history; see handover.py.
class Runtime:
    """The live shell around a pipeline: it supplies the log and stores the results, and makes no decisions."""

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
        self.answered: Final[NDArray[np.bool_]] = np.zeros(len(pipeline.points), np.bool_)
        self.watch: Final = SourceWatch(
            pipeline.points, pipeline.sources, pipeline.engine.counts, self.report, rate=clock.rate
        )
        self._telling: Final = Telling()
        self.observers: Final = self._telling.observers
        self._unjournaled = False
        self._underway: Iterator[None] = iter(())
        self._between: Final = asyncio.Lock()
        self._afterwards: Final = Afterwards(self._note)
        self._ahead: Final = EntriesAhead(historian, unstored)
        self._appended: Future[int] | None = None
        self._snapshot_path: Final = snapshot
        self._before: Final = before
        self._sources: Final = tuple(sources)
        self.inbox: Final = Inbox(tuple(self.restarts), len(pipeline.points))
        self._late: Final = reviews.backlog
        self._review: Final = reviews.look
        self._damages: Final = reviews.damages
        self._jobs: Final[asyncio.Queue[Job]] = asyncio.Queue()

    async def run(self) -> None:
        """Run until cancelled, then journal and store everything that has entered."""
        now = self.clock.now()
        begun = self._ahead.note(now, None)
        self._late.start(now)
        self.watch.start(now, self._before)
        self._keep(self.pipeline.start(now))
        self._ahead.store(begun, self._appended)
        # A kill before the first snapshot would lose the contents of windows and delays.
        if not self._snapshot_path.exists():
            await self._snapshot()
        try:
            async with asyncio.TaskGroup() as group:
                for source in self._sources:
                    group.create_task(self._supervise(source), name=f"source {source.name}")
                group.create_task(self._own(), name="engine")
                group.create_task(self.inbox.report(), name="refusals")
                group.create_task(log_durable(self.journal, self.historian), name="durable")
                group.create_task(self._save(), name="snapshots")
                group.create_task(self._look_back(), name="reviews")
        except asyncio.CancelledError:
            # An ordered stop processes what has entered. After an error the state is suspect, and nothing is touched.
            self.inbox.account()
            deque(self._underway, maxlen=0)
            while (item := self.inbox.next()) is not None:
                deque(self._steps(item), maxlen=0)
            self._afterwards.settle()
            await self._snapshot()
            raise

    async def command(self, command: Command) -> Sequence[Record]:
        """Execute a command; return when its records are in the journal on disk.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            The command is not possible now.

        """
        outcome: asyncio.Future[Sequence[Record]] = asyncio.get_running_loop().create_future()
        self.inbox.submit(QueuedCommand(command, outcome))
        return await outcome

    def lost(self, source: str) -> int:
        """Return the number of samples that a source, its device or the inbox dropped since the start."""
        return self.inbox.refused.get(source, 0) + sum(each.lost for each in self._sources if each.name == source)

    def report(self, source: str) -> SourceReport:
        """Return what a source knows about its own completeness."""
        return next((each.report for each in self._sources if each.name == source), SourceReport())

    def troubles(self) -> dict[str, Message]:
        """Return the reasons why stores cannot be written at present, by name; their data waits in memory."""
        failure = self.journal.failure
        reasons = {
            "journal": None if failure is None else message_of(failure),
            "historian": self.historian.fault,
        }
        return {store: reason for store, reason in reasons.items() if reason is not None}

    async def _supervise(self, source: Source) -> None:
        """Queue the batches of a source, and restart it after a failure."""
        while True:
            try:
                async with aclosing(source.samples()) as batches:
                    async for batch in batches:
                        await self.inbox.deliver(source.name, batch)
            except Exception:
                # The only such handler in the project: no fault of one source may stop the others and the engine.
                logger.exception("%s source=%s", Message("source failed"), source.name)
            self.restarts[source.name] += 1
            await asyncio.sleep(RESTART_PAUSE)

    async def _own(self) -> None:
        """Process waiting items and due ticks in a loop."""
        while True:
            wait = self.clock.real(self.pipeline.intake.next_due - self.clock.now())
            await self.inbox.wait(max(wait, SHORTEST_WAIT))
            await self._take_turns()
            now = self.clock.now()
            await self._go_through(self._in_parts(self.pipeline.tick_in_parts(now)))
            if (job := self._late.due(now, self.historian.acknowledged)) is not None:
                self._jobs.put_nowait(job)
            # The next wait does not suspend this task while something is in the inbox.
            await asyncio.sleep(SHORTEST_WAIT if is_ahead(self.journal, self.historian) else 0)

    async def _look_back(self) -> None:
        """Review late data, one job at a time, and queue the outcomes."""
        while True:
            job = await self._jobs.get()
            try:
                async with aclosing(self._review(job)) as outcomes:
                    async for review in outcomes:
                        await self._hand_in(review)
            except (ApartError, JournalError) as error:
                logger.warning("%s reason=%s", Message("late data not reviewed, it will be tried again"), error)
                self._late.failed(self.clock.now())
            else:
                self._late.done()

    async def _hand_in(self, review: ReviewOutcome) -> None:
        """Queue the outcome of a review; return when its records are in the journal on disk."""
        # The process of the review has a log of its own, which no page shows.
        for damage in review.damages:
            self._damages(damage)
        outcome: asyncio.Future[Sequence[Record]] = asyncio.get_running_loop().create_future()
        self.inbox.submit(Finding(review, outcome))
        records = await outcome
        reviewed = Message("late data reviewed")
        logger.info("%s samples=%d events=%d", reviewed, review.samples, len(records) - 1)

    async def _save(self) -> None:
        """Write a snapshot soon after the start, and then periodically."""
        while True:
            await self._snapshot()
            await asyncio.sleep(SNAPSHOT_EVERY)

    async def _snapshot(self) -> None:
        """Write a snapshot of the engine, after everything that it knows is in the journal."""
        # An empty append waits for all earlier ones. A snapshot ahead of the journal would be of no use after a crash,
        # and one amid an item would lose the events that the ledger does not have yet.
        async with self._between:
            snapshot = Snapshot.without_engine(self.pipeline, self._before, self._late.reviewed)
            engine = copy(self.pipeline.engine)
        try:
            await asyncio.wrap_future(self.journal.append([], self._ahead.handover()))
            await asyncio.to_thread(self._write, replace(snapshot, anchor=self.journal.anchor), engine)
        except (JournalError, OSError) as error:
            logger.warning("%s reason=%s", Message("no snapshot of the engine"), error)

    def _write(self, snapshot: Snapshot, engine: Engine) -> None:
        replace(snapshot, engine=engine.snapshot()).write(self._snapshot_path)

    async def _take_turns(self) -> None:
        """Process what waits, for at most LONGEST_SLICE."""
        end, ahead = monotonic() + LONGEST_SLICE, is_ahead(self.journal, self.historian)
        while (item := self.inbox.next(orders_only=ahead)) is not None:
            await self._go_through(self._steps(item))
            if monotonic() > end:
                return

    async def _go_through(self, steps: Iterator[None]) -> None:
        """Process an item; page and network get their turn between its steps, and the next item waits."""
        async with self._between:
            self._underway = steps
            for _ in steps:
                await asyncio.sleep(0)

    def _steps(self, item: Item) -> Iterator[None]:
        if isinstance(item, QueuedCommand):
            self._carry_out(item)
        elif isinstance(item, Finding):
            self._keep(self.pipeline.review(item.review, self.clock.now()), item)
        elif len(item):
            stamped, parts = self.pipeline.feed_in_parts(item, self.clock.now())
            entry = self._ahead.note(int(stamped.arrival[0]), stamped)
            # The journal first, because alarms wait for it, and a replay of the history must give no other events.
            self._afterwards.put((stamped, entry), later=(yield from self._in_parts(parts)))

    def _note(self, noted: tuple[SampleBatch, PendingEntry]) -> None:
        stamped, entry = noted
        self._ahead.store(entry, self._appended)
        self._late.note(stamped)
        self.arrivals[stamped.point] = stamped.arrival
        self.answered[stamped.point] = stamped.quality != Quality.BAD
        self.watch.take(stamped)

    def _in_parts(self, parts: Iterator[list[Record]]) -> Generator[None, None, bool]:
        """Journal parts of records, each at once; yield between them, and return whether there was any."""
        number = 0
        for number, records in enumerate(parts, 1):
            if number > 1:
                yield
            self._keep(records)
        return number > 0

    def _carry_out(self, order: QueuedCommand) -> None:
        try:
            records = self.pipeline.command(order.command, self.clock.now())
        except (CommandRefusedError, IllegalTransitionError) as refusal:
            if not order.outcome.done():
                order.outcome.set_exception(refusal)
            return
        self._keep(records, order)

    def _keep(self, records: Sequence[Record], order: QueuedCommand | Finding | None = None) -> None:
        """Journal records; when they are on disk, publish them and complete the command."""
        loop = asyncio.get_running_loop()

        def journaled(done: "Future[Any]") -> None:
            loop.call_soon_threadsafe(self._journaled, records, order, done)

        # A repeated command has no records, but must still wait for those of the first.
        if records or order is not None:
            self._appended = self.journal.append(records, self._ahead.handover())
            self._appended.add_done_callback(journaled)

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
        # The page shows an alarm even if the journal cannot be written.
        self._telling.tell(records)
