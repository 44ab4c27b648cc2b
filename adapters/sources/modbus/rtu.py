"""Makes and reads the frames of Modbus RTU, which carry no transaction id: over a serial line, or over TCP.

Theory of operation. Only unit, function, length and checksum tell an answer from another, so the late answer to one
request could be taken for that to the next one of the same length. So after a time-out the unit *owes* an answer, until
that comes, or for half a minute. A request of the same length is meanwhile asked for some registers more, so that its
answer has a length that no owed one has; the surplus is dropped.
"""

from typing import Final

from pymodbus.framer.rtu import FramerRTU

from adapters.sources.modbus.frames import (
    EXCEPTION_BIT,
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
from plant.modbus_address import FUNCTIONS

OVERHEAD: Final = 5
"""Unit, function, byte count and checksum of an answer; also the length of an exception. [bytes]"""
MOST_KEPT: Final = 1024
"""Noise that came while nobody asked is dropped beyond this. [bytes]"""
LATEST: Final = 30.0
"""No answer comes later than this after its time-out. [s]"""
Owed = tuple[int, int]
"""Function and number of data bytes of an answer that may still come."""


def checked(frame: bytes) -> bytes:
    """Return a frame with its checksum."""
    return frame + FramerRTU.compute_CRC(frame).to_bytes(2, "big")


class RtuFraming:
    """Modbus RTU: frames end in a checksum, and nothing but it and the expected length marks where they are."""

    # A request and an answer (the checksum alone has its low byte first):
    #   unit   function   first address   count        checksum
    #   unit   function   byte count      data ...     checksum
    #   unit   function with 0x80         code         checksum
    # Devices on the line also hear the answers of others, and adapters for RS-485 may hear their own requests.

    def __init__(self) -> None:
        self._received = bytearray()
        self._request: Request | None = None
        self._refused = False
        self._owed: Final[dict[int, dict[Owed, float]]] = {}
        self._unit_heard: int | None = None

    def before(self, request: Request, now: float) -> Request:
        """Return the request to ask in place of one, so that no late answer can be taken for its own. [s].

        Raises
        ------
        SilentError
            There is no such request: the unit must be left alone for a while.

        """
        owed = self._owed.get(request.unit, {})
        for late in [late for late, until in owed.items() if until <= now]:
            del owed[late]
        if (FUNCTIONS[request.table], length_of(request)) not in owed:
            return request
        step = 8 if request.table in ("coil", "discrete") else 1
        for count in range(request.count + step, min(126 * step, 65537 - request.start), step):
            other = Request((Span(request.unit, request.table, request.start, count),))
            if (FUNCTIONS[request.table], length_of(other)) not in owed:
                return other
        raise SilentError(Message("a late answer may still come"))

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
        if self._owed.get(request.unit) and content[0] & EXCEPTION_BIT:
            self._refused = True  # perhaps the late exception to an earlier request: wait for what follows
            self._received.clear()
            return None
        self._request = None
        return outcome_of(content, request)

    @property
    def damaged(self) -> bool:
        """Whether an answer of the right length has come whose checksum is wrong."""
        request = self._request
        if request is None or len(self._received) < OVERHEAD + length_of(request):
            return False
        return self._received.startswith(_head(request))

    def give_up(self, now: float) -> SilentError | GarbledError:
        """Return why the request was not answered in time; its unit owes an answer from now on. [s]."""
        damaged, request = self.damaged, self._request
        self._request = None
        if request is None:
            return SilentError(Message("no answer in time"))
        if self._refused:
            self._owed.pop(request.unit, None)  # an exception, and nothing behind it in the whole time
        else:
            owed = self._owed.setdefault(request.unit, {})
            owed[FUNCTIONS[request.table], length_of(request)] = now + LATEST
        if damaged:
            return GarbledError(Message("an answer with a wrong checksum"))
        if self._unit_heard is not None:
            return WrongUnitError(Message("unit {unit} answered instead", unit=self._unit_heard))
        return SilentError(Message("no answer in time"))

    def _content(self, request: Request) -> bytes | None:
        """Return the content of the answer, from its function code on, wherever it begins among the bytes."""
        # Noise may stand before the answer and may even look like its head, so every place is tried. A head whose
        # checksum is wrong is passed over, because the true answer may begin within those bytes.
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
            # A late answer settles what its unit owed; any other unit that answers did so instead of the one asked.
            owed = self._owed.get(unit, {})
            if (function, length) not in owed and (self._request is None or unit != self._request.unit):
                self._unit_heard = unit
            owed.pop((function, length), None)
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
