"""Decodes registers into value, quality and state of all points of a source at once."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.encodings import Group
from adapters.sources.modbus.image import Image
from adapters.sources.modbus.plan import spans
from plant import Quality
from plant.modbus_address import ENCODINGS, ModbusAddress

EXACT_WHOLE: Final = 2**53
"""float64 represents every whole number up to 2^53 and every power of ten up to 10^22 exactly."""


class Decoded(NamedTuple):
    """What the words of an image say of each point.

    Attributes
    ----------
    value : (n,) float64
        raw * scale + offset; NaN if any cell of the value is unread, or the number says that there is no value.
        [unit of the point]
    quality : (n,) uint8
        BAD if the value or its status word is unread, and for NaN and infinities; else GOOD.
    state : (n,) uint16
        The unchanged status word; 0 if the point has none or if it is unread.
    time : (n,) int64
        When the value was read; Image.UNREAD if any cell of it is unread. [ns, UTC]
    complete : (n,) bool
        The value is read, and its status word if it has one.
    no_value : (n,) bool
        The device answered, with a number or a text that says that it has no value.

    """

    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    time: NDArray[np.int64]
    complete: NDArray[np.bool_]
    no_value: NDArray[np.bool_]


class Decoder:
    """Decodes the values of all points from an image; indices and scales are computed once from the addresses."""

    def __init__(self, addresses: Sequence[ModbusAddress]) -> None:
        self.image: Final = Image(spans(addresses))
        first = self.image.cells([(a.unit, a.table, a.register_) for a in addresses])
        kinds = dict.fromkeys((address.type, address.count) for address in addresses)
        self._groups: Final = [
            Group(addresses, [row for row, a in enumerate(addresses) if (a.type, a.count) == kind], first)
            for kind in kinds
        ]
        with_status = [row for row, address in enumerate(addresses) if address.status is not None]
        self._with_status: Final = np.array(with_status, dtype=np.intp)
        self._status: Final = self.image.cells(
            [(a.unit, a.status_table, a.status) for a in addresses if a.status is not None]
        )
        self._linear: Final = np.array([linear(address) for address in addresses], dtype=np.float64).reshape(-1, 4).T

    def decode(self) -> Decoded:
        """Return value, quality, state and time of every point, in the order of the addresses."""
        image = self.image
        multiplier, addend, divisor, offset = self._linear
        raw = np.full(len(offset), np.nan)
        time = np.full(len(offset), Image.UNREAD)
        no_value = np.zeros(len(offset), dtype=np.bool_)
        # A device may send signalling NaNs and numbers that overflow when scaled. They become BAD without a warning.
        with np.errstate(all="ignore"):
            for group in self._groups:
                raw[group.rows], no_value[group.rows] = group.raw(image.words)
                # UNREAD is the smallest int64, so one unread word makes the whole value unread.
                time[group.rows] = image.time[group.cells].min(axis=1)
            value = (raw * multiplier + addend) / divisor + offset
        complete = time != Image.UNREAD
        value[~complete] = np.nan
        no_value &= complete
        unread = image.time[self._status] == Image.UNREAD
        complete[self._with_status] &= ~unread
        bad = ~np.isfinite(value) | ~complete
        state = np.zeros(len(value), dtype=np.uint16)
        state[self._with_status] = np.where(unread, 0, image.words[self._status])
        quality = np.where(bad, np.uint8(Quality.BAD), np.uint8(Quality.GOOD))
        return Decoded(value, quality, state, time, complete, no_value)

    def words(self, row: int) -> NDArray[np.uint16]:
        """Return the words of a point in the usual order, high byte first."""
        group = next(group for group in self._groups if row in group.rows)
        return group.usual(self.image.words)[np.flatnonzero(group.rows == row)[0], :]


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
