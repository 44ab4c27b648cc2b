"""Makes and reads the frames of Modbus RTU, which carry no transaction id: over a serial line, or over TCP.

Theory of operation. Only unit, function, length and checksum tell an answer from another, so the late answer to one
request could be taken for that to the next one of the same length. A unit works off its requests in order. So after a
time-out the unit *owes* an answer, and before it is asked again it gets a request of a length that no owed answer has.
Once that is answered, nothing that was owed can come any more.
"""

from typing import Final

from pymodbus.framer.rtu import FramerRTU

from adapters.sources.modbus.frames import (
    EXCEPTION_BIT,
    FUNCTIONS,
    AnswerOrError,
    GarbledError,
    SilentError,
    WrongUnitError,
    content_of,
    length_of,
    outcome_of,
)
from adapters.sources.modbus.plan import Request, Span
from plant import Message

OVERHEAD: Final = 5
"""Unit, function, byte count and checksum of an answer; also the length of an exception. [bytes]"""
MOST_KEPT: Final = 1024
"""Noise that came while nobody asked is dropped beyond this. [bytes]"""
Owed = tuple[int, int]
"""Function and number of data bytes of an answer that may still come."""


def checked(frame: bytes) -> bytes:
    """Return a frame with its checksum."""
    return frame + FramerRTU.compute_CRC(frame).to_bytes(2, "big")


class RtuFraming:
    """Modbus RTU: frames end in a checksum, and nothing but it and the expected length marks where they are."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._request: Request | None = None
        self._resync: Request | None = None
        self._refused = False
        self._owed: Final[dict[int, set[Owed]]] = {}
        self._unit_heard: int | None = None

    def before(self, request: Request) -> Request | None:
        """Return the request that a unit which owes an answer gets first; None if it owes none."""
        self._resync = self._of_another_length(request) if request.unit in self._owed else None
        return self._resync

    def ask(self, request: Request) -> bytes:
        """Return the frame of a request; what arrived before is dropped."""
        self._received.clear()
        self._request, self._unit_heard, self._refused = request, None, False
        return checked(bytes((request.unit,)) + content_of(request))

    def hear(self, received: bytes) -> AnswerOrError | None:
        """Take bytes that arrived; return what became of the request, None while that is not known."""
        self._received += received
        self._drop_others()
        request = self._request
        if request is None:
            del self._received[:-MOST_KEPT]
            return None
        content = self._content(request)
        if content is None:
            return None
        if request == self._resync and content[0] & EXCEPTION_BIT:
            self._refused = True  # perhaps the late exception to an earlier request: wait for what follows
            self._received.clear()
            return None
        if request == self._resync:
            self._owed.pop(request.unit, None)
        self._request = None
        return outcome_of(content, request)

    @property
    def damaged(self) -> bool:
        """Whether an answer of the right length has come whose checksum is wrong."""
        request = self._request
        if request is None or len(self._received) < OVERHEAD + length_of(request):
            return False
        return self._received.startswith(_head(request))

    def give_up(self) -> SilentError | GarbledError:
        """Return why the request was not answered in time; its unit owes an answer from now on."""
        damaged, request = self.damaged, self._request
        self._request = None
        if request is None:
            return SilentError(Message("no answer in time"))
        if request == self._resync and self._refused:
            self._owed.pop(request.unit, None)  # an exception, and nothing behind it in the whole time
        else:
            self._owed.setdefault(request.unit, set()).add((FUNCTIONS[request.table], length_of(request)))
        if damaged:
            return GarbledError(Message("an answer with a wrong checksum"))
        if self._unit_heard is not None:
            return WrongUnitError(Message("unit {unit} answered instead", unit=self._unit_heard))
        return SilentError(Message("no answer in time"))

    def _of_another_length(self, request: Request) -> Request:
        """Return a request at the same place whose answer has a length that no owed one has, a shorter one if any."""
        step = 8 if request.table in ("coil", "discrete") else 1
        owed = self._owed[request.unit]
        shorter = range(request.count - step, 0, -step)
        longer = range(request.count + step, 126 * step, step)
        other = request
        for count in (*shorter, *longer):
            other = _at(request, count)
            if request.start + count <= 65536 and (FUNCTIONS[request.table], length_of(other)) not in owed:
                return other
        owed.clear()  # no length is left: a unit that was asked so often in vain owes nothing
        return other

    def _content(self, request: Request) -> bytes | None:
        """Return the content of the answer, from its function code on, wherever it begins among the bytes."""
        received, head = self._received, _head(request)
        exception = bytes((request.unit, FUNCTIONS[request.table] | EXCEPTION_BIT))
        at = 0
        while at + OVERHEAD <= len(received):
            size = 0
            if received.startswith(head, at):
                size = OVERHEAD + length_of(request)
            elif received.startswith(exception, at):
                size = OVERHEAD
            if at + size > len(received):
                return None
            if size and _is_right(received[at : at + size]):
                return bytes(received[at + 1 : at + size - 2])
            at += 1
        return None

    def _drop_others(self) -> None:
        """Drop whole answers at the begin that are not the expected one: late ones, and those of other units."""
        received = self._received
        while len(received) >= OVERHEAD:
            size = OVERHEAD + (0 if received[1] & EXCEPTION_BIT else received[2])
            unit, function, length = received[0], received[1], size - OVERHEAD
            known = function & ~EXCEPTION_BIT in FUNCTIONS.values()
            if not known or len(received) < size or not _is_right(received[:size]) or self._expects(received):
                return
            owed = self._owed.get(unit, set())
            if (function, length) not in owed and (self._request is None or unit != self._request.unit):
                self._unit_heard = unit
            owed.discard((function, length))
            if not owed:
                self._owed.pop(unit, None)
            del received[:size]

    def _expects(self, received: bytearray) -> bool:
        request = self._request
        if request is None:
            return False
        return received.startswith((_head(request), bytes((request.unit, FUNCTIONS[request.table] | EXCEPTION_BIT))))


def _head(request: Request) -> bytes:
    """Return the bytes with which the answer to a request begins."""
    return bytes((request.unit, FUNCTIONS[request.table], length_of(request)))


def _is_right(frame: bytearray) -> bool:
    return FramerRTU.check_CRC(bytes(frame[:-2]), int.from_bytes(frame[-2:], "big"))


def _at(request: Request, count: int) -> Request:
    return Request((Span(request.unit, request.table, request.start, count),))
