"""One connection to a Modbus TCP endpoint: reads, never writes, and believes no answer that it has not checked."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from adapters.sources.modbus.plan import Request
from plant.address import Table

# pymodbus reports every failed request with a dump of its frames; what matters is logged once, by the source.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

READS: Final[dict[Table, tuple[int, Callable[..., Awaitable[ModbusPDU]]]]] = {
    "coil": (1, AsyncModbusTcpClient.read_coils),
    "discrete": (2, AsyncModbusTcpClient.read_discrete_inputs),
    "holding": (3, AsyncModbusTcpClient.read_holding_registers),
    "input": (4, AsyncModbusTcpClient.read_input_registers),
}
"""Function code and call of each table; nothing here can write."""
ILLEGAL_ADDRESS: Final = 2
GATEWAY: Final = (10, 11)
"""Exceptions of a gateway whose unit does not answer: each cost its time-out, so they count as silence."""


class LinkLostError(Exception):
    """There is no connection."""


class SilentError(Exception):
    """No answer in time; the connection may stand."""


class RefusedError(Exception):
    """An answer that is none: an exception response, with its code, or a malformed one, without."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.code: Final = code


def well_formed(sending: bool, packet: bytes) -> bytes:  # noqa: FBT001  pymodbus calls it by position
    """Return a received frame as it is, or, where its inside contradicts its length, an answer without content.

    pymodbus raises on such a frame inside asyncio's callback, which costs the connection and a stack trace in the log.
    """
    length = int.from_bytes(packet[4:6], "big")
    frame = packet[6 : 6 + length]
    if sending or len(packet) < 8 or len(frame) < length or packet[2:4] != b"\0\0":
        return packet
    refused = len(frame) == 3 and frame[1] > 0x80
    answer = len(frame) > 2 and frame[1] in (1, 2, 3, 4) and frame[2] == length - 3
    return packet if refused or answer else packet[:4] + b"\0\3" + frame[:1] + b"\3\0"


class Link:
    """A connection of its own for each attempt; it is not used again after it was lost."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._client: Final = AsyncModbusTcpClient(
            host, port=port, timeout=timeout, retries=0, reconnect_delay=0, trace_packet=well_formed
        )
        self._owes_an_answer = False

    @property
    def connected(self) -> bool:
        """Whether it can be asked."""
        return self._client.connected

    async def open(self) -> bool:
        """Connect, within the timeout; return whether it did."""
        return await self._client.connect()

    def close(self) -> None:
        """Close the socket."""
        self._client.close()

    async def read(self, request: Request) -> NDArray[np.uint16]:
        """Ask, and return as many registers or bits as were asked for.

        Raises
        ------
        LinkLostError, SilentError, RefusedError
            No connection, no answer in time, an exception response or an answer to something else.

        """
        code, call = READS[request.table]
        try:
            answer = await call(self._client, request.start, count=request.count, device_id=request.unit)
        except ConnectionException as error:
            raise LinkLostError(str(error)) from None
        except ModbusException as error:
            if not self.connected:
                raise LinkLostError("the device closed the connection") from None
            self._owes_an_answer = True
            raise SilentError("no answer in time") from error
        if self._owes_an_answer and not answer.transaction_id:
            # The answer may be the late one to an earlier request; pymodbus tells them apart by this number alone.
            self.close()
            raise LinkLostError("a late answer without transaction id")
        if answer.isError():
            reason = f"exception {answer.exception_code}"
            if answer.exception_code in GATEWAY:
                raise SilentError(reason)
            raise RefusedError(reason, answer.exception_code)
        bits = code in (1, 2)
        words: Sequence[int] = answer.bits if bits else answer.registers
        expected = -(-request.count // 8) * 8 if bits else request.count
        if answer.function_code != code or len(words) != expected:
            raise RefusedError(f"{len(words)} values to function {answer.function_code}, asked {expected} of {code}")
        return np.array(words[: request.count], dtype=np.uint16)
