"""Assembles a live engine from stores, pipeline, sources and page, and runs it in one event loop until a signal."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from logging import getLogger
from threading import Event
from typing import Final

from adapters.sources import Installation, Source
from adapters.sources.registry import PROTOCOLS
from adapters.stores import DamageLog, Historian, HistoryCheck, HistoryReader, Journal, JournalError, lost_end
from alarms import Approval
from console import CONNECTIONS, Hub, Probes, create_app, serve_on
from hazwatch.desk.copies import copy_troubles
from hazwatch.desk.desk import LiveDesk
from hazwatch.desk.metrics.engine_metrics import EngineMetrics
from hazwatch.desk.start_notices import StartNotices
from hazwatch.live.anchors.keeper import AnchorKeeper
from hazwatch.live.anchors.succession import open_to_write
from hazwatch.live.clock import ScaledClock, wall
from hazwatch.live.clock_watch import ClockMove, ClockWatch
from hazwatch.live.completeness.last_known import take_up
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.store_watch import StoreWatch
from hazwatch.live.handover import Unstored
from hazwatch.live.journal_watch import JournalWatch
from hazwatch.live.judgements import log_judgements
from hazwatch.live.process import left_for_pages, raise_limit, stop_on_signals
from hazwatch.live.resume import AlarmRemoval, latest, resumed, reviews_of
from hazwatch.live.runtime import Runtime
from hazwatch.live.watchdog import report_to_systemd
from hazwatch.site.config import Config
from hazwatch.words import both
from hazwatch.words.clocks import moved_notice
from plant import Text

logger = getLogger(__name__)

SWITCH: Final = 0.0005
"""Longest time for which a thread may keep the interpreter from the others. [s]"""
# Python's default of 5 ms would let the thread that compacts history delay an alarm by that much.
LINGER: Final = 0.03
"""Delay of a batch's history behind its alarms. [s]"""
# Both go to the same disk: an alarm would otherwise wait for the flush of the history.
CHECK_EVERY: Final = 10.0
"""Time between two looks for day files that are new, lost or mended. [s]"""
HOSTS: Final = ("127.0.0.1", "localhost", "::1")


def _nobody(_: Runtime) -> None:
    """Nobody waits for the run to be ready."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live engine before its start: site, data folder, clock, and the listening socket of its page."""

    config: Config
    folder: DataFolder
    clock: ScaledClock
    listener: socket.socket | None
    removals: tuple[AlarmRemoval, ...] = ()
    approval: Approval | None = None
    notice: Text | None = None
    move: ClockMove | None = None

    async def run(self, ready: Callable[[Runtime], None] = _nobody) -> None:
        """Run until SIGTERM, SIGINT or cancellation, then store everything that has entered.

        A move of the machine's clock ends the run, and another one begins on the new time, as after a restart.
        """
        stopped, live = asyncio.Event(), self
        try:
            while (move := await live._run_once(ready, stopped)) is not None and not stopped.is_set():
                logger.warning("%s", moved_notice(move.by, slept=move.is_sleep))
                clock = ScaledClock(read=self.clock.read)
                live, ready = replace(self, clock=clock, removals=(), approval=None, move=move), _nobody
        finally:
            if self.listener is not None:
                self.listener.close()

    async def _run_once(self, ready: Callable[[Runtime], None], stopped: asyncio.Event) -> ClockMove | None:
        """Run until the end, or until the machine's clock moves; return the move."""
        # The journal opens first and closes last: its lock keeps a second engine out of the folder.
        with ExitStack() as stack:
            self.folder.path.mkdir(parents=True, exist_ok=True)
            journal = stack.enter_context(open_to_write(self.config, self.folder))
            unstored = Unstored.of(self.folder, self.config.points.ids)
            historian = stack.enter_context(
                closing(
                    Historian(
                        self.folder.history,
                        unstored,
                        retention_days=self.config.historian.days,
                        linger=LINGER,
                        anchor=lambda: journal.anchor,
                    )
                )
            )
            return await self._run(journal, historian, unstored, ready, stopped)

    async def _run(
        self,
        journal: Journal,
        historian: Historian,
        unstored: Unstored,
        ready: Callable[[Runtime], None],
        stopped: asyncio.Event,
    ) -> ClockMove | None:
        log_judgements(self.config.judgements)
        hub = Hub()
        damages = DamageLog()
        pipeline = resumed(
            self.config,
            self.folder,
            journal,
            self.removals,
            self.clock.now(),
            approval=self.approval,
            damages=damages,
        )
        # What the history keeps of the journal from the start entry on must include what this start has recorded.
        with suppress(JournalError):
            await asyncio.wrap_future(journal.append([]))
        before = max(latest(self.folder, damages), unstored.latest)
        history = HistoryReader(self.folder.history, self.config.points, damages)
        runtime = Runtime(
            pipeline,
            sources=await self._sources(history, unstored, before),
            clock=self.clock,
            journal=journal,
            historian=historian,
            unstored=unstored,
            snapshot=self.folder.snapshot,
            before=before,
            reviews=reviews_of(self.config, self.folder, pipeline, before, damages),
        )
        watch = JournalWatch(self.folder, lambda: pipeline.ledger.last_number)
        keeper = AnchorKeeper(self.config, self.folder, journal)
        moves: list[ClockMove] = []
        notices = StartNotices(self.config, watch, keeper, pipeline.ledger, clock=self.clock)
        notices.begin(self.notice, before, self.move, lost_end(self.folder.history, journal.history_end()))
        stores = StoreWatch(self.config, self.folder, self.clock)
        desk = LiveDesk(self.config, runtime, hub, history, lambda: {**notices(), **copy_troubles(stores.states)})
        metrics = EngineMetrics(runtime, desk.snapshot, desk.sources, lambda: stores.states)
        runtime.observers.extend((desk.publish, metrics.observe))
        calm_collector()
        sys.setswitchinterval(SWITCH)
        async with asyncio.TaskGroup() as group:
            works = {
                "runtime": runtime.run(),
                "desk": desk.refresh(),
                "causes": desk.recall(),
                "check": check_history(HistoryCheck(self.folder.history, damages)),
                "journal watch": watch.run(),
                "anchors": keeper.run(),
                "stores": stores.run(),
                "systemd": report_to_systemd(metrics.stuck),
            }
            tasks = [group.create_task(work, name=name) for name, work in works.items()]
            if self.listener is not None:
                tasks.append(group.create_task(self._serve(self.listener, desk, hub, metrics), name="page"))
            if self.clock.is_real:
                ending = end_when_moved(ClockWatch(self.clock), tasks, moves, rested=self.move is None)
                tasks.append(group.create_task(ending, name="clock"))
            stop_on_signals(tasks, stopped)
            ready(runtime)
        return moves[0] if moves else None

    async def _sources(self, history: HistoryReader, unstored: Unstored, before: int) -> list[Source]:
        """Return the sources; each knows where the run before has stopped. [before: ns, UTC]."""
        sources = open_sources(self.config, self.clock, self.folder)
        await asyncio.to_thread(take_up, sources, self.config, history, unstored, before)
        return sources

    async def _serve(self, listener: socket.socket, desk: LiveDesk, hub: Hub, metrics: EngineMetrics) -> None:
        """Serve the page until cancelled."""
        pages = left_for_pages(raise_limit(), len(self.config.sources), CONNECTIONS)
        probes = Probes(metrics.text, metrics.stuck, metrics.unready)
        app = create_app(desk, hub, hosts=(*HOSTS, listener.getsockname()[0]), say=both, probes=probes)
        # The server closes its socket. Pages that come while the next run starts wait at this one.
        await serve_on(app, listener.dup(), connections=pages)


async def end_when_moved(
    watch: ClockWatch, tasks: Sequence["asyncio.Task[None]"], moves: list[ClockMove], *, rested: bool
) -> None:
    """Cancel tasks in their order when the machine's clock moves, and note the move."""
    moves.append(await watch.moved(rested=rested))
    for task in tasks:
        task.cancel()


def open_sources(config: Config, clock: ScaledClock, folder: DataFolder) -> list[Source]:
    """Return a source for each [[source]] that has points."""
    specs = [(spec, config.points_of(spec.id)) for spec in config.sources]
    installation = Installation(folder.certificates, wall, folder.sources)
    return [PROTOCOLS[spec.protocol].open_source(spec, points, clock, installation) for spec, points in specs if points]


async def check_history(check: HistoryCheck) -> None:
    """Look over the history at the start, so that its damage is known at once, and then for what changed."""
    stop = Event()
    try:
        while True:
            await asyncio.to_thread(check.look, stop)
            await asyncio.sleep(CHECK_EVERY)
    finally:
        stop.set()


def calm_collector() -> None:
    """Exempt permanent objects from garbage collection, whose pauses would delay alarms."""
    # A full collection of a large site takes hundreds of milliseconds. Frozen objects are not visited, and the high
    # thresholds make the remaining collections rare.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
