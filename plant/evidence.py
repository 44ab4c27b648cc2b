"""Evidence: which samples say something about safety, and which of them are over range.

These definitions hold for the whole project. `is_evidence` and `is_over_range` take the numbers of one sample or
columns of many: the engine compiles them into its kernels, forecasts and studies call them with whole columns.
"""

from typing import overload

import numpy as np
from numpy.typing import NDArray

from plant.quality import BAD, BLOCKING, OVER_RANGE_BIT

Values = NDArray[np.float64]
Qualities = NDArray[np.uint8]
States = NDArray[np.uint16]
Flags = NDArray[np.bool_]


@overload
def is_evidence(quality: int, state: int) -> bool: ...
@overload
def is_evidence(quality: Qualities, state: States) -> Flags: ...
def is_evidence(quality: int | Qualities, state: int | States) -> bool | Flags:
    """Tell whether an accepted sample says something about safety.

    A sample with the bit of over range is evidence whatever its quality: it says that the range is exceeded.

    Parameters
    ----------
    quality : int, or (n,) uint8
        `plant.Quality`; BAD where the value is not finite.
    state : int, or (n,) uint16
        `plant.State`.

    References
    ----------
    docs/en/semantics.md, "Evidence".

    """
    return ((state & BLOCKING) == 0) & ((quality < BAD) | ((state & OVER_RANGE_BIT) != 0))


@overload
def is_over_range(value: float, state: int, lower: float, upper: float) -> bool: ...
@overload
def is_over_range(value: Values, state: States, lower: float, upper: float) -> Flags: ...
def is_over_range(value: float | Values, state: int | States, lower: float, upper: float) -> bool | Flags:
    """Tell whether evidence is over range; then it can raise a condition and never clear one.

    Parameters
    ----------
    value : float, or (n,) float64
        [unit of the point]
    state : int, or (n,) uint16
        `plant.State`.
    lower, upper : float
        The ends of the range with its margin; infinite for a point without a range. [unit of the point]

    References
    ----------
    docs/en/semantics.md, "Evidence"; NAMUR NE 43.

    """
    return ((state & OVER_RANGE_BIT) != 0) | (value < lower) | (value > upper)


def is_measured(value: Values, quality: Qualities, state: States) -> Flags:
    """Tell which samples are evidence by their value: statistics of a signal are of these alone."""
    return is_evidence(quality, state) & (quality < BAD) & np.isfinite(value)
