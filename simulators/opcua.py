"""Serves a trace as an OPC UA server: each row with its own source time, at the address in the site file."""

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

from plant import Quality, SampleBatch, State
from simulators.faults import Faults
from simulators.opcua_nodes import place
from simulators.pace import TraceClock, due_times, play

FOLDER: Final = 250
"""Largest number of variables in a folder: asyncua needs more time per variable the more a folder has."""
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
"""StatusCode by state bit, gravest first: OPC UA has no run state beside the status, so the gravest bit decides."""

_EPOCH: Final = ua.DateTime(1970, 1, 1, tzinfo=UTC)

# asyncua logs a traceback for every connection that `drop_link` aborts.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class OpcUaSimulator:
    """A running server; `serve` creates it."""

    def __init__(self, nodes: Mapping[int, str], clock: TraceClock, faults: Faults | None) -> None:
        self._sessions: Final = _Sessions()
        self._sessions.attribute_service = _Attributes(self._sessions.aspace, self.known)
        self.server: Final = Server(iserver=self._sessions)
        self._nodes, self._namespaces = place(nodes)
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
        """Number of open sessions. [1]."""
        return len(self._sessions.sessions)

    def now(self) -> int:
        """Return the time up to which all rows are written. [ns, UTC]."""
        if not self._moving.is_set():
            return self._stood_at
        # A row may be due by the clock before `play` has written it. Stopping 1 us short of it keeps a read from
        # confirming the old value at the time of the new one.
        ahead = self._due[self._written :]
        return min(self._clock.now(), int(ahead[0]) - 1000) if len(ahead) else self._clock.now()

    def known(self, node: ua.NodeId) -> int:
        """Return the time up to which the value of a node is confirmed: the server time of a read. [ns, UTC].

        It stands still while the server is frozen, and while a fault drops the rows of the node.
        """
        return self._silent.get(node, self.now())

    async def play(self, trace: SampleBatch) -> None:
        """Write the rows of a trace as they become due."""
        rows = trace.take(np.isin(trace.point, list(self._nodes)))
        self._due = np.sort(due_times(rows))
        self._written = 0
        await play(rows, self._clock, self._deliver)

    async def write(self, batch: SampleBatch) -> None:
        """Write rows of this server's points now, in their order."""
        rows = batch if self._faults is None else self._faults.apply(batch)
        for point in set(batch.point.tolist()) - set(rows.point.tolist()):
            self._silent.setdefault(self._nodes[point], self.now())
        points, times, values = rows.point.tolist(), rows.time.tolist(), rows.value.tolist()
        qualities, states = rows.quality.tolist(), rows.state.tolist()
        for point, time, value, quality, state in zip(points, times, values, qualities, states, strict=True):
            node = self._nodes[point]
            self._silent.pop(node, None)
            data_value = ua.DataValue(
                ua.Variant(value, ua.VariantType.Double),
                StatusCode=ua.StatusCode(ua.UInt32(status(quality, state))),
                SourceTimestamp=stamp(time),
                ServerTimestamp=stamp(self._clock.now()),
            )
            await self.put(node, data_value)

    async def put(self, node: ua.NodeId, data_value: ua.DataValue) -> None:
        """Write a data value to a node unchanged."""
        # Straight into the address space: no client session is needed, and `check` raises if a write is refused.
        (await self.server.iserver.aspace.write_attribute_value(node, ua.AttributeIds.Value, data_value)).check()

    def freeze(self) -> None:
        """Stop writing rows and stop the server time of reads, but keep answering, as a hung scanner does."""
        self._stood_at = self.now()
        self._moving.clear()

    def resume(self) -> None:
        """Continue, and write the rows that fell due meanwhile at once."""
        self._moving.set()

    async def drop_link(self) -> None:
        """Abort all connections, close their sessions, and accept no new ones."""
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
        """Create the nodes and listen."""
        # asyncua's clock writes the time node every second; nobody reads it here.
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
        for uri in self._namespaces:
            await self.server.register_namespace(uri)
        waiting = ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadWaitingForInitialData)))
        for number, node in enumerate(self._nodes.values()):
            if number % FOLDER == 0:
                folder = await self.server.nodes.objects.add_folder(1, f"points {number // FOLDER}")
            name = ua.QualifiedName(str(node.Identifier), node.NamespaceIndex)
            await folder.add_variable(node, name, 0.0, ua.VariantType.Double)
            await self.put(node, waiting)


class _Attributes(AttributeService):
    """Sets the server time of reads to the time up to which the value is confirmed.

    asyncua would return the time of the last write, which says nothing about the present.
    """

    def __init__(self, space: AddressSpace, known: Callable[[ua.NodeId], int]) -> None:
        super().__init__(space)
        self._known = known

    def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        return [
            replace(answer, ServerTimestamp=stamp(self._known(requested.NodeId)))
            for requested, answer in zip(params.NodesToRead, super().read(params), strict=True)
        ]


class _Sessions(InternalServer):
    """Keeps a set of its sessions, so that `drop_link` can close them."""

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
    endpoint: str, nodes: Mapping[int, str], trace: SampleBatch, clock: TraceClock, *, faults: Faults | None = None
) -> AsyncIterator[OpcUaSimulator]:
    """Serve a trace for the duration of the context.

    Parameters
    ----------
    endpoint : str
        "opc.tcp://HOST:PORT/PATH"; port 0 takes a free port, see `OpcUaSimulator.endpoint`.
    nodes : Mapping of int to str
        Node id of each column; rows of other columns are not served.
    trace : SampleBatch
        Rows to play at the clock's pace. OPC UA carries their times in microseconds.
    clock : Clock
        The trace's time.
    faults : Faults, optional
        Faults to apply to the rows.

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
        # `_uncollected` froze the address space: without these two calls a process that starts many servers, as a
        # test run does, would keep the half million objects of each.
        simulator.server.iserver.aspace.clear()
        gc.unfreeze()
    if not playing.cancelled():
        playing.result()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Exempt the objects that are created here from garbage collection.

    asyncua creates half a million permanent objects. Without the collector this takes a third of the time, and later
    collections do not stop the server for a second to visit them.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def status(quality: int, state: int) -> int:
    """Return the StatusCode of a quality and a run state."""
    return next((code for bit, code in FAULTS.items() if state & bit), STATUS[Quality(quality)])


def stamp(time: int) -> ua.DateTime:
    """Return a time as an OPC UA time stamp, cut to microseconds. [ns, UTC]."""
    return _EPOCH + timedelta(microseconds=time // 1000)
