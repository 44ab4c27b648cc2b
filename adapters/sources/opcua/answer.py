"""Reads answers to publish and read requests; the library's decoder is too slow for thousands of changes."""

import struct
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import Primitives, nodeid_from_binary, struct_from_binary

from adapters.sources.opcua.decode import NO_TIME, DataValues, nanoseconds, no_values
from adapters.sources.opcua.rows import read_rows
from plant import Message

CHANGES_ENCODING: Final = (0, ua.ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
STATUS_CHANGE: Final = (0, ua.ObjectIds.StatusChangeNotification_Encoding_DefaultBinary)
MALFORMED: Final = (struct.error, LookupError, TypeError, ValueError)


class Answer(NamedTuple):
    """An answer to a publish request.

    Attributes
    ----------
    values : DataValues
        The changes.
    sequence : int or None
        The sequence number to acknowledge; None if the answer is a keep-alive.
    sent : int or None
        Time at which the server sent it, by its clock; None if the server does not say it. [ns, UTC]

    """

    values: DataValues
    sequence: int | None
    sent: int | None = None


def read_answer(data: Buffer, subscription: int) -> Answer | None:
    """Return the changes in an answer; None if it belongs to another subscription than this one.

    Raises
    ------
    asyncua.ua.UaError
        The server refused the request or ended the subscription, or the answer is malformed.

    """
    try:
        return _read(data, subscription)
    except MALFORMED as error:
        raise _malformed(error) from error


def read_again(data: Buffer) -> Answer:
    """Return the changes in a message that was sent before, from the answer to a republish request.

    Raises
    ------
    asyncua.ua.UaError
        As for `read_answer`.

    """
    try:
        return _message(data, _read_header(data))
    except MALFORMED as error:
        raise _malformed(error) from error


def read_values(data: Buffer) -> DataValues:
    """Return the data values in an answer to a read request, numbered in the order of the nodes that it named.

    Raises
    ------
    asyncua.ua.UaError
        The server refused the request, or the answer is malformed.

    """
    try:
        _read_header(data)
        return read_rows(data, max(0, Primitives.Int32.unpack(data)), named=False)
    except MALFORMED as error:
        raise _malformed(error) from error


def _read(data: Buffer, subscription: int) -> Answer | None:
    # The answer in its order: type, header, subscription id (4), available sequence numbers (count and 4 each),
    # more-notifications flag (1), message.
    sent = _read_header(data)
    if Primitives.UInt32.unpack(data) != subscription:
        # A session may still have the subscription of a broken connection. Its numbers of nodes may be those of others.
        return None
    data.skip(4 * max(0, Primitives.Int32.unpack(data)))  # gaps in the sequence numbers say what is to be repeated
    data.skip(1)  # the next publish request fetches more notifications anyway
    return _message(data, sent)


def _message(data: Buffer, sent: int | None) -> Answer:
    # A message: sequence number (4), publish time (8), notifications.
    sequence = Primitives.UInt32.unpack(data)
    data.skip(8)
    parts = max(0, Primitives.Int32.unpack(data))
    notified = [values for _ in range(parts) if len(values := _notification(data))]
    return Answer(DataValues.concatenate(notified), sequence if parts else None, sent)


def _read_header(data: Buffer) -> int | None:
    """Return when the server sent the answer, by its clock; raise UaError if it refused the request. [ns, UTC]."""
    nodeid_from_binary(data)
    header = struct_from_binary(ua.ResponseHeader, data)
    header.ServiceResult.check()
    sent = nanoseconds(header.Timestamp)
    return None if sent == NO_TIME else sent


def _notification(data: Buffer) -> DataValues:
    """Return the changes of one notification; raise UaError if the server ended the subscription."""
    node = nodeid_from_binary(data)
    kind = (node.NamespaceIndex, node.Identifier)
    # An extension object: type, a byte that tells whether a body follows, length of the body, body.
    body = data.read(Primitives.Int32.unpack(data)) if data.read(1) != b"\0" else b""
    if kind == STATUS_CHANGE:
        struct_from_binary(ua.StatusChangeNotification, Buffer(body)).Status.check()
    return changes(body) if kind == CHANGES_ENCODING else no_values()


def changes(body: bytes) -> DataValues:
    """Return the rows of a data change notification: their count (4), and the rows with the numbers of their nodes."""
    data = Buffer(body)
    return read_rows(data, max(0, Primitives.Int32.unpack(data)), named=True)


def _malformed(error: Exception) -> ua.UaError:
    return ua.uaerrors.UaStructParsingError(Message("an answer that cannot be read: {reason}", reason=error))
