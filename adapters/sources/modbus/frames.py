"""Makes the frames of requests and reads those of answers: what Modbus TCP and RTU have in common, and Modbus TCP."""

from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.plan import Request
from plant import Message
from plant.modbus_address import FUNCTIONS

BITS: Final = frozenset((1, 2))
"""Function codes whose answers hold bits, eight in a byte, the first one lowest."""
EXCEPTION_BIT: Final = 0x80
"""The bit of the function code that marks an exception."""
GATEWAY: Final = (10, 11)
"""Exception codes of a gateway whose unit is silent. They come after the gateway's time-out and count as silence."""
TCP_HEADER: Final = 6
"""Length of the part of a Modbus TCP frame that its own length does not count. [bytes]"""
LONGEST_TCP: Final = 254
"""Largest length that the header of a Modbus TCP frame can name: unit, function, and at most 252 bytes."""


class LinkLostError(Exception):
    """The connection is lost, or what comes over it cannot be trusted any longer."""


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


class GarbledError(ModbusRefusedError):
    """An answer came whose checksum is wrong: the unit is alive, and asking again may help."""


AnswerOrError = NDArray[np.uint16] | SilentError | LinkLostError | ModbusRefusedError
"""The registers of an answer, or its bits as 0 and 1; or why there are none."""


class Framing(Protocol):
    """The frames of one connection: one request after the other, and the bytes that come back."""

    def before(self, request: Request, now: float) -> Request:
        """Return what to ask in place of a request so that no late answer fits: the same, or a longer one."""
        ...

    def ask(self, request: Request) -> bytes:
        """Return the frame of a request; what arrives from now on may be its answer."""
        ...

    def hear(self, received: bytes) -> AnswerOrError | None:
        """Take bytes that arrived; return what became of the request, None while that is not known."""
        ...

    @property
    def damaged(self) -> bool:
        """Whether as many bytes as the answer has have come, and they are not the answer."""
        ...

    def give_up(self, now: float) -> SilentError | LinkLostError | GarbledError:
        """Return why the request was not answered in time. [s]."""
        ...


def content_of(request: Request) -> bytes:
    """Return function code, first address and number of a request."""
    return b"%c%b%b" % (FUNCTIONS[request.table], request.start.to_bytes(2, "big"), request.count.to_bytes(2, "big"))


def length_of(request: Request) -> int:
    """Return the number of bytes of registers or bits that the answer to a request has. [bytes]."""
    return -(-request.count // 8) if FUNCTIONS[request.table] in BITS else 2 * request.count


def fits(content: bytes, request: Request) -> bool:
    """Tell whether an answer, from its function code on, has the function and the length of a request."""
    length = length_of(request)
    return len(content) == 2 + length and content[0] == FUNCTIONS[request.table] and content[1] == length


def outcome_of(content: bytes, request: Request) -> AnswerOrError:
    """Return what the content of an answer, from its function code on, means for a request."""
    code = FUNCTIONS[request.table]
    if fits(content, request):
        if code in BITS:
            bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8, offset=2), bitorder="little")
            return bits[: request.count].astype(np.uint16)
        return np.frombuffer(content, dtype=">u2", offset=2).astype(np.uint16)
    if len(content) == 2 and content[0] == code | EXCEPTION_BIT:
        reason = Message("exception {code}", code=content[1])
        return SilentError(reason) if content[1] in GATEWAY else ModbusRefusedError(reason, content[1])
    return ModbusRefusedError(
        Message(
            "{count} bytes of function {function}; asked for {expected} of function {code}",
            count=max(0, len(content) - 2),
            function=content[0],
            expected=length_of(request),
            code=code,
        )
    )


class _Frame(NamedTuple):
    transaction: int
    unit: int
    content: bytes


class TcpFraming:
    """Modbus TCP: an answer bears the transaction id of its request, so a late one is told from the next.

    Some devices always send the transaction id 0. Such an answer is believed if it fits and no other can be on its way:
    no request timed out, and no answer came unasked. A wrong belief would shift every later answer by one request: each
    register would show another register's value.
    """

    # A frame (all numbers big-endian):
    #   0           2         4        6      7          8
    #   transaction protocol  length   unit   function   content: byte count and data, or an exception code
    #               always 0  bytes from 6 on

    def __init__(self) -> None:
        self._received = bytearray()
        self._transaction = 0
        self._request: Request | None = None
        self._owes_an_answer = False
        self._surplus = False
        self._unit_heard: int | None = None

    def before(self, request: Request, now: float) -> Request:
        """Return the request: transaction ids tell answers apart."""
        return request

    def ask(self, request: Request) -> bytes:
        """Return the frame of a request; what arrives from now on may be its answer."""
        # Whole frames that are left came behind the last answer: nobody asked for them.
        self._request = None
        self.hear(b"")
        self._transaction = self._transaction % 65535 + 1
        self._request, self._unit_heard = request, None
        return b"%b\0\0\0\6%c%b" % (self._transaction.to_bytes(2, "big"), request.unit, content_of(request))

    def hear(self, received: bytes) -> AnswerOrError | None:
        """Take bytes that arrived; return what became of the request, None while that is not known."""
        self._received += received
        while (frame := self._next()) is not None:
            request = self._request
            if request is None:
                self._surplus = self._surplus or not frame.transaction
            elif frame.transaction == self._transaction and frame.unit == request.unit:
                self._request = None
                return outcome_of(frame.content, request)
            elif frame.transaction == self._transaction:
                self._unit_heard = frame.unit
            elif not frame.transaction:
                self._request = None
                return self._unnumbered(frame, request)
        return None

    @property
    def damaged(self) -> bool:
        """Always False: TCP delivers whole frames."""
        return False

    def give_up(self, now: float) -> SilentError | LinkLostError:
        """Return why the request was not answered in time."""
        request, self._request = self._request, None
        self._owes_an_answer = True
        if self._received:
            return LinkLostError(Message("half an answer"))
        if request is not None and self._unit_heard is not None:
            return WrongUnitError(Message("unit {unit} answered instead", unit=self._unit_heard))
        return SilentError(Message("no answer in time"))

    def _next(self) -> _Frame | None:
        """Take the next whole frame; bytes that cannot begin one are dropped."""
        received = self._received
        while len(received) >= TCP_HEADER:
            length = int.from_bytes(received[4:6], "big")
            if received[2] or received[3] or not 2 <= length <= LONGEST_TCP:
                del received[0]
                continue
            if len(received) < TCP_HEADER + length:
                return None
            content = bytes(received[7 : TCP_HEADER + length])
            frame = _Frame(int.from_bytes(received[:2], "big"), received[6], content)
            del received[: TCP_HEADER + length]
            return frame
        return None

    def _unnumbered(self, frame: _Frame, request: Request) -> AnswerOrError:
        if self._owes_an_answer:
            return LinkLostError(Message("a late answer without transaction id"))
        if self._surplus:
            return LinkLostError(Message("an answer without transaction id that nobody asked for"))
        is_exception = len(frame.content) == 2 and frame.content[0] == FUNCTIONS[request.table] | EXCEPTION_BIT
        if frame.unit != request.unit or not (is_exception or fits(frame.content, request)):
            return LinkLostError(Message("an answer without transaction id that does not fit the request"))
        return outcome_of(frame.content, request)
