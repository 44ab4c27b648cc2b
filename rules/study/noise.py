"""What a record says about a signal at rest: its steps, its noise, and how often it does not move."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

import numpy as np

from plant import Point, SampleBatch, is_measured
from rules.spec.decimals import written

ROUND_FACTORS: Final = tuple(map(Decimal, ("1", "2", "2.5", "5", "10")))
WITHIN: Final = 1e-9
"""Of the largest value: numbers this near to each other are the same."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Figures of a point over a record.

    Attributes
    ----------
    samples : int
        Those that are evidence. [1]
    period : int
        Median of the time between them. [ns]
    quantum : float or None
        Smallest difference between two values; None where there is one value only. [unit]
    deviation : float
        Standard deviation of the difference from one sample to the next. [unit]
    unchanged : float
        Share of the samples that are the same as the one before. [1]
    lowest, highest : float
        Of the values. [unit]

    """

    samples: int
    period: int
    quantum: float | None
    deviation: float
    unchanged: float
    lowest: float
    highest: float

    def step(self, point: Point) -> Decimal | None:
        """Return the smallest deadband that noise does not cross: a step of the signal, twice its deviation. [unit].

        It is a multiple of the resolution; without one a round number. None where nothing is known.
        """
        least = max(2 * self.deviation, self.quantum or 0.0, point.resolution or 0.0)
        if least == 0.0:
            return None
        unit = _round(least) if point.resolution is None else written(point.resolution)
        return (Decimal(least * (1 - WITHIN)) / unit).to_integral_value(ROUND_CEILING) * unit


def noise_of(samples: SampleBatch) -> Noise:
    """Measure the noise of one point.

    Parameters
    ----------
    samples : SampleBatch
        Of one point, by their source time.

    """
    usable = is_measured(samples.value, samples.quality, samples.state)
    value, time = samples.value[usable], samples.time[usable]
    if len(value) < 2:
        return Noise(len(value), 0, None, 0.0, 1.0, 0.0, 0.0)
    differences = np.diff(value)
    same = WITHIN * float(np.abs(value).max())
    apart = np.diff(np.unique(value))
    apart = apart[apart > same]
    return Noise(
        samples=len(value),
        period=int(np.median(np.diff(time))),
        quantum=float(f"{apart.min():.9g}") if len(apart) else None,
        deviation=float(differences.std()),
        unchanged=float((np.abs(differences) <= same).mean()),
        lowest=float(value.min()),
        highest=float(value.max()),
    )


def _round(number: float) -> Decimal:
    """Return the next round number: 1, 2, 2.5 or 5 with zeros."""
    exact = Decimal(number * (1 - WITHIN))
    power = Decimal(10) ** exact.adjusted()
    return next(power * digit for digit in ROUND_FACTORS if power * digit >= exact)
