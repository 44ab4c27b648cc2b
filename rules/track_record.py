"""Track record of lines: how far off those of the windows before were, one window later."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

WINDOWS: Final = 8
"""So many windows before the present one are looked at. [1]"""
LEAST: Final = 3
"""Fewer errors than this say nothing. [1]"""
OF_WHITE: Final = 14 / 12
"""What errors are by chance alone: the two means that they compare vary, too. Of the variance of a pace. [1]"""
NORMAL_MEDIAN: Final = 0.4549
"""Median of the squares of a normal distribution; one rise that began among the windows does not move it. [1]"""
SECOND: Final = 1e9


class TrackRecord(NamedTuple):
    """How far the paces of earlier lines were from those that came, as a variance, and how many errors it rests on."""

    variance: float
    errors: int


def track_record(
    time: NDArray[np.int64], value: NDArray[np.float64], sound: NDArray[np.bool_], *, window: int, now: int
) -> TrackRecord | None:
    """Compare the line of each window before with the middle of the next; None where there are too few.

    Parameters
    ----------
    time : (n,) int64
        Never decreasing. [ns, UTC]
    value : (n,) float64
        [unit]
    sound : (n,) bool
        Evidence, and not one-sided.
    window : int
        [ns]
    now : int
        End of the present window, which is not looked at. [ns, UTC]

    Returns
    -------
    TrackRecord or None
        Its variance in [(unit/s)^2].

    """
    ends = now - window * np.arange(1, WINDOWS + 1)
    edges = np.searchsorted(time, np.append(ends, ends[-1] - window), side="right")
    errors, later = [], None
    for end, start, stop in zip(ends.tolist(), edges[1:], edges[:-1], strict=True):
        rows = start + np.flatnonzero(sound[start:stop])
        if len(rows) < 3 or 2 * int(time[rows[-1]] - time[rows[0]]) < window:
            later = None
            continue
        seconds = (time[rows] - end) / SECOND
        middle, mean = float(seconds.mean()), float(value[rows].mean())
        away = seconds - middle
        pace = float(away @ value[rows]) / float(away @ away)
        if later is not None:
            apart = later[0] + window / SECOND - middle
            errors.append((mean + pace * apart - later[1]) / apart)
        later = middle, mean
    if len(errors) < LEAST:
        return None
    variance = float(np.median(np.square(errors))) / NORMAL_MEDIAN / OF_WHITE
    return TrackRecord(variance, len(errors))
