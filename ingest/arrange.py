"""The order in which the samples of many arrival batches enter, quickly where one batch resembles the last."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_MOVES: Final = 32
"""For each sample of a batch; a batch that needs more is sorted otherwise."""


def arranged(arrival: NDArray[np.int64], time: NDArray[np.int64], point: NDArray[np.int32]) -> NDArray[np.intp] | None:
    """Return the rows by arrival, then time, then point, then as they came; None where they stand so.

    Parameters
    ----------
    arrival : (n,) int64
        Ascending; equal arrivals are one batch. [ns, UTC]
    time : (n,) int64
        [ns, UTC]
    point : (n,) int32
        Column number.

    """
    rows = np.arange(len(arrival))
    if not _arrange(arrival, time, point, rows):
        return np.lexsort((point, time, arrival))
    return None if (rows[1:] > rows[:-1]).all() else rows


@njit(cache=True, nogil=True)
def _arrange(
    arrival: NDArray[np.int64], time: NDArray[np.int64], point: NDArray[np.int32], rows: NDArray[np.intp]
) -> bool:
    """Sort each batch, beginning with the order of the batch before; give up where that takes too long."""
    before = begin = 0
    while begin < len(rows):
        end = begin + 1
        while end < len(rows) and arrival[end] == arrival[begin]:
            end += 1
        if end - begin == begin - before:
            rows[begin:end] = rows[before:begin] + (begin - before)
        left = _MOVES * (end - begin)
        for number in range(begin + 1, end):
            row, place = rows[number], number
            while place > begin and _follows(time, point, rows[place - 1], row):
                rows[place] = rows[place - 1]
                place -= 1
            rows[place] = row
            left -= number - place
            if left < 0:
                return False
        before, begin = begin, end
    return True


@njit(cache=True, nogil=True)
def _follows(time: NDArray[np.int64], point: NDArray[np.int32], one: int, other: int) -> bool:
    if time[one] != time[other]:
        return bool(time[one] > time[other])
    if point[one] != point[other]:
        return bool(point[one] > point[other])
    return one > other
