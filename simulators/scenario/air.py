"""Signals of the air: its speed in the roads, and the barometric pressure."""

import numpy as np

from plant.units import HOUR, MINUTE
from simulators.scenario.signals import Signals, bursts, relax, wander


def speed(random: np.random.Generator, shape: tuple[int, int], period: int) -> Signals:
    """Return air speeds around 2.3 m/s that drop for some minutes when air doors open. [m/s]."""
    doors = relax(bursts(random, shape, 3 * HOUR, period), 4 * MINUTE, period)
    gusts = 0.045 * wander(random, shape, 1 * MINUTE, period) + 0.05 * wander(random, shape, HOUR, period)
    moving: Signals = np.maximum(2.3 + gusts - 0.35 * doors, 0.0)
    return moving


def pressure(random: np.random.Generator, shape: tuple[int, int], period: int) -> Signals:
    """Return the barometric pressure; all points share the weather. [hPa]."""
    # 1074 hPa is the air pressure some 500 m below sea level.
    weather = 1074.0 + 3.5 * wander(random, (1, shape[1]), 48 * HOUR, period)
    drifting: Signals = weather + 0.02 * wander(random, shape, HOUR, period)
    return drifting
