"""Reads data values from bytes into columns; the library decodes what is not a single number."""

from typing import Annotated, Final, TypedDict

import numpy as np
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary
from numpy.typing import NDArray

from adapters.sources.opcua.decode import NO_TIME, DataValues, data_values, nanoseconds, number
from plant.columns.kept_code import kept
from plant.columns.rows import Code, Count, Real, Rows, Time, Word, zeros

# A row of a notification is a data value behind the number of its node, a row of a read response is the data value
# alone (OPC 10000-6, 5.2.2.17; all numbers little-endian):
#
#   [node (4)] | mask (1) | [type (1) | value] | [status (4)] | [source (8) | [picoseconds (2)]] | [server (8) | [(2)]]
#
# The mask says which of the bracketed fields follow. The picoseconds of a timestamp stand directly behind it.
HAS_VALUE, HAS_STATUS, HAS_SOURCE, HAS_SERVER = 1, 2, 4, 8
SOURCE_PICOSECONDS, SERVER_PICOSECONDS, RESERVED_BITS = 0x10, 0x20, 0xC0
"""Bits of the mask."""
_MASKS: Final = np.arange(256)
LENGTH_OF_SOURCE: Final = 8 * (_MASKS & HAS_SOURCE != 0) + 2 * (_MASKS & SOURCE_PICOSECONDS != 0)
LENGTH_OF_SERVER: Final = 8 * (_MASKS & HAS_SERVER != 0) + 2 * (_MASKS & SERVER_PICOSECONDS != 0)
LENGTH_BEHIND_VALUE: Final = 4 * (_MASKS & HAS_STATUS != 0) + LENGTH_OF_SOURCE + LENGTH_OF_SERVER
"""Bytes of the fields that follow, by the mask."""
NO_TYPE, BOOLEAN_TYPE, FLOAT_TYPE, DOUBLE_TYPE = 0, 1, 10, 11
"""Built-in types of single numbers; between them lie the integers."""
SIGNED_TYPES: Final = frozenset((2, 4, 6, 8))
"""SByte, Int16, Int32 and Int64."""
NODE_LENGTH: Final = 4
"""Bytes of the number of a node."""
NUMBER_LENGTH: Final = np.array([0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8])
"""Bytes of a single number, by its built-in type."""
# OPC UA counts 100 ns ticks from 1601. The upper bound is where int64 nanoseconds since 1970 end.
TO_1970: Final = 11_644_473_600 * 1_000_000
"""From 1601 to 1970. [us]"""
TO_2262: Final = 9_214_646_400 * 1_000_000
"""From 1970 to 2262. [us]"""


class SentRow(TypedDict):
    """The fields of a row as they were sent: the value as its bits, to be read by its type."""

    node: Count
    source: Time
    server: Time
    value: Real
    bits: Annotated[int, np.uint64]
    status: Word
    kind: Code


def read_rows(data: Buffer, count: int, *, named: bool) -> DataValues:
    """Return the next rows of an answer, and leave the buffer behind them.

    Parameters
    ----------
    data : Buffer
        Positioned at the first row.
    count : int
        Number of rows.
    named : bool
        Whether the number of its node stands before each data value. If not, nodes are numbered from 0.

    Raises
    ------
    ValueError, struct.error, TypeError, LookupError, asyncua.ua.UaError
        The bytes are not these rows.

    """
    # No row is shorter than its mask, so a count of another size is damaged and must not reserve memory.
    if not 0 <= count <= len(data):
        raise ValueError(count)
    rows = zeros(SentRow, count)
    rows["node"] = np.arange(count)
    rows["source"] = rows["server"] = NO_TIME
    rows["value"] = np.nan
    sent = data.copy().read(len(data))
    body = np.frombuffer(sent, np.uint8)
    width = NODE_LENGTH if named else 0
    row, at = _read_numbers(body, rows, 0, 0, width)
    while row < count:
        rest = Buffer(sent, at)
        _read_other(rest, rows[row], width)
        row, at = _read_numbers(body, rows, row + 1, len(body) - len(rest), width)
    data.skip(at)
    _restore_values(rows)
    return data_values(*(rows[name].copy() for name in ("node", "source", "server", "value", "status")))


@kept()
def _number(body: NDArray[np.uint8], at: int, width: int) -> np.uint64:
    """Return an unsigned number of `width` bytes."""
    result = np.uint64(0)
    for place in range(width):
        result |= np.uint64(body[at + place]) << np.uint64(8 * place)
    return result


@kept()
def _length(body: NDArray[np.uint8], at: int) -> int:
    """Return the length of the data value at a place; 0 if it is not one with a single number, or not whole."""
    if at + 2 > len(body) or body[at] & RESERVED_BITS:
        return 0
    length = 1 + LENGTH_BEHIND_VALUE[body[at]]
    if body[at] & HAS_VALUE:
        if body[at + 1] > DOUBLE_TYPE:
            return 0
        length += 1 + NUMBER_LENGTH[body[at + 1]]
    return int(length) if at + length <= len(body) else 0


@kept()
def _time(ticks: np.uint64) -> int:
    """Return a time with the bounds and the precision of `decode.nanoseconds`. [100 ns since 1601 -> ns, UTC]."""
    time = np.int64(ticks) // 10 - TO_1970
    return int(time) * 1000 if 0 < time < TO_2262 else NO_TIME


@kept()
def _read_numbers(body: NDArray[np.uint8], rows: Rows[SentRow], row: int, at: int, width: int) -> tuple[int, int]:
    """Read rows with single numbers, up to one of another kind or the end; return the row and the place of that."""
    while row < len(rows) and _length(body, at + width):
        if width:
            rows[row]["node"] = int(_number(body, at, width))
        at = _read_value(body, rows[row], at + width)
        row += 1
    return row, at


@kept()
def _read_value(body: NDArray[np.uint8], row: SentRow, at: int) -> int:
    """Read a data value with a single number; return the place behind it."""
    mask = body[at]
    at += 1
    if mask & HAS_VALUE:
        kind = body[at]
        row["kind"] = kind
        row["bits"] = int(_number(body, at + 1, NUMBER_LENGTH[kind]))
        at += 1 + NUMBER_LENGTH[kind]
    if mask & HAS_STATUS:
        row["status"] = int(_number(body, at, 4))
        at += 4
    if mask & HAS_SOURCE:
        row["source"] = _time(_number(body, at, 8))
    at += LENGTH_OF_SOURCE[mask]
    if mask & HAS_SERVER:
        row["server"] = _time(_number(body, at, 8))
    return int(at + LENGTH_OF_SERVER[mask])


def _read_other(data: Buffer, row: SentRow, width: int) -> None:
    """Let the library read the next row."""
    if width:
        row["node"] = int.from_bytes(data.read(width), "little")
    value = struct_from_binary(ua.DataValue, data)
    row["source"], row["server"] = nanoseconds(value.SourceTimestamp), nanoseconds(value.ServerTimestamp)
    row["value"] = number(value)
    row["status"] = 0 if value.StatusCode is None else value.StatusCode.value


def _restore_values(rows: Rows[SentRow]) -> None:
    """Write the values of the rows whose bits the kernel has read."""
    for kind in np.unique(rows["kind"]):
        if kind != NO_TYPE:
            same = rows["kind"] == kind
            rows["value"][same] = _values(int(kind), rows["bits"][same])


def _values(kind: int, bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the numbers of a built-in type that these bits are."""
    if kind == DOUBLE_TYPE:
        return bits.view(np.float64)
    if kind == FLOAT_TYPE:
        return bits.astype(np.uint32).view(np.float32).astype(np.float64)
    if kind == BOOLEAN_TYPE:
        return bits.astype(np.bool_).astype(np.float64)
    if kind in SIGNED_TYPES:
        spare = 64 - 8 * int(NUMBER_LENGTH[kind])
        whole: NDArray[np.int64] = (bits << np.uint64(spare)).view(np.int64) >> np.int64(spare)
        return whole.astype(np.float64)
    return bits.astype(np.float64)
