"""Scale and offset of a point as factors that give the decimal which the engineer meant."""

from decimal import Decimal
from typing import Final

from plant.modbus_address import ENCODINGS, ModbusAddress

EXACT_WHOLE: Final = 2**53
"""float64 represents every whole number up to 2^53 and every power of ten up to 10^22 exactly."""


def linear(address: ModbusAddress) -> tuple[float, float, float, float]:
    """Return multiplier, addend, divisor, offset: value = (raw * multiplier + addend) / divisor + offset.

    The function scales whole numbers by whole numbers and divides once by a power of ten. The result is the float64
    nearest to the intended decimal: raw 7 with scale 0.01 gives 0.07, whereas 7 * 0.01 is 0.07000000000000001. If that
    way is not exact (floats, scales of many digits), the result is raw * scale + offset.
    """
    scale, offset = Decimal(repr(address.scale)), Decimal(repr(address.offset))
    digits = max(0, *(-int(number.as_tuple().exponent) for number in (scale, offset)))
    divisor = 10**digits
    multiplier, addend = int(scale * divisor), int(offset * divisor)
    _, lowest, highest = ENCODINGS[address.type]
    if lowest is not None and highest is not None and digits <= 22:
        largest = max(-lowest, highest + 1)
        if abs(multiplier) * largest + abs(addend) <= EXACT_WHOLE:
            return float(multiplier), float(addend), float(divisor), 0.0
    # A float times 0.01 rounds twice (0.01 itself is rounded); the division by 100 rounds once.
    sign, significant, exponent = scale.normalize().as_tuple()
    if significant == (1,) and -22 <= int(exponent) < 0:
        return -1.0 if sign else 1.0, 0.0, float(10 ** -int(exponent)), address.offset
    return address.scale, 0.0, 1.0, address.offset
