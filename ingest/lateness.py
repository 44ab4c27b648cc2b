"""Lateness: which samples are late, which repeat the sample before them, and when a point becomes stale.

These definitions hold for the whole project. Each is one expression without a branch, so that it takes numbers or
columns: the engine compiles it into its kernels, reviews and forecasts call it with whole columns.
"""

from typing import overload

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Flags = NDArray[np.bool_]
Content = tuple[float, int, int]
"""Value, quality and state of one sample."""
Contents = tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint16]]
"""Value, quality and state of samples, as columns."""


@overload
def is_late(backfilled: int, time: int, reference: int) -> bool: ...
@overload
def is_late(backfilled: Flags, time: Times, reference: Times) -> Flags: ...
def is_late(backfilled: int | Flags, time: int | Times, reference: int | Times) -> bool | Flags:
    """Tell whether a sample is late.

    Parameters
    ----------
    backfilled : bool, or (n,) bool
        Its source marks it as history from a time without a link.
    time : int, or (n,) int64
        The time under which it enters the log. [ns, UTC]
    reference : int, or (n,) int64
        That of the last accepted sample of its point; while the point is stale, that of the last sample that arrived,
        whether it was accepted or late. [ns, UTC]

    References
    ----------
    docs/en/semantics.md, "Samples".

    """
    return (backfilled != 0) | (time < reference)


@overload
def is_same(sample: Content, other: Content) -> bool: ...
@overload
def is_same(sample: Contents, other: Contents) -> Flags: ...
def is_same(sample: Content | Contents, other: Content | Contents) -> bool | Flags:
    """Tell whether two samples say the same: a sample of the time and the content of its reference is a duplicate.

    NaN is the same as NaN: a source that repeats a failed reading repeats itself.
    """
    value, quality, state = sample
    other_value, other_quality, other_state = other
    same_value = (value == other_value) | (np.isnan(value) & np.isnan(other_value))
    return same_value & (quality == other_quality) & (state == other_state)


@overload
def stale_due(last_accepted: int, counts_from: int, stale_after: int) -> int: ...
@overload
def stale_due(last_accepted: Times, counts_from: int, stale_after: Times) -> Times: ...
def stale_due(last_accepted: int | Times, counts_from: int, stale_after: int | Times) -> int | Times:
    """Return when a point becomes stale if no further sample is accepted. [ns, UTC].

    Parameters
    ----------
    last_accepted : int, or (n,) int64
        Time of the point's last accepted sample; long ago if there is none. [ns, UTC]
    counts_from : int
        The last start, or the first entry of the log if that is later. [ns, UTC]
    stale_after : int, or (n,) int64
        [ns]

    References
    ----------
    docs/en/semantics.md, "Conditions that are not limits".

    """
    latest: int | Times = np.maximum(last_accepted, counts_from)
    return latest + stale_after


def ends_staleness(time: int, stale_after: int, last_tick: int) -> bool:
    """Tell whether an accepted sample is so new that its point is stale no more. All in [ns, UTC]."""
    return time + stale_after > last_tick
