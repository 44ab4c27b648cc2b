"""The noise of a point over a record: its steps, its deviation, and how often it does not move."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

import numpy as np

from plant import Point, SampleBatch, is_measured
from rules.spec.decimals import written

ROUND_FACTORS: Final = tuple(map(Decimal, ("1", "2", "2.5", "5", "10")))
WITHIN: Final = 1e-9
"""Numbers closer than this share of the largest value are equal."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Figures of a point over a record.

    Attributes
    ----------
    samples : int
        Number of samples that are evidence. [1]
    period : int
        Median time between them. [ns]
    quantum : float or None
        Smallest difference between two values; None if all values are equal. [unit]
    deviation : float
        Standard deviation of the difference from one sample to the next. [unit]
    unchanged : float
        Share of samples with the value of their predecessor. [1]
    lowest, highest : float
        Bounds of the values. [unit]

    """

    samples: int
    period: int
    quantum: float | None
    deviation: float
    unchanged: float
    lowest: float
    highest: float

    def step(self, point: Point) -> Decimal | None:
        """Return the smallest deadband that noise does not cross: at least a step, and twice the deviation. [unit].

        It is a multiple of the resolution, or a round number if the point has none. None for a signal that never moves.
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
        Samples of one point by their source time.

    """
    usable = is_measured(samples.value, samples.quality, samples.state)
    value, time = samples.value[usable], samples.time[usable]
    if len(value) < 2:
        return Noise(len(value), 0, None, 0.0, 1.0, 0.0, 0.0)
    differences = np.diff(value)
    same = WITHIN * float(np.abs(value).max())
    # Differences below the rounding of float64 are no steps of the signal.
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
