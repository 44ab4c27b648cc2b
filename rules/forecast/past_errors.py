"""The track record of earlier lines: how far off each was one window later."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant.units import SECOND

WINDOWS: Final = 8
"""Number of windows before the present one that count. [1]"""
# Overlapping windows carry more information than consecutive ones:
#
#   |------ w 0 ------|                        The error of w 0 compares its line with the mean of w 4, the first window
#       |------ w 1 ------|                    that does not overlap it.
#           |------ w 2 ------|
#               |------ w 3 ------|
#                   |------ w 4 ------|
STEPS_IN_WINDOW: Final = 4
"""Consecutive windows start a quarter window apart. [1]"""
LEAST_ERRORS: Final = 2 * STEPS_IN_WINDOW + 1
"""Smallest number of errors, which takes three and a half windows; fewer are not significant. [1]"""
OF_WHITE: Final = 14 / 12
"""Expected squared error under white noise, relative to the variance of the pace. [1]"""
# It exceeds 1 because the two means that an error compares vary as well.
INSIDE_SHARE: Final = 0.8
NORMAL_SQUARE: Final = 1.6424
"""Quantile of the squared errors that counts, and this quantile of a squared standard normal variable. [1]"""
# The 80 % quantile responds to frequent large errors, but not to a single rise that began among the windows.

_Line = tuple[float, float, float]
"""Middle of the samples in time, their mean, and the pace of the line. [s], [unit], [unit/s]"""


class TrackRecord(NamedTuple):
    """The errors of earlier lines.

    Attributes
    ----------
    variance : float
        Variance of the errors of their paces. [(unit/s)^2]
    independent : float
        Number of errors from windows that do not overlap. [1]

    """

    variance: float
    independent: float


def track_record(
    time: NDArray[np.int64], value: NDArray[np.float64], sound: NDArray[np.bool_], *, window: int, now: int
) -> TrackRecord | None:
    """Compare the line of each earlier window with the mean of the window after it.

    Parameters
    ----------
    time : (n,) int64
        Times of the samples, never decreasing. [ns, UTC]
    value : (n,) float64
        Values of the samples. [unit]
    sound : (n,) bool
        True for evidence that is not one-sided.
    window : int
        Length of the windows. [ns]
    now : int
        End of the present window, which does not count. [ns, UTC]

    Returns
    -------
    TrackRecord or None
        None if there are too few errors.

    """
    ends = now - window * np.arange(STEPS_IN_WINDOW, WINDOWS * STEPS_IN_WINDOW + 1) // STEPS_IN_WINDOW
    starts, stops = (np.searchsorted(time, edges, side="right") for edges in (ends - window, ends))
    lines = [
        _line(time, value, start + np.flatnonzero(sound[start:stop]), window=window, now=now)
        for start, stop in zip(starts, stops, strict=True)
    ]
    pairs = zip(lines[STEPS_IN_WINDOW:], lines, strict=False)
    errors = [_error(line, after) for line, after in pairs if line is not None and after is not None]
    if len(errors) < LEAST_ERRORS:
        return None
    variance = float(np.quantile(np.square(errors), INSIDE_SHARE)) / NORMAL_SQUARE / OF_WHITE
    return TrackRecord(variance, len(errors) / STEPS_IN_WINDOW)


def _line(
    time: NDArray[np.int64], value: NDArray[np.float64], rows: NDArray[np.intp], *, window: int, now: int
) -> _Line | None:  # fmt: skip
    if len(rows) < 3 or 2 * int(time[rows[-1]] - time[rows[0]]) < window:
        return None
    seconds = (time[rows] - now) / SECOND
    middle, mean = float(seconds.mean()), float(value[rows].mean())
    away = seconds - middle
    return middle, mean, float(away @ value[rows]) / float(away @ away)


def _error(line: _Line, after: _Line) -> float:
    """Return the error of a line's pace: the line would meet the middle of the later window without it. [unit/s]."""
    middle, mean, pace = line
    apart = after[0] - middle
    return (mean + pace * apart - after[1]) / apart
