"""A source that subscribes to an OPC UA server, scans it, reports its loss, reconnects, and fills the gap."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Final

from asyncua import ua

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.opcua.access import Access, SafeClient
from adapters.sources.opcua.addresses import Addresses
from adapters.sources.opcua.config import SCAN_MARGIN, OpcUaSource
from adapters.sources.opcua.gaps.arrears import Arrears
from adapters.sources.opcua.gaps.backfill import Backfill, RecordedRow
from adapters.sources.opcua.gaps.history import ServerHistory
from adapters.sources.opcua.held import Held
from adapters.sources.opcua.memory import Memory, warm_up
from adapters.sources.opcua.monitoring import Monitoring
from adapters.sources.opcua.refusals import LINK_ERRORS, UserRefusedError, reason_of
from adapters.sources.opcua.requests import RequestSizes
from adapters.sources.opcua.server_clock import ServerClock
from adapters.sources.opcua.session.connection import connect
from adapters.sources.opcua.session.link import OpcUaLink
from adapters.sources.opcua.session.stream import Published
from adapters.sources.rate import Rate
from adapters.sources.source import MOST_WAITING, Clock, Installation, Source, SourceReport
from plant import Message, SampleBatch
from plant.units import SECOND

RETRY_SCANS: Final = 6
"""Every sixth scan subscribes again to the nodes that the server refused."""
READ_ONLY_PERIOD: Final = SECOND
"""How often nodes are read that the server does not monitor, if `scan` is longer. [ns, in the log's time]"""
USER_PAUSE: Final = 30.0
"""Pause after the server refused our user: many servers lock a user after some wrong passwords. [s]"""
RETURNED_PERIOD: Final = 5 * SECOND
"""How often nodes are looked for that the server does not know, if `scan` is longer. [ns, in the log's time]"""
MOST_OF_HISTORY: Final = 4
"""Largest number of undelivered batches of history: what happens now waits behind them."""

_log = logging.getLogger(__name__)


def open_source(
    spec: OpcUaSource, points: Sequence[tuple[int, str]], clock: Clock, installation: Installation
) -> Source:
    """Return the source of these points (column, node id). It connects when its samples are first awaited."""
    warm_up()
    return _Source(spec, points, clock, Access(spec, installation))


class _Source:
    def __init__(self, spec: OpcUaSource, points: Sequence[tuple[int, str]], clock: Clock, access: Access) -> None:
        self.name: Final = spec.id
        self._spec: Final = spec
        self._clock: Final = clock
        self._access: Final = access
        self._sizes: Final = RequestSizes()
        self._held: Final = Held[SafeClient]()
        self._rate: Final = Rate()
        self._memory: Final = Memory(
            [column for column, _ in points], spec.scan // SCAN_MARGIN, by_arrival=spec.time == "arrival"
        )
        addresses = Addresses([address for _, address in points])
        self._monitoring: Final = Monitoring(spec.id, addresses, self._memory, clock, self._emit)
        self._backfill: Final = Backfill(
            spec.id, self._rate, active=lambda: self._memory.active, reader=self._history, emit=self._emit_history
        )
        self._count: Final = len(points)
        self._batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._room_for_history = asyncio.Semaphore(MOST_OF_HISTORY)
        self._link: OpcUaLink | None = None
        self._linked: Final = asyncio.Event()
        self._down = False
        self._heard = 0
        self._arrears: Arrears | None = None
        self._revised: tuple[Message, ...] = ()
        self._server: Final = ServerClock()
        self._trouble: Message | None = None

    @property
    def lost(self) -> int:
        """Number of losses in queues of the server that no history made good; each is of at least one row."""
        return self._backfill.overflowed

    @property
    def report(self) -> SourceReport:
        """The gaps in what was delivered, what the server revised, and what keeps it from being read."""
        return SourceReport(
            tuple(self._backfill.gaps),
            self._revised,
            trouble=self._trouble,
            skew=self._server.skew,
            warnings=self._access.warnings,
        )

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Take the last sample that is stored of each point, and the rate of the rows before. [1/s]."""
        self._memory.resume(known)
        self._rate.resume(rows_per_second)

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield changes and scans until cancelled; close with `contextlib.aclosing`."""
        # A generator cannot run two tasks itself (the link and the scans), so they put their batches into a queue.
        # None ends it: then `await running` raises the error that stopped the tasks.
        batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._batches, self._room = batches, asyncio.Semaphore(MOST_WAITING)
        self._room_for_history = asyncio.Semaphore(MOST_OF_HISTORY)
        running = asyncio.create_task(self._run(), name=f"opcua {self.name}")
        running.add_done_callback(lambda _: batches.put_nowait(None))
        try:
            while (batch := await batches.get()) is not None:
                yield batch
                self._room.release()
                if batch.backfilled.any():
                    self._room_for_history.release()
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._connections(), name=f"opcua {self.name} connections")
            group.create_task(self._scans(), name=f"opcua {self.name} scans")
            group.create_task(self._every(READ_ONLY_PERIOD, self._monitoring.read), name=f"opcua {self.name} reads")
            returned = self._every(RETURNED_PERIOD, self._monitoring.look_for_returned)
            group.create_task(returned, name=f"opcua {self.name} returned nodes")
            group.create_task(self._backfill.run(), name=f"opcua {self.name} history")

    async def _connections(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with connect(self._spec, self._access, self._sizes, self._held) as link:
                    await self._listen(link, backoff)
            except LINK_ERRORS as error:
                await self._lose(error)
                if isinstance(error, UserRefusedError):
                    await asyncio.sleep(USER_PAUSE)
            finally:
                self._link = None
                self._linked.clear()
            heed_cancellation()
            await asyncio.sleep(backoff.pause())

    async def _listen(self, link: OpcUaLink, backoff: Backoff) -> None:
        if link.stream.resumed:
            self._arrears = Arrears(self._heard, self._clock.now() - self._memory.skew)
        else:
            await self._monitoring.begin(link)
        await self._take(await link.stream.published())
        self._say_revised()
        self._link = link
        self._linked.set()
        self._trouble = None
        backoff.reset()
        if self._down:
            self._down = False
            _log.warning("%s source=%s endpoint=%s", Message("source back"), self.name, self._spec.endpoint)
            await self._monitoring.scan(link, again=False)
        while True:
            published = await link.stream.published()
            # What a queue held would count as a rate that the source never has.
            if self._arrears is None:
                self._rate.add(len(published.values), self._clock.now())
            await self._take(published)
            self._server.heard(published.sent, self._clock.now())

    async def _take(self, published: Published) -> None:
        """Emit the samples of an answer, and note what is missing before it."""
        overflows, values = self._memory.overflows, published.values
        if published.missed:
            self._memory.interrupted(range(self._count))
        self._heard = self._clock.now()
        if self._arrears is not None and self._arrears.add(values):
            self._backfill.note(self._arrears.gap(self.name, self._backfill.expected))
            self._arrears = None
        await self._emit(self._memory.notified(values, self._heard))
        self._backfill.add(self._memory.holes())
        await self._monitoring.look_for_gone(values)
        if self._memory.overflows > overflows:
            lost = Message("rows lost in the server's queue")
            _log.warning("%s source=%s total=%d", lost, self.name, self._memory.overflows)

    async def _scans(self) -> None:
        count = 0
        while True:
            await self._clock.sleep(self._spec.scan)
            count += 1
            if self._link is not None:
                await self._monitoring.scan(self._link, again=count % RETRY_SCANS == 0)
            heed_cancellation()

    async def _every(self, period: int, act: Callable[[OpcUaLink], Awaitable[None]]) -> None:
        """Do something with the link again and again, at least as often as the scan. [ns, in the log's time]."""
        while True:
            await self._clock.sleep(min(period, self._spec.scan))
            if self._link is not None:
                await act(self._link)
            heed_cancellation()

    async def _history(self) -> tuple[ServerHistory, Mapping[int, ua.NodeId]]:
        """Wait for a connection; return a reader of the history of its server, and the addresses of the nodes."""
        while (link := self._link) is None:
            await self._linked.wait()
        return ServerHistory(link.session, self._sizes.history), self._monitoring.nodes

    def _say_revised(self) -> None:
        revised = self._held.revised(self._spec)
        for message in revised:
            if message not in self._revised:
                _log.info("%s source=%s", message, self.name)
        self._revised = revised

    async def _lose(self, error: BaseException) -> None:
        reason, before = reason_of(error), self._trouble
        self._trouble = reason
        self._rate.pause()
        await self._emit(self._memory.lost(range(self._count) if not self._down else (), self._clock.now()))
        if reason != before:
            lost = Message("source still lost") if self._down else Message("source lost")
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self.name, self._spec.endpoint, reason)
        self._down = True

    async def _emit(self, batch: SampleBatch) -> None:
        if len(batch):
            await self._room.acquire()
            self._batches.put_nowait(batch)

    async def _emit_history(self, rows: Sequence[RecordedRow]) -> None:
        await self._room_for_history.acquire()
        await self._emit(self._memory.backfilled(rows))
