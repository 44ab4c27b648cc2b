"""Ticks: multiples of the tick period, at which timers and staleness advance even if no sample arrives."""

from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

# A clock that jumps by years would otherwise create billions of ticks. Within a gap no sample comes between two ticks,
# so the last tick alone fires the same timers in the same order.
MOST_TICKS: Final = 5_000_000
"""Largest number of ticks at once; beyond it only the last tick of each gap between entries enters."""


@overload
def first_multiple(time: int, period: int) -> int: ...
@overload
def first_multiple(time: NDArray[np.int64], period: int) -> NDArray[np.int64]: ...
def first_multiple(time: int | NDArray[np.int64], period: int) -> int | NDArray[np.int64]:
    """Return the first multiple of the period at or after a time, or after each of many times. [ns, UTC]."""
    return -(-time // period) * period


def ticks_between(first: int, stop: int, period: int) -> NDArray[np.int64]:
    """Return the multiples K of the period with first <= K < stop, for one gap between entries.

    Parameters
    ----------
    first, stop : int
        Ends of the gap. [ns, UTC]
    period : int
        Tick period. [ns]

    Returns
    -------
    (n,) int64
        Times of the ticks. [ns, UTC]

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
        Times of the entries, ascending; n >= 1. [ns, UTC]
    period : int
        Tick period. [ns]

    Returns
    -------
    (m,) int64
        Times of the ticks. [ns, UTC]

    """
    first, last = int(entries[0]), int(entries[-1])
    if last - first <= MOST_TICKS * period:
        return ticks_between(first, last, period)
    # The last multiple before each entry; a gap without a multiple yields none, and unique drops repetitions.
    before = (-(-entries[1:] // period) - 1) * period
    return np.unique(before[before >= entries[:-1]])
