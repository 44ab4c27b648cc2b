"""Decodes registers into value, quality and state of all points of a source at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.decimal_of_float import decimals
from adapters.sources.modbus.plan import Request, Span, spans
from plant import Quality
from plant.address import Encoding, ModbusAddress, Order, Table

ENCODINGS: Final[dict[Encoding, np.dtype[np.generic]]] = {
    "int16": np.dtype(">i2"),
    "uint16": np.dtype(">u2"),
    "int32": np.dtype(">i4"),
    "uint32": np.dtype(">u4"),
    "float32": np.dtype(">f4"),
    "float64": np.dtype(">f8"),
}
LARGEST_WHOLE: Final[dict[Encoding, int]] = {"int16": 2**15, "uint16": 2**16, "int32": 2**31, "uint32": 2**32}
"""Upper bound of the magnitude of an integer encoding."""
# The orders name where the bytes A (most significant) to D of a 32-bit number stand in two registers:
#   ABCD  high word first        CDAB  low word first
#   BADC  bytes swapped in each  DCBA  both
WORDS_REVERSED: Final[frozenset[Order]] = frozenset(("CDAB", "DCBA"))
BYTES_SWAPPED: Final[frozenset[Order]] = frozenset(("BADC", "DCBA"))
TABLE_CODES: Final[dict[Table, int]] = {"holding": 0, "input": 1, "coil": 2, "discrete": 3}
EXACT_WHOLE: Final = 2**53
"""float64 represents every whole number up to 2^53 and every power of ten up to 10^22 exactly."""


def _key(unit: int, table: Table, address: int) -> int:
    # bits: | unit | table (2) | address (16) |, so that cells of one request have consecutive keys
    return ((unit << 2) + TABLE_CODES[table] << 16) + address


class Image:
    """The registers and bits that the points need, with the words of the latest read.

    Attributes
    ----------
    keys : (n,) int64
        Unit, table and address of each cell, ascending.
    words : (n,) uint16
        Content of the register; 0 or 1 for a bit.
    time : (n,) int64
        When the cell was read; UNREAD if this poll has not read it. [ns, UTC]

    """

    __slots__ = ("keys", "time", "words")
    UNREAD: Final = np.iinfo(np.int64).min

    def __init__(self, needed: Sequence[Span]) -> None:
        keys = {_key(span.unit, span.table, address) for span in needed for address in range(span.start, span.end)}
        self.keys: Final = np.array(sorted(keys), dtype=np.int64)
        self.words: Final = np.zeros(len(self.keys), dtype=np.uint16)
        self.time: Final = np.full(len(self.keys), self.UNREAD, dtype=np.int64)

    def clear(self) -> None:
        """Mark every cell as unread."""
        self.time[:] = self.UNREAD

    def put(self, request: Request, words: NDArray[np.uint16], time: int) -> None:
        """Store the answer to a request.

        Parameters
        ----------
        request : Request
            The request that the device answered.
        words : (request.count,) uint16
            Registers, or bits as 0 and 1.
        time : int
            When the answer arrived. [ns, UTC]

        """
        # A request bridges gaps between points, so it may return cells that no point needs: keys selects the others.
        first = _key(request.unit, request.table, request.start)
        low, high = np.searchsorted(self.keys, (first, first + request.count))
        self.words[low:high] = words[self.keys[low:high] - first]
        self.time[low:high] = time


@dataclass(frozen=True, slots=True)
class _Group:
    """The points of one encoding.

    `rows` are their rows among all points. `cells` are the cells of each point, most significant word first.
    `swapped` marks the points whose device swaps the two bytes of each word.
    """

    dtype: np.dtype[np.generic]
    rows: NDArray[np.intp]
    cells: NDArray[np.intp]
    swapped: NDArray[np.bool_]

    def raw(self, words: NDArray[np.uint16]) -> NDArray[np.float64]:
        own_words = words[self.cells]
        big_endian = np.where(self.swapped, own_words.byteswap(), own_words).astype(">u2")
        numbers = big_endian.view(self.dtype)[:, 0]
        if self.dtype == ENCODINGS["float32"]:
            return decimals(numbers.astype(np.float32))
        return numbers.astype(np.float64)


class Decoder:
    """Decodes the values of all points from an image; indices and scales are computed once from the addresses."""

    def __init__(self, addresses: Sequence[ModbusAddress]) -> None:
        self.image: Final = Image(spans(addresses))
        self._first: Final = self._cells([(a.unit, a.table, a.register_) for a in addresses])
        used = {address.type for address in addresses}
        self._groups: Final = [self._group(encoding, addresses) for encoding in ENCODINGS if encoding in used]
        with_status = [row for row, address in enumerate(addresses) if address.status is not None]
        self._with_status: Final = np.array(with_status, dtype=np.intp)
        self._status: Final = self._cells(
            [(a.unit, a.status_table, a.status) for a in addresses if a.status is not None]
        )
        self._linear: Final = np.array([linear(address) for address in addresses], dtype=np.float64).reshape(-1, 4).T

    def decode(self) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint16], NDArray[np.int64]]:
        """Return value, quality, state and time of every point, in the order of the addresses.

        Returns
        -------
        value : (n,) float64
            raw * scale + offset; NaN if any cell of the value is unread. [unit of the point]
        quality : (n,) uint8
            BAD if the value or its status word is unread, and for NaN and infinities; else GOOD.
        state : (n,) uint16
            The unchanged status word; 0 if the point has none or if it is unread.
        time : (n,) int64
            When the value was read; Image.UNREAD if any cell of it is unread. [ns, UTC]

        """
        image = self.image
        raw = np.full(len(self._first), np.nan)
        time = np.full(len(self._first), Image.UNREAD)
        multiplier, addend, divisor, offset = self._linear
        # A device may send signalling NaNs and numbers that overflow when scaled. They become BAD without a warning.
        with np.errstate(all="ignore"):
            for group in self._groups:
                raw[group.rows] = group.raw(image.words)
                # UNREAD is the smallest int64, so one unread word makes the whole value unread.
                time[group.rows] = image.time[group.cells].min(axis=1)
            value = (raw * multiplier + addend) / divisor + offset
        value[time == Image.UNREAD] = np.nan
        bad = ~np.isfinite(value)
        unread = image.time[self._status] == Image.UNREAD
        bad[self._with_status] |= unread
        state = np.zeros(len(value), dtype=np.uint16)
        state[self._with_status] = np.where(unread, 0, image.words[self._status])
        quality = np.where(bad, np.uint8(Quality.BAD), np.uint8(Quality.GOOD))
        return value, quality, state, time

    def _group(self, encoding: Encoding, addresses: Sequence[ModbusAddress]) -> _Group:
        rows = [row for row, address in enumerate(addresses) if address.type == encoding]
        first = self._first[rows, np.newaxis]
        words = np.arange(ENCODINGS[encoding].itemsize // 2)
        reversed_ = np.array([addresses[row].order in WORDS_REVERSED for row in rows])[:, np.newaxis]
        swapped = np.array([addresses[row].order in BYTES_SWAPPED for row in rows])[:, np.newaxis]
        cells = first + np.where(reversed_, words[::-1], words)
        return _Group(ENCODINGS[encoding], np.array(rows, dtype=np.intp), cells, swapped)

    def _cells(self, places: Sequence[tuple[int, Table, int]]) -> NDArray[np.intp]:
        return np.searchsorted(self.image.keys, np.array([_key(*place) for place in places], dtype=np.int64))


def linear(address: ModbusAddress) -> tuple[float, float, float, float]:
    """Return multiplier, addend, divisor, offset: value = (raw * multiplier + addend) / divisor + offset.

    The function scales whole numbers by whole numbers and divides once by a power of ten. The result is the float64
    nearest to the intended decimal: raw 7 with scale 0.01 gives 0.07, whereas 7 * 0.01 is 0.07000000000000001. If that
    way is not exact (floats, scales of many digits), the result is raw * scale + offset.
    """
    scale, offset = Decimal(repr(address.scale)), Decimal(repr(address.offset))
    digits = max(0, *(-int(number.as_tuple().exponent) for number in (scale, offset)))
    divisor = 10**digits
    multiplier, addend = int(scale * divisor), int(offset * divisor)
    largest = LARGEST_WHOLE.get(address.type)
    if largest is not None and digits <= 22 and abs(multiplier) * largest + abs(addend) <= EXACT_WHOLE:
        return float(multiplier), float(addend), float(divisor), 0.0
    # A float times 0.01 rounds twice (0.01 itself is rounded); the division by 100 rounds once.
    sign, significant, exponent = scale.normalize().as_tuple()
    if significant == (1,) and -22 <= int(exponent) < 0:
        return -1.0 if sign else 1.0, 0.0, float(10 ** -int(exponent)), address.offset
    return address.scale, 0.0, 1.0, address.offset
