"""Columns of integers to bytes and back: differences, their common divisor, as few bytes each as the largest needs."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_WORDS: Final = 4
"""Of a column's header: first value, smallest difference, common divisor, bytes of a difference."""

# All sums and differences are modulo 2**64, of which numpy warns where numba is disabled: hence errstate.


@njit(cache=True, nogil=True, error_model="numpy")
def _divisor(steps: NDArray[np.uint64]) -> np.uint64:
    """Return the greatest common divisor; 1 where all are 0."""
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


@njit(cache=True, nogil=True, error_model="numpy")
def _plan(column: NDArray[np.int64], steps: NDArray[np.uint64], header: NDArray[np.int64]) -> None:
    """Write the steps of a column and its header.

    Differences are taken modulo 2**64, so every column has them. A step is what a difference is above the smallest.
    """
    smallest = column[1] - column[0]
    for row in range(1, len(column)):
        smallest = min(smallest, column[row] - column[row - 1])
    largest = np.uint64(0)
    for row in range(1, len(column)):
        steps[row - 1] = np.uint64(column[row] - column[row - 1]) - np.uint64(smallest)
        largest = max(largest, steps[row - 1])
    divisor = np.uint64(1)
    if largest >= 65536:  # below, a division costs more than it saves
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
@njit(cache=True, nogil=True, error_model="numpy")
def pack(columns: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return columns as bytes.

    Parameters
    ----------
    columns : (c, n) int64
        Any numbers; few bytes come of columns that move in equal or small steps.

    Returns
    -------
    (b,) uint8
        What `unpack` takes: n, c, c headers, then for each column its lowest bytes, the next ones, and so on.

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


@njit(cache=True, nogil=True)
def _restore(
    packed: NDArray[np.uint8], header: NDArray[np.int64], place: int, total: int, column: NDArray[np.int64]
) -> None:
    """Write the beginning of a column of `total` rows, whose bytes begin at `place`."""
    first, smallest, divisor, width = header
    if width == 0:
        for row in range(len(column)):
            column[row] = first + row * smallest
        return
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


@njit(cache=True, nogil=True)
def _restore_rows(
    packed: NDArray[np.uint8], header: NDArray[np.int64], place: int, total: int, rows: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return chosen rows of a column: between them, steps need only be added up."""
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


@np.errstate(over="ignore")
@njit(cache=True, nogil=True)
def unpack(packed: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the (c, n) int64 columns that were packed."""
    rows, count = packed[:16].view(np.int64)
    headers = packed[16 : 16 + 8 * _WORDS * count].view(np.int64).reshape((count, _WORDS))
    columns = np.empty((count, rows), dtype=np.int64)
    if rows == 0:
        return columns
    place = 16 + 8 * _WORDS * count
    for number in range(count):
        _restore(packed, headers[number], place, rows, columns[number])
        place += headers[number, 3] * (rows - 1)
    return columns


@np.errstate(over="ignore")
@njit(cache=True, nogil=True)
def pick(packed: NDArray[np.uint8], wanted: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the rows in which the first column is `wanted`, and all columns of these rows alone.

    Parameters
    ----------
    packed : (b,) uint8
        Of `pack`.
    wanted : int
        The number to look for.

    Returns
    -------
    rows : (m,) intp
        Ascending.
    columns : (c, m) int64
        The same as `unpack(packed)[:, rows]`.

    """
    total, count = packed[:16].view(np.int64)
    headers = packed[16 : 16 + 8 * _WORDS * count].view(np.int64).reshape((count, _WORDS))
    column = np.empty(total, dtype=np.int64)
    place = 16 + 8 * _WORDS * count
    if total > 0:
        _restore(packed, headers[0], place, total, column)
    rows = np.flatnonzero(column == wanted)
    picked = np.empty((count, len(rows)), dtype=np.int64)
    for number in range(count):
        picked[number] = _restore_rows(packed, headers[number], place, total, rows)
        place += headers[number, 3] * (total - 1)
    return rows, picked
