"""Track record of lines: how far off those of the windows before were, one window later."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant.units import SECOND

WINDOWS: Final = 8
"""So many windows before the present one are looked at. [1]"""
STEPS_IN_WINDOW: Final = 4
"""A window begins every so-manieth part of it: they overlap, so that the record is worth more. [1]"""
LEAST_ERRORS: Final = 2 * STEPS_IN_WINDOW + 1
"""Fewer errors than this say nothing: it takes three and a half windows. [1]"""
OF_WHITE: Final = 14 / 12
"""What errors are by chance alone: the two means that they compare vary, too. Of the variance of a pace. [1]"""
INSIDE_SHARE: Final = 0.8
NORMAL_SQUARE: Final = 1.6424
"""Of the errors four of five are smaller than the one that counts, and that quantile of the squares of a normal
distribution: so large errors count, and one rise that began among the windows does not. [1]"""

_Line = tuple[float, float, float]
"""Middle of its samples, their mean, and its pace. [s], [unit], [unit/s]"""


class TrackRecord(NamedTuple):
    """How far the paces of earlier lines were from those that came.

    Attributes
    ----------
    variance : float
        [(unit/s)^2]
    independent : float
        How many errors that do not overlap it rests on. [1]

    """

    variance: float
    independent: float


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
    """Return by how much a line would have to rise faster to meet the middle of the window after it. [unit/s]."""
    middle, mean, pace = line
    apart = after[0] - middle
    return (mean + pace * apart - after[1]) / apart
