"""One connection to a Modbus TCP endpoint: it reads, never writes, and checks every answer."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from adapters.sources.modbus.plan import Request
from plant import Message
from plant.modbus_address import Table

# pymodbus logs every failed request with a dump of its frames. The source logs each fault once instead.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

READS: Final[dict[Table, tuple[int, Callable[..., Awaitable[ModbusPDU]]]]] = {
    "coil": (1, AsyncModbusTcpClient.read_coils),
    "discrete": (2, AsyncModbusTcpClient.read_discrete_inputs),
    "holding": (3, AsyncModbusTcpClient.read_holding_registers),
    "input": (4, AsyncModbusTcpClient.read_input_registers),
}
"""Function code and client method of each table; the table contains read functions only."""
UNIT_AT: Final = 6
"""Where the unit id stands in a frame of Modbus TCP."""
BIT_READS: Final = frozenset((1, 2))
"""Function codes whose answers hold bits."""
GATEWAY: Final = (10, 11)
"""Exception codes of a gateway whose unit is silent. They come after the gateway's time-out and count as silence."""


class LinkLostError(Exception):
    """The connection is lost."""


class SilentError(Exception):
    """No answer arrived in time, although the connection may still stand."""


class HungUpError(SilentError):
    """The device closed the connection instead of answering."""


class WrongUnitError(SilentError):
    """The answer bears the id of another unit, so whose value it is cannot be known."""


class ModbusRefusedError(Exception):
    """The device sent an exception response (with its code) or a malformed answer (without code)."""

    def __init__(self, reason: Message, code: int | None = None) -> None:
        super().__init__(reason)
        self.code: Final = code


def well_formed(sending: bool, packet: bytes) -> bytes:  # noqa: FBT001  pymodbus calls it by position
    """Return a received frame unchanged; replace one whose content contradicts its length by an empty answer.

    pymodbus raises on such a frame inside asyncio's callback: that loses the connection and logs a stack trace.
    """
    # A Modbus TCP frame (all numbers big-endian):
    #   0           2         4        6      7          8
    #   transaction protocol  length   unit   function   content: byte count and data, or an exception code
    #               always 0  bytes from 6 on, so a frame with data has length = 3 + byte count
    length = int.from_bytes(packet[4:6], "big")
    frame = packet[6 : 6 + length]
    if sending or len(packet) < 8 or len(frame) < length or packet[2:4] != b"\0\0":
        return packet
    refused = len(frame) == 3 and frame[1] > 0x80
    answer = len(frame) > 2 and frame[1] in (1, 2, 3, 4) and frame[2] == length - 3
    # The replacement keeps transaction, protocol and unit, and answers function 3 with a byte count of 0.
    return packet if refused or answer else packet[:4] + b"\0\3" + frame[:1] + b"\3\0"


class ModbusLink:
    """One connection. After a loss a new one is opened; the old one is never used again."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        # By default pymodbus sends a request four times (four time-outs for one silent unit), and its own
        # reconnection waits up to 300 s. The source owns both decisions, so both are off here.
        self._client: Final = AsyncModbusTcpClient(
            host,
            port=port,
            timeout=timeout,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._trace,
            trace_pdu=self._count,
        )
        # pymodbus closes the socket at the fourth time-out in a row. Whether the link still stands is decided by all
        # units together: four silent ones must not end it for those that answer.
        self._client.ctx.max_until_disconnect = self._client.ctx.count_until_disconnect = sys.maxsize
        self._owes_an_answer = False
        self._is_waiting = False
        self._surplus = False
        self._unit_heard: int | None = None

    @property
    def connected(self) -> bool:
        """Whether the socket is open."""
        return self._client.connected

    async def open(self) -> bool:
        """Connect within the timeout; return True on success."""
        return await self._client.connect()

    def close(self) -> None:
        """Close the socket."""
        self._client.close()

    def _count(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:  # noqa: FBT001  pymodbus calls it by position
        """Note an answer without transaction id that came while no request was waiting; return the message."""
        self._surplus = self._surplus or not (sending or self._is_waiting or pdu.transaction_id)
        self._is_waiting = sending
        return pdu

    async def read(self, request: Request) -> NDArray[np.uint16]:
        """Send a request and return its registers, or its bits as 0 and 1.

        Raises
        ------
        LinkLostError, SilentError, RefusedError
            No connection; no answer in time; an exception response or an answer that does not match the request.

        """
        answer = await self._answer_to(request)
        if answer.isError():
            reason = Message("exception {code}", code=answer.exception_code)
            if answer.exception_code in GATEWAY:
                raise SilentError(reason)
            raise ModbusRefusedError(reason, answer.exception_code)
        return _words_of(answer, request)

    def _trace(self, sending: bool, packet: bytes) -> bytes:  # noqa: FBT001  pymodbus calls it by position
        """Note which unit answers, for pymodbus drops the answers of others without a word; check the frame."""
        if not sending and len(packet) > UNIT_AT:
            self._unit_heard = packet[UNIT_AT]
        return well_formed(sending, packet)

    async def _answer_to(self, request: Request) -> ModbusPDU:
        _, call = READS[request.table]
        self._unit_heard = None
        try:
            answer = await call(self._client, request.start, count=request.count, device_id=request.unit)
        except ConnectionException as error:
            raise LinkLostError(Message("{text}", text=error)) from None
        except ModbusException as error:
            if not self.connected:
                raise LinkLostError(Message("the device closed the connection")) from None
            self._owes_an_answer = True
            if self._unit_heard not in (None, request.unit):
                raise WrongUnitError(Message("unit {unit} answered instead", unit=self._unit_heard)) from None
            raise SilentError(Message("no answer in time")) from error
        if not answer.transaction_id:
            self._check_unnumbered(answer, request)
        return answer

    def _check_unnumbered(self, answer: ModbusPDU, request: Request) -> None:
        """Close the link if an answer without transaction id may be the answer to another request."""
        # pymodbus tells answers apart by their transaction id alone, and some devices always send 0. Such an answer is
        # believed if it fits and no other can be on its way: no request timed out, and no answer came unasked. A wrong
        # belief would shift every later answer by one request: each register would show another register's value.
        if self._owes_an_answer:
            reason = Message("a late answer without transaction id")
        elif self._surplus:
            reason = Message("an answer without transaction id that nobody asked for")
        elif answer.dev_id != request.unit or not (answer.isError() or _fits(answer, request)):
            reason = Message("an answer without transaction id that does not fit the request")
        else:
            return
        self.close()
        raise LinkLostError(reason)


def _words(answer: ModbusPDU, request: Request) -> Sequence[int]:
    code, _ = READS[request.table]
    return answer.bits if code in BIT_READS else answer.registers


def _expected(request: Request) -> int:
    """Return the number of words of the answer to a request; bits arrive in whole bytes."""
    code, _ = READS[request.table]
    return -(-request.count // 8) * 8 if code in BIT_READS else request.count


def _fits(answer: ModbusPDU, request: Request) -> bool:
    code, _ = READS[request.table]
    return answer.function_code == code and len(_words(answer, request)) == _expected(request)


def _words_of(answer: ModbusPDU, request: Request) -> NDArray[np.uint16]:
    """Return the registers or bits of an answer; raise ModbusRefusedError if it does not match its request."""
    code, _ = READS[request.table]
    words, expected = _words(answer, request), _expected(request)
    # pymodbus accepts an answer of any length, so this check is the only one.
    if not _fits(answer, request):
        message = Message(
            "{count} values of function {function}; asked for {expected} of function {code}",
            count=len(words),
            function=answer.function_code,
            expected=expected,
            code=code,
        )
        raise ModbusRefusedError(message)
    return np.array(words[: request.count], dtype=np.uint16)
