"""What the queue of a server delivers late, when a subscription goes on after a break of the connection."""

from collections.abc import Callable
from typing import Final

import numpy as np

from adapters.sources.opcua.decode import NO_TIME, DataValues
from plant import Gap

MOST_ANSWERS: Final = 1000
"""Number of answers after which arrears are over in any case."""


class Arrears:
    """Counts the rows of a break that come from the queue of the server.

    Parameters
    ----------
    start, until : int
        When the connection was last heard of and when it was there again, by the server's clock. [ns, UTC]

    """

    def __init__(self, start: int, until: int) -> None:
        self._start: Final = start
        self._until: Final = until
        self._rows = 0
        self._nodes: Final[set[int]] = set()
        self._answers = 0

    def add(self, values: DataValues) -> bool:
        """Count the rows of an answer; return whether these were the last arrears."""
        late = np.where(values.source == NO_TIME, values.server, values.source) < self._until
        rows = int(np.count_nonzero(late))
        self._rows += rows
        self._nodes.update(values.node[late].tolist())
        self._answers += 1
        return rows < len(values) or not len(values) or self._answers == MOST_ANSWERS

    def gap(self, source: str, expected: Callable[[int, int], int]) -> Gap:
        """Return the gap that the arrears filled; `expected` takes its duration [ns] and the number of points."""
        points = len(self._nodes)
        due = expected(self._until - self._start, points)
        return Gap(source, self._start, self._until, points, due, self._rows, "queue")
