"""A line through the samples of a window, and how far to trust it: noise, its memory, the steps of the sensor."""

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_FREEDOM: Final = 2.0
"""With fewer degrees of freedom the noise is not known well enough to speak of it. [1]"""
PER_STEP: Final = 5.0
"""A ramp through one step of the sensor is worth so many independent samples: its errors are a sawtooth. [1]"""
LINE_ROUNDING: Final = 1e-9
"""Of the largest value: what is left of samples that stand on a line exactly. [1]"""
STANDS_OUT: Final = 4.0
"""So many standard deviations above zero a rise is none of chance, though it is looked at just when it is steepest of
a thousand windows: that is when a limit is raised. [1]"""
LARGEST_VALUE: Final = 1e30
SMALLEST: Final = 1e-30
"""Beyond these no sensor measures anything, and squares of squares would be no numbers. [unit]"""
STUDENT: Final = np.array(
    [
        (2, 2.9200), (3, 2.3534), (4, 2.1318), (5, 2.0150), (6, 1.9432), (8, 1.8595), (10, 1.8125),
        (15, 1.7531), (20, 1.7247), (30, 1.6973), (60, 1.6706), (np.inf, 1.6449),
    ]
)  # fmt: skip
"""Degrees of freedom, and the 95 % quantile of Student's t: 5 % on either side are 90 % between."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """The least squares line, seen from a moment: level + pace x (time since then).

    Attributes
    ----------
    pace, level : float
        [unit/s], [unit]
    noise : float
        Standard deviation of a sample around the line; never below that of the sensor's steps. [unit]
    var_pace, var_level, covariance : float
        Of the two numbers. [(unit/s)^2], [unit^2], [unit^2/s]
    independent : float
        How many samples without memory would say as much. [1]
    period, every : float
        Time between samples, and between such without memory. [s]

    """

    pace: float
    level: float
    noise: float
    var_pace: float
    var_level: float
    covariance: float
    independent: float
    period: float
    every: float

    @property
    def quantile(self) -> float:
        """The 95 % quantile of Student's t for its degrees of freedom. [1]."""
        freedom, quantiles = STUDENT[::-1].T
        return float(np.interp(1 / (self.independent - 2), 1 / freedom, quantiles))

    def widened(self, by: float, independent: float) -> "TrendLine":
        """Return it as if the memory of its noise were so many times as long, and no more samples were independent.

        Parameters
        ----------
        by : float
            [1]
        independent : float
            At most. [1]

        """
        return replace(
            self,
            var_pace=self.var_pace * by,
            var_level=self.var_level * by,
            covariance=self.covariance * by,
            independent=max(min(self.independent / by, independent), LEAST_FREEDOM + 2),
            every=self.every * by,
        )

    @property
    def is_flat(self) -> bool:
        """Whether it may as well not rise at all."""
        return self.pace <= 0.0 or self.pace**2 <= max(self.quantile, STANDS_OUT) ** 2 * self.var_pace


def line_through(time: NDArray[np.float64], value: NDArray[np.float64], resolution: float | None) -> TrendLine | None:
    """Fit a line; None where the samples say too little to know how far off it may be.

    Parameters
    ----------
    time : (n,) float64
        Seconds since the moment from which the line is looked at. [s]
    value : (n,) float64
        [unit]
    resolution : float or None
        Smallest step of the values. [unit]

    """
    count, middle = len(time), float(time.sum()) / max(len(time), 1)
    away = time - middle
    spread = float(away @ away)
    largest = float(np.abs(value).max(initial=SMALLEST))
    if count < 3 or spread == 0.0 or largest > LARGEST_VALUE:
        return None
    pace = float(away @ value) / spread
    mean = float(value.mean())
    rest = value - mean - pace * away
    squares = float(rest @ rest)
    step = resolution or 0.0
    nothing = count * (LINE_ROUNDING * largest) ** 2
    memory = _memory(rest) if squares > nothing else 1.0
    period = float(time[-1] - time[0]) / (count - 1)
    rise = abs(pace) * period * count
    if squares < count * step**2 / 3:  # noise that does not cover the steps
        memory = max(memory, count * step / (PER_STEP * rise) if rise > 0 else count)
    independent = count / memory
    if independent - 2 < LEAST_FREEDOM:
        return None
    variance = max(squares / count * independent / (independent - 2), step**2 / 12)
    return TrendLine(
        pace=pace,
        level=mean - pace * middle,
        noise=sqrt(variance),
        var_pace=variance * memory / spread,
        var_level=variance * memory * (1 / count + middle**2 / spread),
        covariance=-variance * memory * middle / spread,
        independent=independent,
        period=period,
        every=period * memory,
    )


def _memory(rest: NDArray[np.float64]) -> float:
    """Return how many samples say as much as one without memory would.

    It is the larger of two estimates: the sum of the autocorrelations up to the first that is not positive, which sees
    long memory, and that of an AR(1) process by its first, freed from the bias that the fitted line brings.
    """
    count = len(rest)
    spectrum = np.fft.rfft(rest, 1 << (2 * count - 1).bit_length())
    products = np.fft.irfft(spectrum * spectrum.conj())[:count]
    correlation = products / products[0]
    lost = np.flatnonzero(correlation <= 0.0)
    positive = correlation[1 : lost[0] if len(lost) else count]
    first = min(max(float(correlation[1]) * (1 + 4 / count) + 2 / count, 0.0), 1 - 1 / count)
    return max(1 + 2 * float(positive.sum()), (1 + first) / (1 - first))
