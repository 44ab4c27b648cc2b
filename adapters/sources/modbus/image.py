"""The registers and bits that some points need, with the words of the latest read."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.plan import Request, Span
from plant.modbus_address import Table

TABLE_CODES: Final[dict[Table, int]] = {"holding": 0, "input": 1, "coil": 2, "discrete": 3}


def _key(unit: int, table: Table, address: int) -> int:
    # bits: | unit | table (2) | address (16) |, so that cells of one request have consecutive keys
    return ((unit << 2) + TABLE_CODES[table] << 16) + address


class Image:
    """The registers and bits that the points need, with the words of the latest read.

    Attributes
    ----------
    keys : (n,) int64
        Unit, table and address of each cell, ascending.
    words : (n,) uint16
        Content of the register; 0 or 1 for a bit.
    time : (n,) int64
        When the cell was read; UNREAD if this poll has not read it. [ns, UTC]

    """

    __slots__ = ("_at", "keys", "time", "words")
    UNREAD: Final = np.iinfo(np.int64).min

    def __init__(self, needed: Sequence[Span]) -> None:
        keys = {_key(span.unit, span.table, address) for span in needed for address in range(span.start, span.end)}
        self.keys: Final = np.array(sorted(keys), dtype=np.int64)
        self.words: Final = np.zeros(len(self.keys), dtype=np.uint16)
        self.time: Final = np.full(len(self.keys), self.UNREAD, dtype=np.int64)
        self._at: Final[dict[Request, tuple[slice, NDArray[np.int64]]]] = {}

    def clear(self) -> None:
        """Mark every cell as unread."""
        self.time[:] = self.UNREAD

    def put(self, request: Request, words: NDArray[np.uint16], time: int) -> None:
        """Store the answer to a request.

        Parameters
        ----------
        request : Request
            The request that the device answered.
        words : (request.count,) uint16
            Registers, or bits as 0 and 1.
        time : int
            When the answer arrived. [ns, UTC]

        """
        cells, places = self._cells_of(request)
        self.words[cells] = words[places]
        self.time[cells] = time

    def cells(self, places: Sequence[tuple[int, Table, int]]) -> NDArray[np.intp]:
        """Return the cells of units, tables and addresses."""
        return np.searchsorted(self.keys, np.array([_key(*place) for place in places], dtype=np.int64))

    def _cells_of(self, request: Request) -> tuple[slice, NDArray[np.int64]]:
        """Return the cells of a request, and the places of their words in its answer."""
        # The place of a request never changes, and looking it up costs more than copying its words.
        if request not in self._at:
            # A request bridges gaps between points, so it may return cells that no point needs: keys has the others.
            first = _key(request.unit, request.table, request.start)
            low, high = np.searchsorted(self.keys, (first, first + request.count)).tolist()
            self._at[request] = slice(low, high), self.keys[low:high] - first
        return self._at[request]
