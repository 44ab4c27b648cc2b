"""Packs columns of integers into bytes: differences, divided by their common divisor, in as few bytes as possible.

`unpack` and `pick` check every bound before they restore a column, and refuse bytes that `pack` did not make.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.columns.kept_code import kept

# The packed bytes of c columns with n rows (words are int64):
#
#   n | c | header of column 0 | ... | header of column c-1 | planes of column 0 | ... | planes of column c-1
#
# A header is four words: first value, smallest difference, common divisor, width. A column has n - 1 steps:
#
#   step = (difference to the row before - smallest difference) / divisor
#
# and `width` planes of n - 1 bytes each: first the lowest byte of all steps, then the next byte, and so on. Planes
# rather than whole steps, because the high bytes of steps resemble each other: deflating a page then saves more.
_WORDS: Final = 4
"""Words of a column's header."""

MOST_ROWS: Final = 1 << 22
"""Largest number of rows of a batch, a page or a list of entries; a header with a larger number is damaged."""
_MOST_COLUMNS: Final = 8


class PackedError(ValueError):
    """Bytes are not packed columns."""


# All sums and differences are modulo 2**64. numpy warns of that if numba is disabled, hence errstate.


@kept(error_model="numpy")
def _divisor(steps: NDArray[np.uint64]) -> np.uint64:
    """Return the greatest common divisor of all steps; 1 if all are 0."""
    divisor = np.uint64(0)
    for step in steps:
        a, b = step, divisor
        if b != 0 and a % b == 0:
            continue
        while b != 0:
            a, b = b, a % b
        divisor = a
        if divisor == 1:
            break
    return max(divisor, np.uint64(1))


@kept(error_model="numpy")
def _plan(column: NDArray[np.int64], steps: NDArray[np.uint64], header: NDArray[np.int64]) -> None:
    """Write the steps and the header of a column of two or more rows.

    Differences are modulo 2**64, so they exist for every column.
    """
    smallest = column[1] - column[0]
    for row in range(1, len(column)):
        smallest = min(smallest, column[row] - column[row - 1])
    largest = np.uint64(0)
    for row in range(1, len(column)):
        steps[row - 1] = np.uint64(column[row] - column[row - 1]) - np.uint64(smallest)
        largest = max(largest, steps[row - 1])
    divisor = np.uint64(1)
    # Steps below 65536 need two bytes at most; the divisions then cost more time than they save bytes.
    if largest >= 65536:
        divisor = _divisor(steps)
    if divisor > 1:
        for row in range(len(steps)):
            steps[row] //= divisor
        largest //= divisor
    width = 0
    while largest > 0:
        largest >>= np.uint64(8)
        width += 1
    header[1], header[2], header[3] = smallest, np.int64(divisor), width


@np.errstate(over="ignore")
@kept(error_model="numpy")
def pack(columns: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return columns as bytes.

    Parameters
    ----------
    columns : (c, n) int64
        Any numbers. Columns that move in equal or small steps need few bytes.

    Returns
    -------
    (b,) uint8
        The bytes for `unpack` and `pick`.

    """
    count, rows = columns.shape
    steps = np.zeros((count, max(rows - 1, 0)), dtype=np.uint64)
    headers = np.zeros((count, _WORDS), dtype=np.int64)
    size = 8 * (2 + count * _WORDS)
    for number in range(count):
        if rows > 0:
            headers[number, 0] = columns[number, 0]
        if rows > 1:
            _plan(columns[number], steps[number], headers[number])
        size += headers[number, 3] * (rows - 1)
    packed = np.empty(size, dtype=np.uint8)
    words = packed[: 8 * (2 + count * _WORDS)].view(np.int64)
    words[0], words[1] = rows, count
    words[2:] = headers.ravel()
    place = 8 * len(words)
    for number in range(count):
        for plane in range(headers[number, 3]):
            shift = np.uint64(8 * plane)
            for row in range(rows - 1):
                packed[place + row] = np.uint8((steps[number, row] >> shift) & np.uint64(255))
            place += rows - 1
    return packed


@kept()
def _is_sound(packed: NDArray[np.uint8], most: int) -> bool:
    """Return whether the headers fit the number of bytes, so that every read stays within them."""
    if len(packed) < 16:
        return False
    rows, count = packed[:16].view(np.int64)
    if not (0 <= rows <= most and 1 <= count <= _MOST_COLUMNS):
        return False
    size = 8 * (2 + count * _WORDS)
    if len(packed) < size:
        return False
    headers = packed[16:size].view(np.int64)
    for number in range(count):
        width = headers[number * _WORDS + 3]
        if not (0 <= width <= 8) or (rows < 2 and width != 0):
            return False
        size += width * max(rows - 1, 0)
    return bool(len(packed) == size)


@kept()
def _restore(
    packed: NDArray[np.uint8], header: NDArray[np.int64], place: int, total: int, column: NDArray[np.int64]
) -> None:
    """Write the first len(column) rows of a column of `total` rows, whose planes start at `place`."""
    first, smallest, divisor, width = header
    # All differences are equal, so the column has no planes.
    if width == 0:
        for row in range(len(column)):
            column[row] = first + row * smallest
        return
    # `column` first collects the steps, plane by plane, and is then summed in place.
    column[0] = 0
    for row in range(1, len(column)):
        column[row] = packed[place + row - 1]
    for plane in range(1, width):
        start = place + plane * (total - 1)
        for row in range(1, len(column)):
            column[row] |= np.int64(packed[start + row - 1]) << np.int64(8 * plane)
    column[0] = value = first
    for row in range(1, len(column)):
        value += smallest + column[row] * divisor
        column[row] = value


@kept()
def _restore_rows(
    packed: NDArray[np.uint8], header: NDArray[np.int64], place: int, total: int, rows: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return chosen rows of a column.

    The steps between two chosen rows only have to be summed, so no row between them is rebuilt.
    """
    column = np.empty(len(rows), dtype=np.int64)
    value, smallest, divisor, width = header
    before = 0
    for number in range(len(rows)):
        row = rows[number]
        steps = np.int64(0)
        for plane in range(width):
            start = place + plane * (total - 1)
            added = np.int64(0)
            for step in packed[start + before : start + row]:
                added += step
            steps += added << np.int64(8 * plane)
        value += (row - before) * smallest + steps * divisor
        column[number] = value
        before = row
    return column


def unpack(packed: NDArray[np.uint8], most: int = MOST_ROWS) -> NDArray[np.int64]:
    """Return the (c, n) int64 columns of packed bytes.

    Raises
    ------
    PackedError
        `pack` did not make these bytes, or they hold more rows than `most`.

    """
    is_sound, columns = _unpack(packed, most)
    if not is_sound:
        raise PackedError
    return columns


@np.errstate(over="ignore")
@kept()
def _unpack(packed: NDArray[np.uint8], most: int) -> tuple[bool, NDArray[np.int64]]:
    if not _is_sound(packed, most):
        return False, np.empty((0, 0), dtype=np.int64)
    rows, count = packed[:16].view(np.int64)
    headers = packed[16 : 16 + 8 * _WORDS * count].view(np.int64).reshape((count, _WORDS))
    columns = np.empty((count, rows), dtype=np.int64)
    if rows == 0:
        return True, columns
    place = 16 + 8 * _WORDS * count
    for number in range(count):
        _restore(packed, headers[number], place, rows, columns[number])
        place += headers[number, 3] * (rows - 1)
    return True, columns


def pick(packed: NDArray[np.uint8], sought: int, most: int = MOST_ROWS) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the rows whose first column is `sought`, and all columns of these rows.

    Parameters
    ----------
    packed : (b,) uint8
        Result of `pack`.
    sought : int
        The number to look for.
    most : int
        Most rows that the columns may have.

    Returns
    -------
    rows : (m,) intp
        Ascending.
    columns : (c, m) int64
        Equal to `unpack(packed)[:, rows]`.

    Raises
    ------
    PackedError
        `pack` did not make these bytes, or they hold more rows than `most`.

    """
    is_sound, rows, columns = _pick(packed, sought, most)
    if not is_sound:
        raise PackedError
    return rows, columns


@np.errstate(over="ignore")
@kept()
def _pick(packed: NDArray[np.uint8], sought: int, most: int) -> tuple[bool, NDArray[np.intp], NDArray[np.int64]]:
    if not _is_sound(packed, most):
        return False, np.empty(0, dtype=np.intp), np.empty((0, 0), dtype=np.int64)
    total, count = packed[:16].view(np.int64)
    headers = packed[16 : 16 + 8 * _WORDS * count].view(np.int64).reshape((count, _WORDS))
    column = np.empty(total, dtype=np.int64)
    place = 16 + 8 * _WORDS * count
    if total > 0:
        _restore(packed, headers[0], place, total, column)
    rows = np.flatnonzero(column == sought)
    picked = np.empty((count, len(rows)), dtype=np.int64)
    for number in range(count):
        picked[number] = _restore_rows(packed, headers[number], place, total, rows)
        place += headers[number, 3] * (total - 1)
    return True, rows, picked
