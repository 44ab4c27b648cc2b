"""Serves a trace as an OPC UA server: each row with its own source time, at the address that the site file gives it."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from asyncua import Server, ua
from asyncua.server.address_space import AddressSpace, AttributeService
from asyncua.server.binary_server_asyncio import BinaryServer
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession

from plant import NO_ARRIVAL, Quality, SampleBatch, State
from simulators.faults import Faults
from simulators.pace import Clock, play

FOLDER: Final = 250
"""Variables in one folder: adding one takes asyncua longer the more there are."""
STATUS: Final[Mapping[Quality, int]] = {
    Quality.GOOD: ua.StatusCodes.Good,
    Quality.UNCERTAIN: ua.StatusCodes.Uncertain,
    Quality.BAD: ua.StatusCodes.Bad,
}
FAULTS: Final[Mapping[State, int]] = {
    State.SENSOR_FAULT: ua.StatusCodes.BadSensorFailure,
    State.SUBSTATION_FAULT: ua.StatusCodes.BadDeviceFailure,
    State.NOT_SCANNED: ua.StatusCodes.BadNotConnected,
    State.PAUSED: ua.StatusCodes.BadOutOfService,
    State.CALIBRATING: ua.StatusCodes.UncertainTransducerInManual,
    State.OVER_RANGE: ua.StatusCodes.UncertainOverRange,
}
"""OPC UA has no run state beside the status: the gravest bit that is set decides."""

_EPOCH: Final = ua.DateTime(1970, 1, 1, tzinfo=UTC)

logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class OpcUaSimulator:
    """A running server; made by `serve`."""

    def __init__(self, nodes: Mapping[int, str], clock: Clock, faults: Faults | None) -> None:
        self._sessions: Final = _Sessions()
        self._sessions.attribute_service = _Attributes(self._sessions.aspace, self.known)
        self.server: Final = Server(iserver=self._sessions)
        self._nodes: Final = {column: ua.NodeId.from_string(text) for column, text in nodes.items()}
        self._clock: Final = clock
        self._faults: Final = faults
        self._listening: BinaryServer | None = None
        self._moving = asyncio.Event()
        self._moving.set()
        self._stood_at = 0
        self._due = np.empty(0, dtype=np.int64)
        self._written = 0
        self._silent: Final[dict[ua.NodeId, int]] = {}

    @property
    def endpoint(self) -> str:
        """Address that clients connect to."""
        url = urlsplit(self.server.endpoint.geturl())
        port = self.server.bserver.port if self.server.bserver else url.port
        return f"opc.tcp://{url.hostname}:{port}{url.path}"

    @property
    def clients(self) -> int:
        """How many sessions stand. [1]."""
        return len(self._sessions.sessions)

    def now(self) -> int:
        """Return up to when rows are written: the clock's time, but before that of a row that is to come. [ns, UTC]."""
        if not self._moving.is_set():
            return self._stood_at
        ahead = self._due[self._written :]
        return min(self._clock.now(), int(ahead[0]) - 1000) if len(ahead) else self._clock.now()

    def known(self, node: ua.NodeId) -> int:
        """Return up to when the value of a node is known to hold: the server time of a read. [ns, UTC].

        It stands while the server is frozen, and while a fault keeps the rows of the node back.
        """
        return self._silent.get(node, self.now())

    async def play(self, trace: SampleBatch) -> None:
        """Write the rows of a trace as they become due."""
        rows = trace.take(np.isin(trace.point, list(self._nodes)))
        self._due = np.sort(np.where(rows.arrival == NO_ARRIVAL, rows.time, rows.arrival))
        self._written = 0
        await play(rows, self._clock, self._deliver)

    async def write(self, batch: SampleBatch) -> None:
        """Write rows of this server's points now, in their order."""
        rows = batch if self._faults is None else self._faults.apply(batch)
        for point in set(batch.point.tolist()) - set(rows.point.tolist()):
            self._silent.setdefault(self._nodes[point], self.now())
        columns = (rows.point, rows.time, rows.value, rows.quality, rows.state)
        for point, time, value, quality, state in zip(*(column.tolist() for column in columns), strict=True):
            node = self._nodes[point]
            self._silent.pop(node, None)
            answer = ua.DataValue(
                ua.Variant(value, ua.VariantType.Double),
                StatusCode=ua.StatusCode(ua.UInt32(status(quality, state))),
                SourceTimestamp=stamp(time),
                ServerTimestamp=stamp(self._clock.now()),
            )
            await self.put(node, answer)

    async def put(self, node: ua.NodeId, answer: ua.DataValue) -> None:
        """Have a node say exactly this."""
        (await self.server.iserver.aspace.write_attribute_value(node, ua.AttributeIds.Value, answer)).check()

    def freeze(self) -> None:
        """Write no more rows, and let the server's time of the values stand, but answer on: a hung scanner."""
        self._stood_at = self.now()
        self._moving.clear()

    def resume(self) -> None:
        """Go on; the rows that were due meanwhile come at once."""
        self._moving.set()

    async def drop_link(self) -> None:
        """Cut all connections, forget their sessions, and take no more."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        for session in tuple(self._sessions.sessions):
            await session.close_session()
        for client in tuple(listening.clients):
            if client.transport is not None:
                client.transport.abort()
        await asyncio.sleep(0)
        await listening.stop()

    async def restore_link(self) -> None:
        """Listen again at the same address."""
        if self._listening is None and self.server.bserver is not None:
            self._listening = self.server.bserver
            await self._listening.start()

    async def start(self, endpoint: str) -> None:
        """Make the nodes, and listen."""
        self.server.disable_clock()
        with _uncollected():
            await self.server.init()
        self.server.set_endpoint(endpoint)
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await self._add_nodes()
        await self.server.start()
        self._listening = self.server.bserver

    async def _deliver(self, rows: SampleBatch) -> None:
        await self._moving.wait()
        await self.write(rows)
        self._written += len(rows)

    async def _add_nodes(self) -> None:
        for index in range(2, 1 + max((node.NamespaceIndex for node in self._nodes.values()), default=0)):
            await self.server.register_namespace(f"urn:hazwatch:simulator:{index}")
        waiting = ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadWaitingForInitialData)))
        for number, node in enumerate(self._nodes.values()):
            if number % FOLDER == 0:
                folder = await self.server.nodes.objects.add_folder(1, f"points {number // FOLDER}")
            name = ua.QualifiedName(str(node.Identifier), node.NamespaceIndex)
            await folder.add_variable(node, name, 0.0, ua.VariantType.Double)
            await self.put(node, waiting)


class _Attributes(AttributeService):
    """Reads say that the value holds now, in the trace's time; asyncua gives the time of the last write."""

    def __init__(self, space: AddressSpace, known: Callable[[ua.NodeId], int]) -> None:
        super().__init__(space)
        self._known = known

    def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        return [
            replace(answer, ServerTimestamp=stamp(self._known(asked.NodeId)))
            for asked, answer in zip(params.NodesToRead, super().read(params), strict=True)
        ]


class _Sessions(InternalServer):
    """Knows its sessions, so that none outlives the server."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: set[InternalSession] = set()

    def register_external_session(self, session: InternalSession) -> None:
        super().register_external_session(session)
        self.sessions.add(session)

    def unregister_external_session(self, session: InternalSession) -> None:
        super().unregister_external_session(session)
        self.sessions.discard(session)


@asynccontextmanager
async def serve(
    endpoint: str, nodes: Mapping[int, str], trace: SampleBatch, clock: Clock, *, faults: Faults | None = None
) -> AsyncIterator[OpcUaSimulator]:
    """Serve a trace while the block lasts.

    Parameters
    ----------
    endpoint : str
        "opc.tcp://HOST:PORT/PATH"; port 0 takes a free one, see `OpcUaSimulator.endpoint`.
    nodes : Mapping of int to str
        Node id of each column; rows of other columns are not served.
    trace : SampleBatch
        Played at the clock's pace; times are served to the microsecond.
    clock : Clock
        The trace's time.
    faults : Faults, optional
        Applied to the values as they are written.

    """
    simulator = OpcUaSimulator(nodes, clock, faults)
    await simulator.start(endpoint)
    playing = asyncio.create_task(simulator.play(trace), name="play trace")
    try:
        yield simulator
    finally:
        playing.cancel()
        await asyncio.wait([playing])
        await simulator.drop_link()
        await simulator.server.stop()
        simulator.server.iserver.aspace.clear()
        gc.unfreeze()
    if not playing.cancelled():
        playing.result()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep what is made here from the garbage collector.

    asyncua makes half a million objects that stay: they are made three times as fast, and no collection halts the
    server for a second to look at them.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def status(quality: int, state: int) -> int:
    """Return the StatusCode that says this quality and run state."""
    return next((code for bit, code in FAULTS.items() if state & bit), STATUS[Quality(quality)])


def stamp(time: int) -> ua.DateTime:
    """Return a time as OPC UA carries it, to the microsecond. [ns, UTC]."""
    return _EPOCH + timedelta(microseconds=time // 1000)
