"""Signals of work: shifts, cutting, supports and pumps."""

import numpy as np

from plant.units import DAY, HOUR, MINUTE
from simulators.scenario.signals import Signals, wander

LOCAL = 8 * HOUR
"""Offset of the mine's wall clock from UTC. [ns]"""


def shifts(random: np.random.Generator, shape: tuple[int, int], start: int, period: int) -> Signals:
    """Return 1 while coal is cut, else 0.

    A day has two producing shifts and a maintenance shift from 6 to 14 h. Cuts and pauses alternate, each some 18 min.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of random numbers.
    shape : tuple of int
        Points, steps.
    start : int
        Time of the first step. [ns, UTC]
    period : int
        Time between two steps. [ns]

    """
    points, steps = shape
    hour = (start + LOCAL + np.arange(steps) * period) % DAY // HOUR
    producing_shift = (hour < 6) | (hour >= 14)
    # Lengths average 19 min, so one per 5 min covers the trace with a wide margin. Odd places among the ends are cuts.
    needed = int(steps * period // (5 * MINUTE)) + 2
    lengths = random.gamma(2.5, 18 * MINUTE / 2.5, (points, needed)) + MINUTE
    ends = np.cumsum(lengths, axis=1)
    times = np.arange(steps) * float(period)
    cutting = np.zeros(shape)
    for row, changes in zip(cutting, ends, strict=True):
        row[:] = np.searchsorted(changes, times) % 2
    return cutting * producing_shift


def supports(random: np.random.Generator, producing: Signals, period: int) -> Signals:
    """Return pressures of hydraulic supports: each cycle sets a support, and the roof loads it. [MPa].

    A cycle ends when the support advances, some five times in a producing shift. The roof weights every dozen cycles
    and then increases the load.
    """
    points, steps = producing.shape
    work = np.cumsum(producing, axis=1) * period / (45 * MINUTE)
    cycle, done = np.divmod(work * random.uniform(0.8, 1.2, (points, 1)) + random.uniform(0, 12, (points, 1)), 1.0)
    weighting = np.exp(-0.5 * ((cycle % 12 - 10.0) / 1.0) ** 2)
    setting = 24.0 + random.normal(0.0, 1.0, (points, 1)) + 0.8 * wander(random, (points, steps), 2 * HOUR, period)
    load = 8.0 * (1.0 - np.exp(-3.0 * done)) * (0.6 + weighting)
    pressed: Signals = setting + load + 5.0 * weighting
    return pressed


def sump(random: np.random.Generator, shape: tuple[int, int], period: int) -> tuple[Signals, Signals]:
    """Return the level of sumps [m] that fill and are pumped out in cycles, and whether the pump runs (0 or 1)."""
    points, _ = shape
    inflow = np.exp(0.15 * wander(random, shape, 12 * HOUR, period))
    turns = np.cumsum(inflow, axis=1) * period / random.uniform(2 * HOUR, 5 * HOUR, (points, 1))
    phase = (turns + random.random((points, 1))) % 1.0
    filling = random.uniform(0.55, 0.75, (points, 1))
    level = np.where(phase < filling, phase / filling, (1.0 - phase) / (1.0 - filling))
    return 1.2 + 1.4 * level, (phase >= filling).astype(np.float64)
