"""Finds the samples of one point in a day file, by source time or by the time that counts."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.records import HeadRow, SegmentRow
from adapters.stores.historian.folder import day_of
from adapters.stores.historian.packing.block import ORDER, decode

RowsOfPoint = tuple[NDArray[np.int64], NDArray[np.int64]]
"""A (5, n) matrix with the samples of one point, and the arrival of each."""
Placement = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]
"""Returns the times that count, from source times and arrivals. [ns, UTC]"""


class Wanted(NamedTuple):
    """The period that a query asks for.

    Attributes
    ----------
    start, end : int
        [ns, UTC]
    by_arrival : bool
        Whether the arrival of a sample may count instead of its source time.

    """

    start: int
    end: int
    by_arrival: bool

    def of_day(self, day: int, first: int, last: int) -> bool:
        """Whether a file of a day, with source times from `first` to `last`, may hold samples of the period."""
        if self.by_arrival and day_of(self.start) <= day <= day_of(self.end):
            return True
        return last >= self.start and first < self.end

    def of_segment(self, segment: SegmentRow) -> bool:
        """Whether a segment may hold samples of the period."""
        if self.by_arrival and segment.last_entry >= self.start and segment.first_entry < self.end:
            return True
        return segment.last_time >= self.start and segment.first_time < self.end


def in_segments(content: DayContent, number: int, wanted: Wanted) -> Iterator[RowsOfPoint]:
    """Yield the rows of a point in the segments that may hold samples of a period."""
    for segment in content.segments:
        if not wanted.of_segment(segment):
            continue
        segment_content = content.content(segment)
        place = None if segment_content is None else segment_content.page_of(number)
        if segment_content is None or place is None:
            continue
        rows = content.page(segment_content, place, number)
        if rows is not None and rows.shape[1]:
            arrivals, counts = segment_content.entries
            ends = np.maximum(counts, 0).cumsum()
            yield rows, arrivals[ends.searchsorted(rows[ORDER], side="right")]


def in_head(head: Sequence[HeadRow], number: int) -> Iterator[RowsOfPoint]:
    """Yield the rows of a point in the head."""
    for row in head:
        if row.samples is not None:
            rows = decode(row.samples, number)
            if rows.shape[1]:
                yield rows, np.full(rows.shape[1], row.time, dtype=np.int64)
