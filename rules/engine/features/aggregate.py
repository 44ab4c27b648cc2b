"""Entries that sum up samples: a compensated sum, the extremes, or the moments of time and value.

An entry lies at a place of a long array. A sum is (total, rounding error); extremes are (min, max); moments are (mean
time, mean value, sums of the squared deviations of time, of time and value, of value). Moments are joined as Chan,
Golub and LeVeque (1979) do, relative to the means, so that a large offset of time or value costs no digits.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.engine.compiled import compiled
from rules.spec.features import EXTREMES, TOTAL

INFINITE: Final = float("inf")


@compiled
def empty(sums: NDArray[np.float64], kind: int, place: int, width: int) -> None:
    """Make an entry that sums up nothing."""
    for k in range(width):
        sums[place + k] = 0.0
    if kind == EXTREMES:
        sums[place] = INFINITE
        sums[place + 1] = -INFINITE


@compiled
def add(sums: NDArray[np.float64], kind: int, place: int, count: int, sample: tuple[float, float]) -> None:
    """Add a sample to an entry.

    Parameters
    ----------
    sums : (n,) float64
        The array in which the entry lies.
    kind : int
        TOTAL, EXTREMES or MOMENTS.
    place : int
        Where it begins.
    count : int
        Number of samples in it so far.
    sample : tuple of float
        Time relative to any origin that all samples of the entry share [ns], and value [unit of the point].

    """
    time, value = sample
    if kind == TOTAL:
        _add_compensated(sums, place, value)
    elif kind == EXTREMES:
        sums[place] = min(sums[place], value)
        sums[place + 1] = max(sums[place + 1], value)
    else:
        away = (time - sums[place], value - sums[place + 1])
        _add_moments(sums, place, (1.0 * count, 1.0), away)


@compiled
def join(sums: NDArray[np.float64], kind: int, counts: tuple[int, int], place: int, other: int) -> None:
    """Add a second entry with the same origin of time to an entry; `counts` are the numbers of their samples."""
    if kind == TOTAL:
        _add_compensated(sums, place, sums[other])
        sums[place + 1] += sums[other + 1]
    elif kind == EXTREMES:
        sums[place] = min(sums[place], sums[other])
        sums[place + 1] = max(sums[place + 1], sums[other + 1])
    else:
        away = (sums[other] - sums[place], sums[other + 1] - sums[place + 1])
        _add_moments(sums, place, (1.0 * counts[0], 1.0 * counts[1]), away)
        for k in range(2, 5):
            sums[place + k] += sums[other + k]


@compiled
def _add_compensated(sums: NDArray[np.float64], place: int, x: float) -> None:
    before = sums[place]
    total = before + x
    sums[place + 1] += (before - total) + x if abs(before) >= abs(x) else (x - total) + before
    sums[place] = total


@compiled
def _add_moments(sums: NDArray[np.float64], place: int, counts: tuple[float, float], away: tuple[float, float]) -> None:
    """Move the moments of n samples as k more do, whose means of time and value are so far away."""
    n, k = counts
    time, value = away
    share = k / (n + k)
    weight = n * share
    sums[place] += time * share
    sums[place + 1] += value * share
    sums[place + 2] += time * time * weight
    sums[place + 3] += time * value * weight
    sums[place + 4] += value * value * weight
