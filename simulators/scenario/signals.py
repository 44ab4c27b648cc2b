"""What the plant's signals are made of: noise with a memory, decay, and what a sensor makes of it; pure."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
"""(points, steps): one signal per row, one step of the period per column."""


def relax(inputs: Rows, tau: float, period: int) -> Rows:
    """Let every input decay: y(k) = exp(-period / tau) * y(k - 1) + x(k), row by row.

    Parameters
    ----------
    inputs : (points, steps) float64
        Added at each step.
    tau : float
        Time in which it falls to 1/e. [ns]
    period : int
        Distance of two steps. [ns]

    """
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


def wander(random: np.random.Generator, shape: tuple[int, int], tau: float, period: int) -> Rows:
    """Return noise of mean 0, deviation 1 and a memory of tau [ns]: an Ornstein-Uhlenbeck process, steady at once."""
    steps = random.standard_normal(shape)
    steps[:, 1:] *= np.sqrt(-np.expm1(-2 * period / tau))
    return relax(steps, tau, period)


def follow(inputs: Rows, tau: float, period: int) -> Rows:
    """Let a signal follow its input with a lag, from where the input begins."""
    first = inputs[:, :1]
    return first + relax((inputs - first) * -np.expm1(-period / tau), tau, period)


def bursts(random: np.random.Generator, shape: tuple[int, int], every: float, period: int) -> Rows:
    """Return impulses at random steps, on average one per `every` [ns] and row, of mean height 1 (gamma of shape 2)."""
    happens = random.random(shape) < period / every
    heights: Rows = np.where(happens, random.gamma(2.0, 0.5, shape), 0.0)
    return heights


def sensed(values: Rows, resolution: float, lowest: float, highest: float) -> Rows:
    """Return what a sensor shows: whole steps of its resolution, within its range.

    A step of 0.1 is written as 0.1, not as 0.30000000000000004 - 0.2: the nearest number of its decimals.
    """
    decimals = max(0, int(np.ceil(-np.log10(resolution) - 1e-9)))
    shown: Rows = np.round(np.round(values / resolution) * resolution, decimals)
    return np.clip(shown, lowest, highest)
