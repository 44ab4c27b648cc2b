"""A line through the samples of a window, and its uncertainty: noise, memory of the noise, and steps of the sensor."""

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_FREEDOM: Final = 2.0
"""Smallest number of degrees of freedom; with fewer the noise cannot be estimated. [1]"""
PER_STEP: Final = 5.0
"""Number of independent samples in a ramp through one step of the sensor, whose errors form a sawtooth. [1]"""
LINE_ROUNDING: Final = 1e-9
"""Residuals of samples that lie exactly on a line, relative to the largest value. [1]"""
STANDS_OUT: Final = 4.0
"""Number of standard errors that a slope must exceed to count as a rise. [1]"""
# The bar is high because forecasts are made when a limit is raised, that is when the slope is the steepest of a
# thousand windows.
LARGEST_VALUE: Final = 1e30
SMALLEST: Final = 1e-30
"""No sensor measures beyond these bounds, and squares of squares would overflow or vanish. [unit]"""
STUDENT: Final = np.array(
    [
        (2, 2.9200), (3, 2.3534), (4, 2.1318), (5, 2.0150), (6, 1.9432), (8, 1.8595), (10, 1.8125),
        (15, 1.7531), (20, 1.7247), (30, 1.6973), (60, 1.6706), (np.inf, 1.6449),
    ]
)  # fmt: skip
"""Degrees of freedom, and the 95 % quantile of Student's t; 5 % on either side leave 90 % between."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """The least squares line seen from a moment: value = level + pace * (time since the moment).

    Attributes
    ----------
    pace, level : float
        Slope, and value at the moment. [unit/s], [unit]
    noise : float
        Standard deviation of a sample around the line, at least that of the sensor's steps. [unit]
    var_pace, var_level, covariance : float
        Variances and covariance of pace and level. [(unit/s)^2], [unit^2], [unit^2/s]
    independent : float
        Number of samples without memory that would carry the same information. [1]
    period, every : float
        Time between samples, and between samples without memory. [s]

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
        """The 95 % quantile of Student's t for the line's degrees of freedom. [1]."""
        # The quantile is nearly linear in 1 / freedom, so the short table suffices.
        freedom, quantiles = STUDENT[::-1].T
        return float(np.interp(1 / (self.independent - 2), 1 / freedom, quantiles))

    def widened(self, by: float, independent: float) -> "TrendLine":
        """Return the line with a longer memory of its noise, and so with larger variances.

        Parameters
        ----------
        by : float
            Factor of the memory. [1]
        independent : float
            Largest number of independent samples afterwards. [1]

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
        """Whether the rise of the line is not significant."""
        return self.pace <= 0.0 or self.pace**2 <= max(self.quantile, STANDS_OUT) ** 2 * self.var_pace


def line_through(time: NDArray[np.float64], value: NDArray[np.float64], resolution: float | None) -> TrendLine | None:
    """Fit a line; return None if the samples do not allow an estimate of its uncertainty.

    Parameters
    ----------
    time : (n,) float64
        Times relative to the moment of the forecast. [s]
    value : (n,) float64
        Values of the samples. [unit]
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
    residuals = value - mean - pace * away
    squares = float(residuals @ residuals)
    step = resolution or 0.0
    rounding = count * (LINE_ROUNDING * largest) ** 2
    memory = _memory(residuals) if squares > rounding else 1.0
    period = float(time[-1] - time[0]) / (count - 1)
    rise = abs(pace) * period * count
    # Noise that does not cover the steps leaves a sawtooth, whose errors are not random: each step of the ramp counts
    # as PER_STEP independent samples.
    if squares < count * step**2 / 3:
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


def _memory(residuals: NDArray[np.float64]) -> float:
    """Return the number of samples that carry as much information as one sample without memory.

    The result is the larger of two estimates. The sum of the autocorrelations up to the first that is not positive
    detects long memory. The first autocorrelation alone gives the memory of an AR(1) process, after a correction of the
    bias due to the fitted line.
    """
    count = len(residuals)
    # Zero padding to twice the length keeps the autocorrelation from wrapping around.
    spectrum = np.fft.rfft(residuals, 1 << (2 * count - 1).bit_length())
    products = np.fft.irfft(spectrum * spectrum.conj())[:count]
    correlation = products / products[0]
    lost = np.flatnonzero(correlation <= 0.0)
    positive = correlation[1 : lost[0] if len(lost) else count]
    first = min(max(float(correlation[1]) * (1 + 4 / count) + 2 / count, 0.0), 1 - 1 / count)
    return max(1 + 2 * float(positive.sum()), (1 + first) / (1 - first))
