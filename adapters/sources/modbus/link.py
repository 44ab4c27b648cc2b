"""One connection to a Modbus device, over TCP or a serial line: it reads, never writes, and checks every answer."""

import asyncio
import termios
from typing import Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from pymodbus.transport.serialtransport import create_serial_connection

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.frames import AnswerOrError, Framing, LinkLostError, TcpFraming, length_of
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.rtu import RtuFraming
from plant import Message
from plant.units import SECOND

QUIET: Final = 0.05
"""How long to wait for more after an answer with a wrong checksum. [s]"""
CHARACTERS_APART: Final = 3.5
SHORTEST_GAP: Final = 0.00175
"""A frame of RTU begins after 3.5 characters of quiet, and never after less than 1.75 ms. [s]"""
FRAME: Final = 13
"""Characters of a request and around the data of its answer."""

_Waiter: TypeAlias = "asyncio.Future[AnswerOrError]"


def framing_of(spec: ModbusSource) -> Framing:
    """Return the frames that an endpoint speaks."""
    return TcpFraming() if spec.transport == "tcp" else RtuFraming()


class ModbusLink(asyncio.Protocol):
    """One connection. After a loss a new one is opened; the old one is never used again."""

    def __init__(self, spec: ModbusSource, framing: Framing) -> None:
        self._spec: Final = spec
        self._framing: Final = framing
        self._timeout: Final = spec.timeout / SECOND
        self._gap: Final = max(
            spec.line_time(1) * CHARACTERS_APART, SHORTEST_GAP if spec.transport == "serial" else 0.0
        )
        self._transport: asyncio.Transport | None = None
        self._made = asyncio.Event()
        self._waiter: _Waiter | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = 0.0

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self._transport is not None

    async def open(self) -> bool:
        """Connect within the timeout; return True on success."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                if self._spec.transport == "serial":
                    await self._open_port(loop)
                else:
                    await loop.create_connection(lambda: self, self._spec.host, self._spec.port)
                await self._made.wait()
        except (OSError, ValueError, termios.error):  # the last two: a speed or a parity that the port lacks
            self.close()
            return False
        return True

    def close(self) -> None:
        """Close the connection; a request that waits fails."""
        if self._transport is not None:
            self._transport.abort()
            self.connection_lost(None)

    async def read(self, request: Request, patience: float | None = None) -> NDArray[np.uint16]:
        """Send a request and return its registers, or its bits as 0 and 1; wait at most `patience` if given. [s].

        Raises
        ------
        LinkLostError, SilentError, ModbusRefusedError
            No connection; no answer in time; an exception response or an answer that does not match the request.

        """
        asked = self._framing.before(request, asyncio.get_running_loop().time())
        words = await self._answer(asked, self._timeout if patience is None else patience)
        return words[: request.count]

    async def _answer(self, request: Request, patience: float) -> NDArray[np.uint16]:
        loop = asyncio.get_running_loop()
        if (rest := self._heard + self._gap - loop.time()) > 0:
            await asyncio.sleep(rest)
        if self._transport is None:
            raise LinkLostError(Message("the device closed the connection"))
        self._waiter = loop.create_future()
        # At 1200 bit/s the longest answer is two seconds under way; a time-out is meant for what the device takes.
        patience += self._spec.line_time(FRAME + length_of(request))
        self._timer = loop.call_later(patience, self._expire)
        self._transport.write(self._framing.ask(request))
        try:
            outcome = await self._waiter
        finally:
            self._timer.cancel()
            self._waiter = None
        # What is left in such a connection would stand before the next answer.
        if isinstance(outcome, LinkLostError):
            self.close()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _open_port(self, loop: asyncio.AbstractEventLoop) -> None:
        await create_serial_connection(
            loop,
            lambda: self,
            self._spec.endpoint,
            baudrate=self._spec.baudrate,
            bytesize=self._spec.bytesize,
            parity=self._spec.parity[0].upper(),
            stopbits=self._spec.stopbits,
        )

    def _expire(self) -> None:
        self._settle(self._framing.give_up(asyncio.get_running_loop().time()))

    def _settle(self, outcome: AnswerOrError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(outcome)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note that the connection stands; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)  # that of uvloop is no subclass
        self._made.set()

    def data_received(self, data: bytes) -> None:
        """Take bytes; asyncio calls it."""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        outcome = self._framing.hear(data)
        if outcome is not None:
            self._settle(outcome)
        elif self._timer is not None and self._framing.damaged:
            self._timer.cancel()
            self._timer = loop.call_later(QUIET, self._expire)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone; asyncio calls it."""
        self._transport = None
        self._settle(LinkLostError(Message("the device closed the connection")))
