"""Orders the samples of many arrival batches, quickly if each batch resembles the one before."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.columns.kept_code import kept

# A source scans its points in the same order every time, so the order of a batch is nearly the order of the batch
# before. An insertion sort that starts from there moves few samples; lexsort would sort from scratch every time.
_MOVES: Final = 32
"""Largest number of moves per sample of a batch; a batch that needs more is sorted by lexsort."""


def arranged(arrival: NDArray[np.int64], time: NDArray[np.int64], point: NDArray[np.int32]) -> NDArray[np.intp] | None:
    """Return the rows by arrival, time, point and row; None if the rows are in this order already.

    Parameters
    ----------
    arrival : (n,) int64
        Ascending; equal arrivals are one batch. [ns, UTC]
    time : (n,) int64
        Time that counts. [ns, UTC]
    point : (n,) int32
        Column number of the point.

    """
    rows = np.arange(len(arrival))
    if not _arrange(arrival, time, point, rows):
        return np.lexsort((point, time, arrival))
    return None if (rows[1:] > rows[:-1]).all() else rows


@kept()
def _arrange(
    arrival: NDArray[np.int64], time: NDArray[np.int64], point: NDArray[np.int32], rows: NDArray[np.intp]
) -> bool:
    """Sort each batch, starting from the order of the batch before; return False if that takes too long."""
    before = begin = 0
    while begin < len(rows):
        end = begin + 1
        while end < len(rows) and arrival[end] == arrival[begin]:
            end += 1
        # The order of the batch before is a permutation of this one only if both have the same length.
        if end - begin == begin - before:
            rows[begin:end] = rows[before:begin] + (begin - before)
        moves_left = _MOVES * (end - begin)
        for number in range(begin + 1, end):
            row, place = rows[number], number
            while place > begin and _follows(time, point, rows[place - 1], row):
                rows[place] = rows[place - 1]
                place -= 1
            rows[place] = row
            moves_left -= number - place
            if moves_left < 0:
                return False
        before, begin = begin, end
    return True


@kept()
def _follows(time: NDArray[np.int64], point: NDArray[np.int32], row: int, than: int) -> bool:
    if time[row] != time[than]:
        return bool(time[row] > time[than])
    if point[row] != point[than]:
        return bool(point[row] > point[than])
    return row > than
