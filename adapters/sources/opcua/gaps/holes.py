"""Finds the stretches without rows of a node: from the last row before a break to the first one after it."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from adapters.sources.opcua.decode import NO_TIME, DataValues, quality, state

MOST_HOLES: Final = 200_000
"""Largest number of holes that wait to be filled."""


class SourceRow(NamedTuple):
    """What makes a row the same as another: source time [ns, UTC], value, quality, state."""

    time: int
    value: float
    quality: int
    state: int


class Hole(NamedTuple):
    """A stretch of a node without rows.

    `overflow` tells that a queue of the server lost rows in it; otherwise the link, or this program, was down.
    """

    node: int
    before: SourceRow
    after: SourceRow
    overflow: bool = False


class HoleFinder:
    """The holes that begin when a node's notifications end, and are complete when they go on.

    Attributes
    ----------
    open : (nodes,) bool
        Whether a hole of the node waits for its end.

    """

    def __init__(self, nodes: int) -> None:
        self.open: Final = np.zeros(nodes, np.bool_)
        self._before: Final[dict[int, SourceRow]] = {}
        self._complete: list[Hole] = []

    def begin(self, node: int, before: SourceRow | None) -> None:
        """Note that the notifications of a node ended; a hole that is open goes on."""
        if before is not None:
            self._before.setdefault(node, before)
            self.open[node] = True

    def end(self, values: DataValues) -> None:
        """Note the first rows that came since, of nodes whose hole is open."""
        for node, after in zip(values.node.tolist(), rows_of(values), strict=True):
            if after is None or not self.open[node]:
                continue
            self.open[node] = False
            before = self._before.pop(node)
            if after.time > before.time or (after.time == before.time and not same(after, before)):
                self._add(Hole(node, before, after))

    def overflow(self, node: int, before: SourceRow | None, after: SourceRow | None) -> None:
        """Note that the server's queue lost rows between two that came."""
        if before is not None and after is not None and after.time >= before.time:
            self._add(Hole(node, before, after, overflow=True))

    def take(self) -> Sequence[Hole]:
        """Return the complete holes, each once."""
        complete, self._complete = self._complete, []
        return complete

    def _add(self, hole: Hole) -> None:
        if len(self._complete) < MOST_HOLES:
            self._complete.append(hole)


def rows_of(values: DataValues) -> list[SourceRow | None]:
    """Return data values as rows; None for one without a time."""
    times = np.where(values.source == NO_TIME, values.server, values.source)
    columns = times, values.value, quality(values), state(values)
    rows = [SourceRow(*fields) for fields in zip(*(column.tolist() for column in columns), strict=True)]
    return [None if row.time == NO_TIME else row for row in rows]


def same(row: SourceRow, other: SourceRow) -> bool:
    """Whether two rows say the same; NaN is NaN."""
    values = row.value == other.value or (math.isnan(row.value) and math.isnan(other.value))
    return values and (row.time, row.quality, row.state) == (other.time, other.quality, other.state)


def inside(hole: Hole, rows: Sequence[SourceRow]) -> list[SourceRow]:
    """Return those of a device's rows, in their order, that lie between the two ends of a hole.

    Of several rows at the time of an end, those on its own side of the row that came are left out.
    """
    first, last = 0, len(rows)
    for number, row in enumerate(rows):
        if same(row, hole.before):
            first = number + 1
        elif number >= first and last == len(rows) and same(row, hole.after):
            last = number
    return [row for row in rows[first:last] if hole.before.time <= row.time <= hole.after.time]
