"""Serves a trace as the devices behind a Modbus TCP endpoint, each point at its address."""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from errno import EADDRINUSE
from typing import Any, Final, Literal, Protocol

import numpy as np
from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
)
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimData, SimDevice

from plant import Message, SampleBatch
from plant.modbus_address import FUNCTIONS, ModbusAddress, Table
from simulators.modbus_memory import DeviceMemory, Holes
from simulators.pace import TraceClock, due_times

# pymodbus logs a frame dump for every provoked fault.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

Trouble = Literal["silent", "short", "exception", "garbage"]
"""The unit is silent, answers too few values, answers exception 4, or sends a byte count that is wrong."""
TABLE_OF_FUNCTION: Final = {code: table for table, code in FUNCTIONS.items()}
REQUESTS: Final = (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
)


class SampleFaults(Protocol):
    """Faults that change samples before they are served."""

    def apply(self, batch: SampleBatch) -> SampleBatch:
        """Return the samples of the faulty plant."""
        ...


class ModbusSimulator:
    """A running server; `serve` creates it. Each request first advances the values, so it needs no task of its own."""

    def __init__(
        self,
        points: Mapping[int, ModbusAddress],
        trace: SampleBatch,
        clock: TraceClock,
        *,
        host: str,
        port: int,
        faults: SampleFaults | None,
        holes: Holes,
    ) -> None:
        self.host: Final = host
        self.port = port
        self._units: Final = {address.unit for address in points.values()}
        self._memory: Final = DeviceMemory(list(points.values()), holes)
        self._position: Final = {column: position for position, column in enumerate(points)}
        rows = trace.take(np.isin(trace.point, list(points)))
        due = due_times(rows)
        order = np.argsort(due, kind="stable")
        self._rows: Final = rows.take(order)
        self._due: Final = due[order]
        self._done = 0
        self._clock: Final = clock
        self._faults: Final = faults
        self._frozen = False
        self._troubles: Final[dict[tuple[int, int], Trouble | None]] = {}
        self._server: Any = None  # pymodbus leaves the methods of its servers untyped

    @property
    def endpoint(self) -> str:
        """Address that clients connect to."""
        return f"{self.host}:{self.port}"

    def freeze(self) -> None:
        """Keep answering with the present values."""
        self._advance()
        self._frozen = True

    def resume(self) -> None:
        """Catch up with the clock."""
        self._frozen = False

    def trouble(self, unit: int, trouble: Trouble | None, *, tables: Collection[Table] = tuple(FUNCTIONS)) -> None:
        """Set how a unit misbehaves when these tables are read; None ends it."""
        for table in tables:
            self._troubles[unit, FUNCTIONS[table]] = trouble

    async def drop_link(self) -> None:
        """Close all connections and accept no new ones."""
        if self._server is not None:
            await self._server.shutdown()
            self._server = None

    async def restore_link(self) -> None:
        """Listen on the same port again; raise OSError if it is taken."""
        if self._server is None:
            server: Any = ModbusTcpServer(
                SimDevice(0, simdata=[SimData(0)]),
                address=(self.host, self.port),
                trace_packet=self._packet,
                custom_pdu=_requests(self._answer),
            )
            try:
                await server.serve_forever(background=True)
            except RuntimeError:  # pymodbus does not pass on the cause
                message = Message("cannot listen on {endpoint}: taken, or not of this machine", endpoint=self.endpoint)
                raise OSError(EADDRINUSE, message) from None
            self._server = server
            # Port 0 asks for a free port; later links must use the one that was assigned.
            self.port = server.transport.sockets[0].getsockname()[1]

    def _advance(self) -> None:
        end = self._done if self._frozen else int(np.searchsorted(self._due, self._clock.now(), side="right"))
        if end <= self._done:
            return
        rows = self._rows.take(slice(self._done, end))
        self._done = end
        if self._faults is not None:
            rows = self._faults.apply(rows)
        # A device shows only its newest value, so only the last row of each point counts. np.unique returns the first
        # index of each value, hence the reversal.
        _, last = np.unique(rows.point[::-1], return_index=True)
        rows = rows.take(len(rows) - 1 - last)
        position = np.array([self._position[column] for column in rows.point.tolist()], dtype=np.intp)
        self._memory.write(position, rows.value, rows.quality, rows.state)

    def _answer(self, request: ModbusPDU, unit: int) -> ModbusPDU:
        self._advance()
        code, trouble = request.function_code, self._troubles.get((unit, request.function_code))
        if unit not in self._units:
            return ExceptionResponse(code, ExcCodes.GATEWAY_NO_RESPONSE)
        if trouble == "exception":
            return ExceptionResponse(code, ExcCodes.DEVICE_FAILURE)
        words = self._memory.read(unit, TABLE_OF_FUNCTION[code], request.address, request.count)
        if words is None:
            return ExceptionResponse(code, ExcCodes.ILLEGAL_ADDRESS)
        return _response(code, words, short=trouble == "short")

    def _packet(self, sending: bool, packet: bytes) -> bytes:  # noqa: FBT001  pymodbus calls it by position
        trouble = self._troubles.get((packet[6], packet[7])) if sending and len(packet) > 8 else None
        if trouble == "silent":
            return b""
        # Byte 8 of an answer is its byte count: 255 contradicts the length of the frame.
        if trouble == "garbage":
            return packet[:8] + b"\xff" + packet[9:]
        return packet


def _response(code: int, words: list[int], *, short: bool) -> ModbusPDU:
    """Return the answer to a function code; a short one lacks its last byte of bits, or its last register."""
    if code in (1, 2):
        bits = [word == 1 for word in words]
        sent_bits = bits[:-8] if short else bits
        return ReadCoilsResponse(bits=sent_bits) if code == 1 else ReadDiscreteInputsResponse(bits=sent_bits)
    registers = words[:-1] if short else words
    if code == 3:
        return ReadHoldingRegistersResponse(registers=registers)
    return ReadInputRegistersResponse(registers=registers)


def _requests(answer: Callable[[ModbusPDU, int], ModbusPDU]) -> list[type[ModbusPDU]]:
    """Return pymodbus's four read requests with a function in place of its data store."""
    # pymodbus builds an answer by calling `datastore_update` of the request's class, and `custom_pdu` of a server
    # replaces the classes of the four requests. So each request can first advance the values to the clock's time.

    async def datastore_update(request: ModbusPDU, _context: object, unit: int) -> ModbusPDU:
        return answer(request, unit)

    return [type(request.__name__, (request,), {"datastore_update": datastore_update}) for request in REQUESTS]


def check_served(addresses: Iterable[ModbusAddress]) -> None:
    """Raise ValueError for an address whose value the simulator would serve wrongly."""
    taken = set[tuple[int, Table, int]]()
    for address in addresses:
        place = {"unit": address.unit, "table": address.table, "register": address.register_}
        if address.type == "string" or address.field is not None:
            raise ValueError(
                Message("unit={unit};{table}={register}: the simulator serves no string, bit= or mask=", **place)
            )
        if any(int(float(number)) != number for number in address.bad[:1] if isinstance(number, int)):
            raise ValueError(
                Message("unit={unit};{table}={register}: the simulator cannot hold the first of bad= exactly", **place)
            )
        cells = {(address.unit, address.table, address.register_ + cell) for cell in range(address.count)}
        if taken & cells:
            raise ValueError(
                Message("unit={unit};{table}={register}: the simulator serves one point a register", **place)
            )
        taken |= cells


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    points: Mapping[int, ModbusAddress],
    trace: SampleBatch,
    clock: TraceClock,
    *,
    faults: SampleFaults | None = None,
    holes: Holes = "zero",
) -> AsyncIterator[ModbusSimulator]:
    """Serve a trace for the duration of the context.

    Parameters
    ----------
    host, port : str, int
        Address to listen on; port 0 takes a free port, see `ModbusSimulator.port`.
    points : Mapping of int to ModbusAddress
        Address of each column; rows of other columns are not served.
    trace : SampleBatch
        A row is served from its arrival on, or from its source time on if it has no arrival.
    clock : Clock
        The trace's time.
    faults : Faults, optional
        Faults to apply to the rows.
    holes : str
        "zero" or "refused": the answer for unused addresses between the first and the last used one of a table.

    Raises
    ------
    ValueError
        The simulator cannot serve an address; nothing listens.

    """
    check_served(points.values())
    simulator = ModbusSimulator(points, trace, clock, host=host, port=port, faults=faults, holes=holes)
    await simulator.restore_link()
    try:
        yield simulator
    finally:
        await simulator.drop_link()
