"""A source that subscribes to an OPC UA server, scans it, reports its loss, and reconnects."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import suppress
from typing import Final

from asyncua import ua

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.opcua.access import Access
from adapters.sources.opcua.addresses import Addresses
from adapters.sources.opcua.config import SCAN_MARGIN, OpcUaSource
from adapters.sources.opcua.decode import DataValues
from adapters.sources.opcua.link import OpcUaLink, connect
from adapters.sources.opcua.memory import Memory, warm_up
from adapters.sources.opcua.refusals import LINK_ERRORS, UserRefusedError
from adapters.sources.opcua.requests import RequestSizes
from adapters.sources.opcua.server_clock import ServerClock
from adapters.sources.source import Clock, Installation, Source, SourceReport
from plant import Message, SampleBatch, message_of
from plant.units import SECOND

RETRY_SCANS: Final = 6
"""Every sixth scan subscribes again to the nodes that the server refused."""
READ_ONLY_PERIOD: Final = SECOND
"""How often nodes are read that the server does not monitor, if `scan` is longer. [ns, in the log's time]"""
NOT_MONITORED: Final = frozenset((
    "BadTooManyMonitoredItems",
    "BadFilterNotAllowed",
    "BadMonitoredItemFilterUnsupported",
    "BadMonitoredItemFilterInvalid",
    "BadMonitoringModeInvalid",
    "BadNotSupported",
    "BadServiceUnsupported",
    "BadOutOfMemory",
))  # fmt: skip
"""Reasons of a server for not monitoring a node that it may well let us read."""
USER_PAUSE: Final = 30.0
"""Pause after the server refused our user: many servers lock a user after some wrong passwords. [s]"""
MOST_WAITING: Final = 64
"""Largest number of undelivered batches. Beyond it the source stops asking; the server's queues hold the changes."""

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
        self._addresses: Final = Addresses([address for _, address in points])
        self._sizes: Final = RequestSizes()
        self._nodes: dict[int, ua.NodeId] = {}
        self._count: Final = len(points)
        self._memory: Final = Memory(
            [column for column, _ in points], spec.scan // SCAN_MARGIN, by_arrival=spec.time == "arrival"
        )
        self._batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._link: OpcUaLink | None = None
        self._refused: dict[int, str | Message] = {}
        self._read_only: set[int] = set()
        self._down = False
        self._unread = False
        self._sampling = 0.0
        self._server: Final = ServerClock()
        self._trouble: Message | None = None

    @property
    def lost(self) -> int:
        """Number of times that a queue of the server lost rows; how many rows it lost each time, it does not say."""
        return self._memory.overflows

    @property
    def report(self) -> SourceReport:
        """The gaps in what was delivered, what the server revised, and what keeps it from being read."""
        return SourceReport(trouble=self._trouble, skew=self._server.skew, warnings=self._access.warnings)

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Take the last sample that is stored of each point."""

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield changes and scans until cancelled; close with `contextlib.aclosing`."""
        # A generator cannot run two tasks itself (the link and the scans), so they put their batches into a queue.
        # None ends it: then `await running` raises the error that stopped the tasks.
        batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._batches, self._room = batches, asyncio.Semaphore(MOST_WAITING)
        running = asyncio.create_task(self._run(), name=f"opcua {self.name}")
        running.add_done_callback(lambda _: batches.put_nowait(None))
        try:
            while (batch := await batches.get()) is not None:
                yield batch
                self._room.release()
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._connections(), name=f"opcua {self.name} connections")
            group.create_task(self._scans(), name=f"opcua {self.name} scans")
            group.create_task(self._reads(), name=f"opcua {self.name} reads")

    async def _connections(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with connect(self._spec, self._access, self._sizes) as link:
                    await self._listen(link, backoff)
            except LINK_ERRORS as error:
                await self._lose(error)
                if isinstance(error, UserRefusedError):
                    await asyncio.sleep(USER_PAUSE)
            finally:
                self._link = None
            heed_cancellation()
            await asyncio.sleep(backoff.pause())

    async def _listen(self, link: OpcUaLink, backoff: Backoff) -> None:
        placed = self._addresses.place(await link.namespaces())
        self._nodes = placed.nodes
        self._memory.subscribed(placed.nodes)
        refused: dict[int, str | Message] = {**placed.reasons}
        await self._refuse(range(self._count), refused | await link.subscribe(placed.nodes))
        await self._emit(self._memory.notified(await link.published(), self._clock.now()))
        self._say_sampling(link.sampling)
        self._link = link
        self._trouble = None
        backoff.reset()
        if self._down:
            self._down = False
            _log.warning("%s source=%s endpoint=%s", Message("source back"), self.name, self._spec.endpoint)
            await self._scan(link)
        while True:
            await self._take(await link.published())
            self._server.heard(link.sent, self._clock.now())

    async def _take(self, values: DataValues) -> None:
        """Emit the samples of an answer, and log rows that the server lost."""
        overflows = self._memory.overflows
        await self._emit(self._memory.notified(values, self._clock.now()))
        if self._memory.overflows > overflows:
            lost = Message("rows lost in the server's queue")
            _log.warning("%s source=%s total=%d", lost, self.name, self._memory.overflows)

    async def _scans(self) -> None:
        count = 0
        while True:
            await self._clock.sleep(self._spec.scan)
            count += 1
            if self._link is not None:
                await self._scan(self._link, again=count % RETRY_SCANS == 0)

    async def _scan(self, link: OpcUaLink, *, again: bool = False) -> None:
        # A failed scan does not end the link. Only the subscription, which carries the changes, decides that.
        try:
            nodes = {n: address for n, address in self._nodes.items() if n in self._refused or n in self._read_only}
            if again and nodes:
                self._memory.subscribed(nodes)
                await self._refuse(nodes, await link.subscribe(nodes))
            values = await link.read({n: address for n, address in self._nodes.items() if n not in self._refused})
            await self._emit(self._memory.scanned(values, self._clock.now()))
            self._unread = False
        except OSError:
            pass
        except ua.UaError as error:
            if not self._unread:
                _log.warning("%s source=%s reason=%s", Message("scan refused"), self.name, _reason(error))
            self._unread = True
        await self._emit(self._memory.lost(self._refused, self._clock.now()))

    async def _reads(self) -> None:
        """Read the nodes that the server does not monitor, more often than the scans do."""
        while True:
            await self._clock.sleep(min(READ_ONLY_PERIOD, self._spec.scan))
            nodes = {n: address for n, address in self._nodes.items() if n in self._read_only}
            if self._link is not None and nodes:
                # The scans say whether reading fails.
                with suppress(*LINK_ERRORS):
                    await self._emit(self._memory.scanned(await self._link.read(nodes), self._clock.now()))

    async def _refuse(self, requested: Collection[int], results: dict[int, str | Message]) -> None:
        """Note which of the nodes that were requested are refused, and which can only be read; log what is new."""
        read_only = {node for node, reason in results.items() if reason in NOT_MONITORED}
        if read_only - self._read_only:
            event, status = (
                Message("the server does not monitor all addresses: the others are read"),
                results[min(read_only)],
            )
            _log.warning("%s source=%s addresses=%d status=%s", event, self.name, len(read_only), status)
        self._read_only = self._read_only - set(requested) | read_only
        self._memory.read_only(self._read_only)
        refused = {node: reason for node, reason in results.items() if node not in read_only}
        for node in requested:
            if node in refused and self._refused.get(node) != refused[node]:
                event = Message("address refused")
                _log.error("%s source=%s address=%s status=%s", event, self.name, self._addresses[node], refused[node])
        new = {node: status for node, status in refused.items() if node not in self._refused}
        self._refused = {n: s for n, s in self._refused.items() if n not in requested} | refused
        await self._emit(self._memory.lost(new, self._clock.now()))

    def _say_sampling(self, interval: float) -> None:
        if interval > self._sampling:
            event = Message("the server samples at intervals: changes that follow each other faster may come as one")
            _log.info("%s source=%s interval=%gms", event, self.name, interval)
        self._sampling = interval

    async def _lose(self, error: BaseException) -> None:
        reason, before = _reason(error), self._trouble
        self._trouble = reason
        await self._emit(self._memory.lost(range(self._count) if not self._down else (), self._clock.now()))
        if reason != before:
            lost = Message("source still lost") if self._down else Message("source lost")
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self.name, self._spec.endpoint, reason)
        self._down = True

    async def _emit(self, batch: SampleBatch) -> None:
        if len(batch):
            await self._room.acquire()
            self._batches.put_nowait(batch)


def _reason(error: BaseException) -> Message:
    return Message("no answer in time") if isinstance(error, TimeoutError) else message_of(error)
