"""A source that subscribes to an OPC UA server, scans it, reports its loss, and reconnects."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from asyncua import ua

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.opcua.config import SCAN_MARGIN, OpcUaSource
from adapters.sources.opcua.decode import NodeValue
from adapters.sources.opcua.link import LINK_ERRORS, OpcUaLink, connect
from adapters.sources.opcua.memory import Memory
from adapters.sources.source import Clock, Source
from plant import Message, SampleBatch, message_of

RETRY_SCANS: Final = 6
"""Every sixth scan subscribes again to the nodes that the server refused."""
MOST_WAITING: Final = 64
"""Largest number of undelivered batches. Beyond it the source stops asking; the server's queues hold the changes."""

_log = logging.getLogger(__name__)


def open_source(spec: OpcUaSource, points: Sequence[tuple[int, str]], clock: Clock) -> Source:
    """Return the source of these points (column, node id). It connects when its samples are first awaited."""
    return _Source(spec, points, clock)


class _Source:
    def __init__(self, spec: OpcUaSource, points: Sequence[tuple[int, str]], clock: Clock) -> None:
        self.name: Final = spec.id
        self._spec: Final = spec
        self._clock: Final = clock
        self._nodes: Final = {node: ua.NodeId.from_string(address) for node, (_, address) in enumerate(points)}
        self._memory: Final = Memory([column for column, _ in points], spec.scan // SCAN_MARGIN)
        self._batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._link: OpcUaLink | None = None
        self._refused: dict[int, str] = {}
        self._down = False
        self._unread = False
        self._sampling = 0.0

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

    async def _connections(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with connect(self._spec) as link:
                    await self._listen(link, backoff)
            except LINK_ERRORS as error:
                await self._lose(error)
            finally:
                self._link = None
            heed_cancellation()
            await asyncio.sleep(backoff.pause())

    async def _listen(self, link: OpcUaLink, backoff: Backoff) -> None:
        self._memory.subscribed(self._nodes)
        await self._refuse(self._nodes, await link.subscribe(self._nodes))
        await self._emit(self._memory.notified(await link.published(), self._clock.now()))
        self._say_sampling(link.sampling)
        self._link = link
        backoff.reset()
        if self._down:
            self._down = False
            _log.warning("%s source=%s endpoint=%s", Message("source back"), self.name, self._spec.endpoint)
            await self._scan(link)
        while True:
            await self._take(await link.published())

    async def _take(self, readings: list[NodeValue]) -> None:
        """Emit the samples of an answer, and log rows that the server lost."""
        overflows = self._memory.overflows
        await self._emit(self._memory.notified(readings, self._clock.now()))
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
            if again and self._refused:
                nodes = {node: self._nodes[node] for node in self._refused}
                self._memory.subscribed(nodes)
                await self._refuse(nodes, await link.subscribe(nodes))
            readings = await link.read({n: address for n, address in self._nodes.items() if n not in self._refused})
            await self._emit(self._memory.scanned(readings, self._clock.now()))
            self._unread = False
        except OSError:
            pass
        except ua.UaError as error:
            if not self._unread:
                _log.warning("%s source=%s reason=%s", Message("scan refused"), self.name, _reason(error))
            self._unread = True
        await self._emit(self._memory.lost(self._refused, self._clock.now()))

    async def _refuse(self, requested: Sequence[int] | dict[int, ua.NodeId], refused: dict[int, str]) -> None:
        for node in requested:
            if node in refused and node not in self._refused:
                address = self._nodes[node].to_string()
                event = Message("address refused")
                _log.error("%s source=%s address=%s status=%s", event, self.name, address, refused[node])
        new = {node: status for node, status in refused.items() if node not in self._refused}
        self._refused = {n: s for n, s in self._refused.items() if n not in requested} | refused
        await self._emit(self._memory.lost(new, self._clock.now()))

    def _say_sampling(self, interval: float) -> None:
        if interval > self._sampling:
            event = Message("the server samples at intervals: changes that follow each other faster may come as one")
            _log.info("%s source=%s interval=%gms", event, self.name, interval)
        self._sampling = interval

    async def _lose(self, error: BaseException) -> None:
        await self._emit(self._memory.lost(self._nodes if not self._down else (), self._clock.now()))
        if not self._down:
            self._down = True
            lost = Message("source lost")
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self.name, self._spec.endpoint, _reason(error))

    async def _emit(self, batch: SampleBatch) -> None:
        if len(batch):
            await self._room.acquire()
            self._batches.put_nowait(batch)


def _reason(error: BaseException) -> Message:
    return Message("no answer in time") if isinstance(error, TimeoutError) else message_of(error)
