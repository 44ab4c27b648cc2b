"""Converts values to integers and back, bit for bit, because most sensors send multiples of a decimal step."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.columns.kept_code import kept

# The three grids differ in their last bits: 7 / 100 is 0.07, 7 * 0.01 is 0.07000000000000001, and float32(0.07) is
# 0.07000000029802322. Only the grid that repeats the producer's arithmetic gives every bit back.
NO_GRID: Final = 0
"""No grid: the integers are the bits of the values."""
QUOTIENT: Final = 1
"""value = step / 10**k: a parsed decimal number."""
PRODUCT: Final = 2
"""value = step * 10**-k: a scaled register."""
SINGLE: Final = 3
"""value = float32(step / 10**k): a decimal number in single precision."""

GRID_KINDS: Final = 4

_POWERS: Final = np.array([1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6])
_INVERSE: Final = np.array([1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
GRID_EXPONENTS: Final = len(_POWERS)
# float64 holds every integer below 2^53; a larger step would not survive the conversion to int64 and back.
_LARGEST: Final = 2.0**53
_PROBE: Final = 128

# Values that overflow when scaled are off the grid. numpy warns of them if numba is disabled, hence errstate.


@kept(error_model="numpy")
def _value(steps: float, kind: int, exponent: int) -> float:
    if kind == PRODUCT:
        return float(steps * _INVERSE[exponent])
    value = float(steps / _POWERS[exponent])
    return float(np.float32(value)) if kind == SINGLE else value


@kept(error_model="numpy")
def _steps(values: NDArray[np.float64], kind: int, exponent: int, steps: NDArray[np.int64]) -> NDArray[np.intp]:
    """Write the step of each value; return the rows whose bits a step cannot restore."""
    # Comparing floats compares bits, with two exceptions: -0.0 equals 0.0 (hence signbit), and NaN equals nothing.
    off = np.empty(len(values), dtype=np.intp)
    count = 0
    before = np.int64(0)
    for row in range(len(values)):
        scaled = np.rint(values[row] * _POWERS[exponent])
        value = values[row]
        equal = _value(scaled, kind, exponent) == value and not (value == 0.0 and np.signbit(value))
        if equal and abs(scaled) < _LARGEST:
            before = np.int64(scaled)
        else:
            off[count] = row
            count += 1
        # A row off the grid repeats the step before it, so the differences around it stay small.
        steps[row] = before
    return off[:count]


@kept(error_model="numpy")
def _choose(values: NDArray[np.float64]) -> tuple[int, int]:
    """Return kind and k of the grid that holds most probe values; BITS if no grid holds more than a quarter."""
    probe = values[:: max(1, len(values) // _PROBE)].copy()
    steps = np.empty(len(probe), dtype=np.int64)
    kind, exponent, fewest = NO_GRID, 0, max(len(probe) * 3 // 4, 1)
    for candidate in (QUOTIENT, PRODUCT, SINGLE):
        for power in range(len(_POWERS)):
            off = len(_steps(probe, candidate, power, steps))
            if off < fewest:
                kind, exponent, fewest = candidate, power, off
            if off == 0:
                return kind, exponent
    return kind, exponent


@np.errstate(over="ignore", invalid="ignore")
@kept(error_model="numpy")
def to_grid(values: NDArray[np.float64]) -> tuple[int, int, NDArray[np.int64], NDArray[np.intp]]:
    """Find the decimal grid of values.

    Parameters
    ----------
    values : (n,) float64
        Any bits, including -0.0, infinities, and NaN with a payload.

    Returns
    -------
    kind, exponent : int
        The grid.
    steps : (n,) int64
        The step of each value.
    off : (m,) intp
        Rows off the grid; the caller must keep their bits.

    """
    kind, exponent = _choose(values)
    if kind == NO_GRID:
        return kind, exponent, values.view(np.int64).copy(), np.empty(0, dtype=np.intp)
    steps = np.empty(len(values), dtype=np.int64)
    return kind, exponent, steps, _steps(values, kind, exponent, steps)


@np.errstate(over="ignore", invalid="ignore")
@kept(error_model="numpy")
def from_grid(kind: int, exponent: int, steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the (n,) float64 values of steps on a grid."""
    if kind == NO_GRID:
        return steps.view(np.float64).copy()
    values = np.empty(len(steps), dtype=np.float64)
    for row in range(len(steps)):
        values[row] = _value(float(steps[row]), kind, exponent)
    return values
