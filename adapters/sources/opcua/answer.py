"""Reads answers to publish requests without the library's decoder, which is too slow for thousands of changes."""

import struct
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import Primitives, nodeid_from_binary, struct_from_binary

from adapters.sources.opcua.decode import NodeValue, decode, reading
from plant import Message

CHANGES_ENCODING: Final = (0, ua.ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
STATUS_CHANGE: Final = (0, ua.ObjectIds.StatusChangeNotification_Encoding_DefaultBinary)
VALUE, STATUS, SOURCE, SERVER, MORE = 1, 2, 4, 8, 0xF0
"""Bits of the mask at the start of a data value; each names a field that follows (OPC 10000-6, 5.2.2.17)."""
STRUCT_CODES: Final[Mapping[int, str]] = dict(enumerate(("", "?", "b", "B", "h", "H", "i", "I", "q", "Q", "f", "d")))
"""The `struct` code of a single number, by its built-in type; type 0 has no value."""
# OPC UA counts 100 ns ticks from 1601. The upper bound is where int64 nanoseconds since 1970 end.
TO_1970: Final = 11_644_473_600 * 1_000_000
"""From 1601 to 1970. [us]"""
TO_2262: Final = 9_214_646_400 * 1_000_000
"""From 1970 to 2262. [us]"""
MALFORMED: Final = (struct.error, LookupError, TypeError, ValueError)


class Answer(NamedTuple):
    """The changes in an answer, and the sequence number to acknowledge; None if the answer is a keep-alive."""

    readings: list[NodeValue]
    sequence: int | None


def read_answer(data: Buffer) -> Answer:
    """Return the changes in an answer.

    Raises
    ------
    asyncua.ua.UaError
        The server refused the request or ended the subscription, or the answer is malformed.

    """
    try:
        return _read(data)
    except MALFORMED as error:
        raise ua.uaerrors.UaStructParsingError(
            Message("an answer that cannot be read: {reason}", reason=error)
        ) from error


def changes(body: bytes) -> list[NodeValue]:
    """Return the rows of a data change notification.

    If a row is not a single number, the library decodes the whole notification.
    """
    # body:  count (4) | row | row | ...
    # row:   client handle (4) | mask (1) | [type (1) | value] | [status (4)] | [source (8)] | [server (8)]
    #        The mask says which of the bracketed fields follow, so body[at + 5] is the type if there is a value.
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
    # The answer in its order: type, header, subscription id (4), available sequence numbers (count and 4 each),
    # more-notifications flag (1), sequence number (4), publish time (8), notifications.
    nodeid_from_binary(data)
    struct_from_binary(ua.ResponseHeader, data).ServiceResult.check()
    Primitives.UInt32.unpack(data)  # the id is known: a link has one subscription
    data.skip(4 * max(0, Primitives.Int32.unpack(data)))  # the link never asks for a repetition
    data.skip(1)  # the next publish request fetches more notifications anyway
    sequence = Primitives.UInt32.unpack(data)
    data.skip(8)
    readings: list[NodeValue] = []
    parts = max(0, Primitives.Int32.unpack(data))
    for _ in range(parts):
        readings += _notification(data)
    return Answer(readings, sequence if parts else None)


def _notification(data: Buffer) -> list[NodeValue]:
    """Return the changes of one notification; raise UaError if the server ended the subscription."""
    node = nodeid_from_binary(data)
    kind = (node.NamespaceIndex, node.Identifier)
    # An extension object: type, a byte that tells whether a body follows, length of the body, body.
    body = data.read(Primitives.Int32.unpack(data)) if data.read(1) != b"\0" else b""
    if kind == STATUS_CHANGE:
        struct_from_binary(ua.StatusChangeNotification, Buffer(body)).Status.check()
    return changes(body) if kind == CHANGES_ENCODING else []


class _Row(NamedTuple):
    """The layout of a row, and the places of its fields; -1 (the appended None) if the row lacks the field."""

    packed: struct.Struct
    value: int
    status: int
    source: int
    server: int


@cache
def _row(mask: int, kind: int) -> _Row | None:
    """Return the layout of rows with a mask and a value type; None if only the library can decode them."""
    if mask & MORE or (mask & VALUE and kind not in STRUCT_CODES):
        return None
    packed, places = "<IB", {VALUE: -1, STATUS: -1, SOURCE: -1, SERVER: -1}
    count = 2
    for bit, code in ((VALUE, STRUCT_CODES.get(kind, "")), (STATUS, "I"), (SOURCE, "q"), (SERVER, "q")):
        if mask & bit:
            # The "x" skips the type byte, which `changes` has read already.
            packed += "x" + code if bit == VALUE else code
            if code:
                places[bit] = count
                count += 1
    return _Row(struct.Struct(packed), *places.values())


def _time(ticks: int | None) -> int | None:
    """Return a time with the rules of `decode.nanoseconds`. [100 ns since 1601 -> ns, UTC]."""
    if ticks is None:
        return None
    time = ticks // 10 - TO_1970
    return time * 1000 if 0 < time < TO_2262 else None
