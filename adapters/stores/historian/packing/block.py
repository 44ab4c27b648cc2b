"""A block: samples packed into one blob, from which one point can be read without unpacking the others."""

from collections.abc import Iterable
from struct import unpack_from
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.packing.columns import MOST_ROWS, PackedError, pack, pick, unpack
from adapters.stores.historian.packing.grid import GRID_EXPONENTS, GRID_KINDS, from_grid, to_grid
from plant import SampleBatch
from plant.columns.kept_code import kept

# A block as a matrix of int64, one column per sample:
#
#   POINT  number of the point in its day file
#   ORDER  place in the log, counted from the first sample of the head or segment
#   TIME   source time [ns, UTC]
#   FLAGS  bits 0..7 quality, 8..23 state, 24 back-filled
#   VALUE  the 64 bits of the value
#
# and as a blob, all numbers in the byte order of the machine (little-endian on every supported one):
#
#   kind (8) | exponent (8) | m (8) | m rows off the grid (8 each) | their m values (8 each) | packed columns
#
# `columns.py` describes the packed columns; their VALUE row holds steps on the decimal grid of kind and exponent.
POINT, ORDER, TIME, FLAGS, VALUE = range(5)
"""Rows of the (5, n) int64 matrix of a block."""

# POINT is the first column because `pick` selects by the first column.
_HEADER: Final = 3
_COLUMNS: Final = 5
ALL: Final = -1
NO_ID: Final = -2
"""Instead of the column of a point: the file has no id for its number."""


def encode(rows: NDArray[np.int64]) -> bytes:
    """Return a (5, n) matrix as a blob: the grid, the values off the grid, and the packed columns."""
    values = np.ascontiguousarray(rows[VALUE])
    kind, exponent, steps, off = to_grid(values.view(np.float64))
    columns = rows.copy()
    columns[VALUE] = steps
    words = np.concatenate([np.array([kind, exponent, len(off)], dtype=np.int64), off, values[off]])
    return words.tobytes() + pack(columns).tobytes()


def decode(blob: bytes, point: int = ALL, most: int = MOST_ROWS) -> NDArray[np.int64]:
    """Return the (5, n) matrix of a blob; with a point, only the columns of its samples.

    Raises
    ------
    PackedError
        The blob is not a block, or holds more rows than `most`.

    """
    kind, exponent, count = _header(blob)
    packed = np.frombuffer(blob, np.uint8, offset=8 * (_HEADER + 2 * count))
    if point == ALL:
        columns = unpack(packed, most)
        rows = np.arange(columns.shape[1])
    else:
        rows, columns = pick(packed, point, most)
    if len(columns) != _COLUMNS:
        raise PackedError
    columns[VALUE] = from_grid(kind, exponent, columns[VALUE]).view(np.int64)
    if count > 0:
        _restore_off(columns, rows, np.frombuffer(blob, np.int64, 2 * count, 8 * _HEADER).reshape(2, count))
    return columns


def _header(blob: bytes) -> tuple[int, int, int]:
    """Return the grid of a block, and how many values are off it."""
    if len(blob) < 8 * _HEADER:
        raise PackedError
    kind, exponent, count = unpack_from("<3q", blob)
    if not (0 <= kind < GRID_KINDS and 0 <= exponent < GRID_EXPONENTS):
        raise PackedError
    if not 0 <= count <= (len(blob) - 8 * _HEADER) // 16:
        raise PackedError
    return kind, exponent, count


def _restore_off(columns: NDArray[np.int64], rows: NDArray[np.intp], off: NDArray[np.int64]) -> None:
    place = np.searchsorted(off[0], rows)
    # searchsorted returns the length for rows after the last one; any valid place will do, as the test below fails.
    place[place == off.shape[1]] = 0
    is_off = off[0][place] == rows
    columns[VALUE, is_off] = off[1][place[is_off]]


def warm_up() -> None:
    """Compile the numba functions now, so that the first samples do not wait for the compiler."""
    for point in (ALL, 0):
        decode(encode(np.zeros((5, 2), dtype=np.int64)), point)


def block_of(batch: SampleBatch, numbers: NDArray[np.int64]) -> bytes:
    """Return a batch as a block, in the order in which the samples arrived."""
    rows = np.empty((5, len(batch)), dtype=np.int64)
    rows[POINT] = numbers[batch.point]
    rows[ORDER] = np.arange(len(batch))
    rows[TIME] = batch.time
    rows[FLAGS] = batch.quality
    rows[FLAGS] |= batch.state.astype(np.int64) << 8
    rows[FLAGS] |= batch.backfilled.astype(np.int64) << 24
    rows[VALUE] = np.ascontiguousarray(batch.value).view(np.int64)
    return encode(rows)


_Columns = tuple[
    NDArray[np.int32],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.uint8],
    NDArray[np.uint16],
    NDArray[np.bool_],
]
"""Point, time, bits of the value, quality, state, back-filled mark."""


@kept()
def _lay(rows: NDArray[np.int64], columns: NDArray[np.int32], log: _Columns, kept: NDArray[np.bool_]) -> int:
    """Write rows to their places; return how many have no id, or -1 if a row has no place of its own."""
    nameless = 0
    point, time, value, quality, state, backfilled = log
    for row in range(rows.shape[1]):
        place, number, flags = rows[ORDER, row], rows[POINT, row], rows[FLAGS, row]
        # A damaged page may hold any number, and compiled code would write there without a check.
        if not 0 <= place < len(point) or kept[place]:
            return -1
        kept[place] = True
        point[place] = columns[number] if 0 <= number < len(columns) else NO_ID
        nameless += point[place] == NO_ID
        time[place] = rows[TIME, row]
        value[place] = rows[VALUE, row]
        quality[place] = flags & 0xFF
        state[place] = (flags >> 8) & 0xFFFF
        backfilled[place] = (flags >> 24) != 0
    return nameless


def log_of(
    pages: Iterable[NDArray[np.int64]], columns: NDArray[np.int32], arrival: NDArray[np.int64]
) -> tuple[SampleBatch, NDArray[np.bool_], int]:
    """Return the samples of a head or segment in the order of the log.

    Parameters
    ----------
    pages : (5, m) int64 each
        Rows in any order.
    columns : (points,) int32
        The column of each point, by its number in the file; -1 for one that is not wanted.
    arrival : (n,) int64
        Arrival of each sample, in the order of the log. [ns, UTC]

    Returns
    -------
    samples : SampleBatch
        n samples.
    kept : (n,) bool
        Which of them were among the rows; the others hold anything.
    nameless : int
        Number of samples with the column NO_ID.

    Raises
    ------
    PackedError
        A row does not belong to these entries, or has the place of another row.

    """
    n = len(arrival)
    log = SampleBatch.of(np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n), arrival=arrival)
    written = (log.point, log.time, log.value.view(np.int64), log.quality, log.state, log.backfilled)
    kept = np.zeros(n, dtype=np.bool_)
    nameless = 0
    for rows in pages:
        count = _lay(rows, columns, written, kept)
        if count < 0:
            raise PackedError
        nameless += count
    return log, kept, nameless


def samples_of(rows: NDArray[np.int64], point: NDArray[np.int32], arrival: NDArray[np.int64]) -> SampleBatch:
    """Return the samples of a (5, n) matrix with their points and arrivals, two (n,) columns."""
    flags = rows[FLAGS]
    return SampleBatch(
        point=point,
        time=rows[TIME].copy(),
        value=rows[VALUE].view(np.float64).copy(),
        quality=(flags & 0xFF).astype(np.uint8),
        state=((flags >> 8) & 0xFFFF).astype(np.uint16),
        backfilled=(flags >> 24).astype(np.bool_),
        arrival=arrival,
    )
