"""The decimal that a device meant by a float32: 0.1, not 0.10000000149."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST, MOST = 6, 9
"""Every decimal of 6 digits survives float32, and 9 digits tell any two float32 apart. [1]"""
SMALLEST, LARGEST = 1e-13, 1e15
"""Between them no power of ten beyond 10^22 is needed, so each of them is exact in float64."""
POWERS: Final = np.array([float(10**exponent) for exponent in range(23)])


def decimals(numbers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the decimal with the fewest digits that is nearest to each number.

    Parameters
    ----------
    numbers : (n,) float32
        Zero, numbers beyond 1e-13 to 1e15, NaN and infinities stay as they are.

    Returns
    -------
    (n,) float64
        The float64 nearest to the decimal; as a float32 it is the number again.

    """
    exact = numbers.astype(np.float64)
    size = np.abs(exact)
    result = exact.copy()
    rows = np.flatnonzero((size >= SMALLEST) & (size <= LARGEST))
    if not len(rows):
        return result
    number, exact, magnitude = numbers[rows], exact[rows], np.floor(np.log10(size[rows])).astype(np.int64)
    decimal = exact.copy()
    for digits in range(MOST, FEWEST - 1, -1):
        places = digits - 1 - magnitude
        power = POWERS[np.abs(places)]
        scaled = np.rint(np.where(places >= 0, exact * power, exact / power))
        shorter = np.where(places >= 0, scaled / power, scaled * power)
        decimal = np.where(shorter.astype(np.float32) == number, shorter, decimal)
    result[rows] = decimal
    return result
