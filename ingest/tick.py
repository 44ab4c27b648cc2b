"""Ticks: the multiples of the tick period by which timers and staleness move when no data does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_TICKS: Final = 5_000_000
"""Of more ticks than this at once only the last one of each gap between entries enters: nothing can come between the
ticks of a gap, so its last one fires the same timers in the same order."""


def first_multiple(time: int, period: int) -> int:
    """Return the first multiple of the period at or after a time. [ns, UTC]."""
    return -(-time // period) * period


def ticks_between(first: int, stop: int, period: int) -> NDArray[np.int64]:
    """Return the multiples K of the period with first <= K < stop, for one gap between entries.

    Parameters
    ----------
    first, stop : int
        [ns, UTC]
    period : int
        [ns]

    Returns
    -------
    (n,) int64
        [ns, UTC]

    """
    begin, end = first_multiple(first, period), first_multiple(stop, period)
    if end - begin > MOST_TICKS * period:
        begin = end - period
    return np.arange(begin, max(begin, end), period, dtype=np.int64)


def ticks_among(entries: NDArray[np.int64], period: int) -> NDArray[np.int64]:
    """Return the multiples K of the period with first entry <= K < last entry.

    Parameters
    ----------
    entries : (n,) int64
        Ascending; n >= 1. [ns, UTC]
    period : int
        [ns]

    Returns
    -------
    (m,) int64
        [ns, UTC]

    """
    first, last = int(entries[0]), int(entries[-1])
    if last - first <= MOST_TICKS * period:
        return ticks_between(first, last, period)
    before = (-(-entries[1:] // period) - 1) * period  # the last multiple before each entry
    return np.unique(before[before >= entries[:-1]])
