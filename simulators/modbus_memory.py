"""The registers and bits of simulated Modbus devices, and the samples that the points write into them."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from plant import BLOCKING, Quality, State
from plant.modbus_address import ENCODINGS, ModbusAddress, Table

Holes = Literal["zero", "refused"]
"""How a device answers for unused addresses between used ones: most devices send 0, some refuse the request."""
NUMBER_DTYPES: Final[dict[str, np.dtype[np.generic]]] = {
    "bit": np.dtype(">u2"),
    "int16": np.dtype(">i2"),
    "uint16": np.dtype(">u2"),
    "int32": np.dtype(">i4"),
    "uint32": np.dtype(">u4"),
    "int64": np.dtype(">i8"),
    "uint64": np.dtype(">u8"),
    "bcd16": np.dtype(">u2"),
    "bcd32": np.dtype(">u4"),
    "float32": np.dtype(">f4"),
    "float64": np.dtype(">f8"),
}
HIGHEST_WHOLE: Final = {"bit": (0.0, 1.0)} | {
    # float64 rounds the largest int64 up to a number that int64 cannot hold.
    name: (float(shape.lowest), float(shape.highest) if shape.registers < 4 else np.nextafter(shape.highest, 0.0))
    for name, shape in ENCODINGS.items()
    if shape.lowest is not None and shape.highest is not None
}
"""The smallest and the largest float64 that each encoding of whole numbers holds."""
SIZE: Final = 65536
"""Number of addresses of a table."""


class DeviceMemory:
    """The tables of all units as one array of cells, and the samples that the points write into them.

    A value becomes the nearest number that its encoding can hold. A sample is doubtful if it is BAD, not a finite
    number, or in a state that is not evidence. How the device shows doubt depends on the point:

    - A point without a value shows the first of its `bad` numbers, if it has any.
    - With a status word: the word carries the state, plus SENSOR_FAULT if the state alone does not show the doubt.
    - A float without a status word becomes NaN.
    - For an integer or bit without a status word, the device refuses requests that touch it, with exception 2.

    Every point is doubtful before its first row, with the state NOT_SCANNED.
    """

    def __init__(self, addresses: list[ModbusAddress], holes: Holes) -> None:
        # All tables stand one after the other in one array, so a point is one index whatever its unit and table:
        #   | unit 1 holding: 65536 cells | unit 1 input: 65536 cells | unit 2 holding ...
        tables = sorted({(a.unit, table) for a in addresses for table in (a.table, a.status_table)})
        self._first: Final = {table: number * SIZE for number, table in enumerate(tables)}
        self._words: Final = np.zeros(len(tables) * SIZE, dtype=np.uint16)
        self._defined: Final = np.zeros(len(self._words), dtype=np.bool_)
        self._refused: Final = np.zeros(len(self._words), dtype=np.bool_)
        self._at: Final = np.array([self._first[a.unit, a.table] + a.register_ for a in addresses], dtype=np.intp)
        self._status: Final = np.array(
            [-1 if a.status is None else self._first[a.unit, a.status_table] + a.status for a in addresses],
            dtype=np.intp,
        )
        self._number: Final = np.array([a.type if a.register_table else "bit" for a in addresses])
        self._scale: Final = np.array([a.scale for a in addresses])
        self._offset: Final = np.array([a.offset for a in addresses])
        self._no_value: Final = np.array([float(a.bad[0]) if a.bad else np.nan for a in addresses])
        self._reversed: Final = np.array([a.order in ("CDAB", "DCBA") for a in addresses])
        self._swapped: Final = np.array([a.order in ("BADC", "DCBA") for a in addresses])
        for address, at in zip(addresses, self._at, strict=True):
            self._defined[at : at + address.count] = True
        self._defined[self._status[self._status >= 0]] = True
        if holes == "zero":
            self._fill_holes()
        every = np.arange(len(addresses))
        unknown = np.full(len(addresses), np.nan)
        self.write(every, unknown, np.full(len(every), Quality.BAD), np.full(len(every), State.NOT_SCANNED))

    def _fill_holes(self) -> None:
        """Define all cells between the first and the last used cell of each table."""
        for first in self._first.values():
            used = first + np.flatnonzero(self._defined[first : first + SIZE])
            if len(used):
                self._defined[used[0] : used[-1]] = True

    def write(
        self, point: NDArray[np.intp], value: NDArray[np.float64], quality: NDArray[np.uint8], state: NDArray[np.uint16]
    ) -> None:
        """Write samples into the cells.

        Parameters
        ----------
        point : (n,) intp
            Position of each sample's point in the list of addresses, without duplicates.
        value, quality, state : (n,) float64, uint8, uint16
            As in a SampleBatch.

        """
        has_status = self._status[point] >= 0
        blocked = (state & BLOCKING) != 0
        doubt = blocked | (quality == Quality.BAD) | ~np.isfinite(value)
        status = np.where(doubt & ~blocked, state | State.SENSOR_FAULT, state)
        self._words[self._status[point[has_status]]] = status[has_status]
        # NaN stands for doubt from here on; with a status word the value itself stays readable.
        shown = np.where(doubt & ~has_status, np.nan, value)
        # A value may overflow its encoding (float32) or be NaN: both are wanted, and numpy must not warn.
        with np.errstate(all="ignore"):
            raw = (shown - self._offset[point]) / self._scale[point]
            raw = np.where(np.isnan(raw), self._no_value[point], raw)
            for number, dtype in NUMBER_DTYPES.items():
                rows = np.flatnonzero(self._number[point] == number)
                if dtype.kind == "f":
                    self._store(point[rows], raw[rows].astype(dtype))
                else:
                    self._store_integers(point[rows], raw[rows], number, refusable=~has_status[rows])

    def _store_integers(
        self,
        point: NDArray[np.intp],
        raw: NDArray[np.float64],
        number: str,
        *,
        refusable: NDArray[np.bool_],
    ) -> None:
        # An integer cannot hold NaN: such a point keeps its old cells, which are refused if it has no status word.
        dtype, missing = NUMBER_DTYPES[number], np.isnan(raw)
        self._refused[self._cells(point, dtype)] = (missing & refusable)[:, np.newaxis]
        point, raw = point[~missing], np.rint(raw[~missing])
        lowest, highest = HIGHEST_WHOLE[number]
        held = np.clip(raw, lowest, highest)
        self._store(point, (_packed(held) if number in ("bcd16", "bcd32") else held).astype(dtype))

    def _store(self, point: NDArray[np.intp], numbers: NDArray[np.generic]) -> None:
        cells = self._cells(point, numbers.dtype)
        words = numbers.view(">u2").astype(np.uint16).reshape(cells.shape)
        words = np.where(self._reversed[point, np.newaxis], words[:, ::-1], words)
        self._words[cells] = np.where(self._swapped[point, np.newaxis], words.byteswap(), words)

    def _cells(self, point: NDArray[np.intp], dtype: np.dtype[np.generic]) -> NDArray[np.intp]:
        return self._at[point, np.newaxis] + np.arange(dtype.itemsize // 2)

    def read(self, unit: int, table: Table, start: int, count: int) -> list[int] | None:
        """Return registers or bits; None if the device lacks an address or refuses it."""
        first = self._first.get((unit, table))
        if first is None or start + count > SIZE:
            return None
        cells = slice(first + start, first + start + count)
        readable = self._defined[cells].all() and not self._refused[cells].any()
        return self._words[cells].tolist() if readable else None


def _packed(number: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return whole numbers as BCD, four bits a digit."""
    rest, packed = number.astype(np.uint32), np.zeros(len(number), dtype=np.uint32)
    for place in range(8):
        packed |= (rest % 10) << np.uint32(4 * place)
        rest = rest // 10
    return packed
