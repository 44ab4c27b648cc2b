"""Reads an answer to a publish request; changes come by the thousand, so their rows are not left to the library."""

import struct
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import Primitives, nodeid_from_binary, struct_from_binary

from adapters.sources.opcua.decode import Reading, decode, reading

CHANGES: Final = (0, ua.ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
STATUS_CHANGE: Final = (0, ua.ObjectIds.StatusChangeNotification_Encoding_DefaultBinary)
VALUE, STATUS, SOURCE, SERVER, MORE = 1, 2, 4, 8, 0xF0
"""Bits of the mask that a data value begins with: what it holds (OPC 10000-6, 5.2.2.17)."""
NUMBERS: Final[Mapping[int, str]] = dict(enumerate(("", "?", "b", "B", "h", "H", "i", "I", "q", "Q", "f", "d")))
"""How a single number is packed, by the type that stands before it; 0 is no value."""
TO_1970: Final = 11_644_473_600 * 1_000_000
"""Microseconds since 1601, from when times are counted."""
TO_2262: Final = 9_214_646_400 * 1_000_000
"""Microseconds since 1970."""
MALFORMED: Final = (struct.error, LookupError, TypeError, ValueError)


class Answer(NamedTuple):
    """The changes that a server sent, and what has to be acknowledged: None for an answer that holds nothing."""

    readings: list[Reading]
    sequence: int | None


def read_answer(data: Buffer) -> Answer:
    """Return what the server tells.

    Raises
    ------
    asyncua.ua.UaError
        The server refused, or ended the subscription, or what it sent cannot be read.

    """
    try:
        return _read(data)
    except MALFORMED as error:
        raise ua.uaerrors.UaStructParsingError(f"an answer that cannot be read: {error}") from error


def changes(body: bytes) -> list[Reading]:
    """Return the rows of a data change notification, read one by one where they hold single numbers."""
    (count,) = struct.unpack_from("<i", body)
    at, readings = 4, []
    for _ in range(count):
        row = _row(body[at + 4], body[at + 5])
        if row is None:
            items = struct_from_binary(ua.DataChangeNotification, Buffer(body)).MonitoredItems
            return [decode(item.ClientHandle, item.Value) for item in items]
        fields = (*row.packed.unpack_from(body, at), None)
        status = fields[row.status] or 0
        readings.append(
            reading(fields[0], fields[row.value], status, _time(fields[row.source]), _time(fields[row.server]))
        )
        at += row.packed.size
    return readings


def _read(data: Buffer) -> Answer:
    nodeid_from_binary(data)
    struct_from_binary(ua.ResponseHeader, data).ServiceResult.check()
    Primitives.UInt32.unpack(data)  # the subscription: there is one
    data.skip(4 * max(0, Primitives.Int32.unpack(data)))  # numbers that can be asked for again
    data.skip(1)  # whether there is more: it comes by itself
    sequence = Primitives.UInt32.unpack(data)
    data.skip(8)
    readings: list[Reading] = []
    parts = max(0, Primitives.Int32.unpack(data))
    for _ in range(parts):
        node = nodeid_from_binary(data)
        kind = (node.NamespaceIndex, node.Identifier)
        body = data.read(Primitives.Int32.unpack(data)) if data.read(1) != b"\0" else b""
        if kind == STATUS_CHANGE:
            struct_from_binary(ua.StatusChangeNotification, Buffer(body)).Status.check()
        elif kind == CHANGES:
            readings += changes(body)
    return Answer(readings, sequence if parts else None)


class _Row(NamedTuple):
    """How a row is packed, and which of its fields are what; -1 for one that it does not hold."""

    packed: struct.Struct
    value: int
    status: int
    source: int
    server: int


@cache
def _row(mask: int, kind: int) -> _Row | None:
    """Return how rows of a mask and a type of value are packed, None where that is not known here."""
    if mask & MORE or (mask & VALUE and kind not in NUMBERS):
        return None
    packed, places = "<IB", {VALUE: -1, STATUS: -1, SOURCE: -1, SERVER: -1}
    count = 2
    for bit, code in ((VALUE, NUMBERS.get(kind, "")), (STATUS, "I"), (SOURCE, "q"), (SERVER, "q")):
        if mask & bit:
            packed += "x" + code if bit == VALUE else code
            if code:
                places[bit] = count
                count += 1
    return _Row(struct.Struct(packed), *places.values())


def _time(ticks: int | None) -> int | None:
    """Return a time as `decode.nanoseconds` does. [100 ns since 1601 -> ns, UTC]."""
    if ticks is None:
        return None
    time = ticks // 10 - TO_1970
    return time * 1000 if 0 < time < TO_2262 else None
