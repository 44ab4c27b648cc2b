"""Signals of methane, carbon monoxide and temperature in a working district."""

from typing import NamedTuple

import numpy as np

from plant.units import DAY, HOUR, MINUTE
from simulators.scenario.signals import Signals, bursts, follow, relax, wander


class Emission(NamedTuple):
    """Parameters of the methane at a place: mean, four amplitudes [%], and the mean time between releases [ns].

    The numbers are fitted to published figures of a real longwall face: see docs/en/simulators.md.
    """

    level: float
    slow: float
    fast: float
    cutting: float
    release: float
    every: float


OUTLET = Emission(level=0.77, slow=0.26, fast=0.07, cutting=0.2, release=0.24, every=1.0 * HOUR)
INLET = Emission(level=0.32, slow=0.1, fast=0.04, cutting=0.08, release=0.07, every=0.8 * HOUR)


def methane(random: np.random.Generator, producing: Signals, place: Emission, period: int) -> Signals:
    """Return the methane at points of one kind. [%].

    Parameters
    ----------
    random : numpy.random.Generator
        Source of random numbers.
    producing : (points, steps) float64
        1 while coal is cut near the point.
    place : Emission
        Parameters of the place.
    period : int
        Time between two steps. [ns]

    """
    shape = producing.shape
    slow = place.slow * np.tanh(follow(wander(random, shape, 8 * HOUR, period), 20 * MINUTE, period) / 1.6) * 1.6
    busy = 0.1 + 0.9 * follow(producing, 10 * MINUTE, period)
    fast = place.fast * busy * wander(random, shape, 4 * MINUTE, period)
    cut = place.cutting * follow(producing, 8 * MINUTE, period)
    released = place.release * relax(bursts(random, shape, place.every, period) * (busy > 0.3), 7 * MINUTE, period)
    gas: Signals = np.maximum(place.level + slow + fast + cut + released, 0.0)
    return gas


def heating(random: np.random.Generator, shape: tuple[int, int], start: int, period: int) -> tuple[Signals, Signals]:
    """Return carbon monoxide [ppm] and temperature [degC] in a return road beside coal that may heat.

    One place in four heats: from a random moment on its carbon monoxide doubles every day, and its temperature follows.
    Blasting and diesel engines cause short peaks of carbon monoxide everywhere.
    """
    steps = np.arange(shape[1]) * float(period)
    heats = random.random((shape[0], 1)) < 0.25
    since = np.maximum(steps - random.uniform(0, 4 * DAY, (shape[0], 1)), 0.0)
    grown = np.where(heats, 2.0 * np.expm1(np.minimum(since, 5 * DAY) / DAY * np.log(2.0)), 0.0)
    peaks = 6.0 * relax(bursts(random, shape, 5 * HOUR, period), 6 * MINUTE, period)
    monoxide = np.maximum(4.0 + 1.5 * wander(random, shape, 3 * HOUR, period) + grown + peaks, 0.0)
    daily = np.sin(2 * np.pi * ((start % DAY + steps) / DAY - 0.4))
    temperature = 22.0 + 0.4 * daily + 0.5 * wander(random, shape, 6 * HOUR, period) + 0.15 * grown
    return monoxide, temperature
