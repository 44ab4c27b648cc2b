"""Turns the words of the points of one encoding into numbers: integers, bits of them, floats, BCD, texts."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.decimal_of_float import decimals
from plant.modbus_address import Encoding, ModbusAddress, Order, Raw

DTYPES: Final[dict[Encoding, np.dtype[np.generic]]] = {
    "int16": np.dtype(">i2"),
    "uint16": np.dtype(">u2"),
    "int32": np.dtype(">i4"),
    "uint32": np.dtype(">u4"),
    "int64": np.dtype(">i8"),
    "uint64": np.dtype(">u8"),
    "float32": np.dtype(">f4"),
    "float64": np.dtype(">f8"),
    "bcd16": np.dtype(">u2"),
    "bcd32": np.dtype(">u4"),
}
"""How the words of a number are read once their order is the usual one; a string has none."""
# The orders name where the bytes A (most significant) to D of a 32-bit number stand in two registers:
#   ABCD  high word first        CDAB  low word first
#   BADC  bytes swapped in each  DCBA  both
WORDS_REVERSED: Final[frozenset[Order]] = frozenset(("CDAB", "DCBA"))
BYTES_SWAPPED: Final[frozenset[Order]] = frozenset(("BADC", "DCBA"))
WHOLE_AS_READ: Final[frozenset[Encoding]] = frozenset(("int64", "uint64"))
"""Encodings with more digits than float64 has."""
NUMBER: Final = re.compile(rb"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
"""A text that is taken for a number; "ERR", "----" and "1.2 %" are none."""


class Group:
    """The points of one encoding and length.

    Attributes
    ----------
    rows : (n,) intp
        Their rows among all points.
    cells : (n, words) intp
        Cells of each point, most significant word first.

    """

    def __init__(self, addresses: Sequence[ModbusAddress], rows: Sequence[int], first: NDArray[np.intp]) -> None:
        own = [addresses[row] for row in rows]
        words = np.arange(own[0].count)
        reversed_ = np.array([address.order in WORDS_REVERSED for address in own])[:, np.newaxis]
        self.rows: Final = np.array(rows, dtype=np.intp)
        self.cells: Final = first[self.rows, np.newaxis] + np.where(reversed_, words[::-1], words)
        self._swapped: Final = np.array([address.order in BYTES_SWAPPED for address in own])[:, np.newaxis]
        self._encoding: Final = own[0].type
        marked = [row for row, address in enumerate(own) if address.bad]
        self._marked: Final = np.array(marked, dtype=np.intp)
        self._marks: Final = _table([own[row].bad for row in marked], self._encoding)
        # Masks and shifts are uint64 whatever the encoding, so that bit 63 has room.
        fields = [(row, *address.field) for row, address in enumerate(own) if address.field is not None]
        self._field_rows: Final = np.array([row for row, _, _ in fields], dtype=np.intp)
        self._masks: Final = np.array([mask for _, mask, _ in fields], dtype=np.uint64)
        self._shifts: Final = np.array([shift for _, _, shift in fields], dtype=np.uint64)

    def raw(self, words: NDArray[np.uint16]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the number of each point, and whether it says that there is no value.

        Parameters
        ----------
        words : (cells,) uint16
            The words of the image.

        Returns
        -------
        raw : (n,) float64
            Before scale and offset; int64 and uint64 beyond 2^53 become the nearest float64.
        no_value : (n,) bool
            The number is one of `bad`, no BCD, or a text that is no number; raw is NaN then.

        """
        usual = self.usual(words)
        if self._encoding == "string":
            raw = np.array([_number_of(text.tobytes()) for text in usual])
            whole, no_value = raw, np.isnan(raw)
        else:
            whole = usual.view(DTYPES[self._encoding])[:, 0]
            raw, no_value = self._number(whole)
        # Compared before int64 becomes float64, in which neighbours beyond 2^53 are the same.
        compared = (whole if self._encoding in WHOLE_AS_READ else raw)[self._marked, np.newaxis]
        no_value[self._marked] |= (compared == self._marks).any(axis=1)
        if len(self._field_rows):
            taken = (whole[self._field_rows].astype(np.uint64) & self._masks) >> self._shifts
            raw[self._field_rows] = taken.astype(np.float64)
        raw[no_value] = np.nan
        return raw, no_value

    def usual(self, words: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Return the words of each point as big-endian numbers, the most significant first."""
        own = words[self.cells]
        return np.where(self._swapped, own.byteswap(), own).astype(">u2")

    def _number(self, whole: NDArray[np.generic]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if self._encoding == "float32":
            return decimals(whole.astype(np.float32)), np.zeros(len(whole), dtype=np.bool_)
        if self._encoding in ("bcd16", "bcd32"):
            return _decimal_digits(whole.astype(np.uint32))
        return whole.astype(np.float64), np.zeros(len(whole), dtype=np.bool_)


def _table(marks: Sequence[tuple[Raw, ...]], encoding: Encoding) -> NDArray[np.generic]:
    """Return the numbers that mean no value, one row for each point; short rows repeat their first number."""
    longest = max(map(len, marks), default=0)
    rows = [row + row[:1] * (longest - len(row)) for row in marks]
    dtype = DTYPES[encoding].newbyteorder("=") if encoding in WHOLE_AS_READ else np.dtype(np.float64)
    return np.array(rows, dtype=dtype).reshape(len(rows), longest)


def _decimal_digits(packed: NDArray[np.uint32]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of BCD, four bits a digit, and whether a digit is beyond 9."""
    number, wrong = np.zeros(len(packed)), np.zeros(len(packed), dtype=np.bool_)
    for place in range(8):
        digit = (packed >> np.uint32(4 * place)) & np.uint32(15)
        wrong |= digit > 9
        number += digit * 10.0**place
    return number, wrong


def _number_of(text: bytes) -> float:
    """Return the number that a text is, up to its first zero byte and without the spaces around it; NaN for none."""
    text = text.partition(b"\0")[0].strip()
    return float(text) if NUMBER.fullmatch(text) else float("nan")
