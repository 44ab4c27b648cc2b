"""How many rows a source delivers: the measure of what a gap may have swallowed."""

from collections import deque
from typing import Final

from plant.units import MINUTE, SECOND

RATE_MEMORY: Final = 10 * MINUTE
"""Length of the time over which rows are counted. [ns]"""
SHORTEST_MEASURE: Final = SECOND // 4
"""Shortest time from which a rate is computed; a minute if an earlier run had one. [ns]"""
PIECE: Final = 10 * SECOND
"""Length of the pieces in which they are counted. [ns]"""


class Rate:
    """The rate of rows over the last ten minutes in which the link stood."""

    def __init__(self) -> None:
        self._pieces: Final[deque[tuple[int, int]]] = deque(maxlen=RATE_MEMORY // PIECE)
        self._begun: int | None = None
        self._last = 0
        self._rows = 0
        self._given = 0.0

    def resume(self, rows_per_second: float) -> None:
        """Take over the rate of an earlier run, until this one has its own. [1/s]."""
        self._given = rows_per_second

    def add(self, rows: int, now: int) -> None:
        """Count rows that arrived now. [now: ns, UTC]."""
        self._last = now
        if self._begun is None:
            # The first batch after a silence has the state of all points; it shows no rate.
            self._begun = now
            return
        self._rows += rows
        if now - self._begun >= PIECE:
            self._pieces.append((now - self._begun, self._rows))
            self._begun, self._rows = now, 0

    def pause(self) -> None:
        """Stop the measure while the link is down."""
        if self._begun is not None and self._last > self._begun:
            self._pieces.append((self._last - self._begun, self._rows))
        self._begun, self._rows = None, 0

    @property
    def per_second(self) -> float:
        """The rate. [1/s]."""
        time, rows = sum(time for time, _ in self._pieces), sum(rows for _, rows in self._pieces)
        if self._begun is not None:
            time, rows = time + self._last - self._begun, rows + self._rows
        return rows * SECOND / time if time >= (MINUTE if self._given else SHORTEST_MEASURE) else self._given

    def expected(self, time: int) -> int | None:
        """Return the number of rows in a time at this rate; None if there is no rate. [ns]."""
        rate = self.per_second
        return round(rate * time / SECOND) if rate else None
