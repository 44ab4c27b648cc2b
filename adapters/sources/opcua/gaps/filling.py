"""Follows the filling of one hole, whatever the order in which the server sends its history."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from adapters.sources.opcua.gaps.holes import Hole, SourceRow, inside
from plant import Message


class _Extent(NamedTuple):
    """The times of the rows that a reading brought. [ns, UTC]."""

    first: int
    last: int
    oldest: int
    newest: int


class Filling:
    """A hole while it is being filled.

    Attributes
    ----------
    whole : Hole
        The hole as it was torn.
    hole : Hole
        What is left of it: it shrinks with every row that was taken, as long as the rows come in one direction.
    rows : int
        Number of rows that were taken.
    is_complete : bool
        Whether a reading went through the hole from one end to the other.
    refusal : Message or None
        Why the hole cannot be filled.

    """

    def __init__(self, hole: Hole) -> None:
        self.whole: Final = hole
        self.hole = hole
        self.rows = 0
        self.is_complete = False
        self.refusal: Message | None = None
        self.begin()

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be read."""
        return self.is_complete or self.refusal is not None

    def begin(self) -> None:
        """Note that a reading of what is left begins."""
        self._asked = self.hole
        self._extent: _Extent | None = None
        self._is_in_order = True

    def take(self, page: Sequence[SourceRow]) -> list[SourceRow]:
        """Return those rows of a page that belong into the hole, the oldest first."""
        if not page:
            return []
        ordered = sorted(page, key=lambda row: row.time)
        extent = self._extent or _Extent(page[0].time, page[0].time, ordered[0].time, ordered[-1].time)
        self._extent = _Extent(
            extent.first, page[-1].time, min(extent.oldest, ordered[0].time), max(extent.newest, ordered[-1].time)
        )
        rows = inside(self._asked, ordered)
        if rows and (rows[0].time < self.hole.before.time or rows[-1].time > self.hole.after.time):
            # Missing rows may now lie anywhere: after a break all is read again. The engine drops rows that come twice.
            self._is_in_order, self.hole = False, self._asked
        if self._is_in_order:
            rows = inside(self.hole, ordered)
        self.rows += len(rows)
        if rows and self._is_in_order:
            self.hole = self.hole._replace(after=rows[0]) if self._is_backwards else self.hole._replace(before=rows[-1])
        return rows

    def end(self) -> None:
        """Note that the reading ended because the server has no more: it is complete if it went through the hole."""
        if self._extent is not None:
            before, after = self._asked.before.time, self._asked.after.time
            self.is_complete = self._extent.oldest <= before if self._is_backwards else self._extent.newest >= after

    @property
    def _is_backwards(self) -> bool:
        """Whether the server sends the newest row first."""
        return self._extent is not None and self._extent.first > self._extent.last
