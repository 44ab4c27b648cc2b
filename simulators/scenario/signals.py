"""Building blocks of the plant's signals: correlated noise, decay, lag, impulses, and the sensor's resolution."""

import numpy as np
from numpy.typing import NDArray

Signals = NDArray[np.float64]
"""(points, steps): one signal per row, one time step per column."""


def relax(inputs: Signals, tau: float, period: int) -> Signals:
    """Return decaying sums of inputs: y(k) = exp(-period / tau) * y(k - 1) + x(k), row by row.

    Parameters
    ----------
    inputs : (points, steps) float64
        The input added at each step.
    tau : float
        Time in which a sum falls to 1/e. [ns]
    period : int
        Time between two steps. [ns]

    """
    # y(k) = factor^k * cumsum(x(j) / factor^j) needs no Python loop over steps. Blocks of 25 tau keep factor^-j below
    # e^25, so it cannot overflow; `carried` takes the sum into the next block.
    factor = np.exp(-period / tau)
    block = max(1, min(inputs.shape[1], int(25 * tau / period)))
    powers = factor ** np.arange(block)
    decayed = np.empty_like(inputs)
    carried = np.zeros((len(inputs), 1))
    for start in range(0, inputs.shape[1], block):
        piece = inputs[:, start : start + block]
        width = piece.shape[1]
        decayed[:, start : start + width] = powers[:width] * (np.cumsum(piece / powers[:width], axis=1) + carried)
        carried = decayed[:, start + width - 1 : start + width] * factor
    return decayed


def wander(random: np.random.Generator, shape: tuple[int, int], tau: float, period: int) -> Signals:
    """Return a stationary Ornstein-Uhlenbeck process: mean 0, deviation 1, correlation time tau [ns]."""
    # The first column keeps deviation 1, so the process is stationary from its first step on.
    steps = random.standard_normal(shape)
    steps[:, 1:] *= np.sqrt(-np.expm1(-2 * period / tau))
    return relax(steps, tau, period)


def follow(inputs: Signals, tau: float, period: int) -> Signals:
    """Return signals that follow their inputs with a lag, starting at the first input."""
    first = inputs[:, :1]
    return first + relax((inputs - first) * -np.expm1(-period / tau), tau, period)


def bursts(random: np.random.Generator, shape: tuple[int, int], every: float, period: int) -> Signals:
    """Return random impulses: one per `every` [ns] and row on average, with gamma heights (shape 2, mean 1)."""
    happens = random.random(shape) < period / every
    heights: Signals = np.where(happens, random.gamma(2.0, 0.5, shape), 0.0)
    return heights


def sensed(values: Signals, resolution: float, lowest: float, highest: float) -> Signals:
    """Return the readings of a sensor: multiples of its resolution, within its range."""
    # 3 * 0.1 is 0.30000000000000004; the second rounding makes it the float64 nearest to 0.3, as a device sends it.
    decimals = max(0, int(np.ceil(-np.log10(resolution) - 1e-9)))
    shown: Signals = np.round(np.round(values / resolution) * resolution, decimals)
    return np.clip(shown, lowest, highest)
