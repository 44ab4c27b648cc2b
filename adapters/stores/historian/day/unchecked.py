"""Reads day files of the format before checksums: plausible contents become records of the present format.

The checks cover every bound and every relation that must hold; a wrong value that violates none is undetectable.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.day.records import START_COUNT, HeadRow, SegmentRow
from adapters.stores.historian.day.rows import Row, read_rows
from adapters.stores.historian.folder import day_of
from adapters.stores.historian.packing.block import FLAGS, ORDER, POINT, TIME, decode
from adapters.stores.historian.packing.columns import PackedError

OLD_SEGMENTS: Final = """
SELECT segment, first_entry, last_entry, first_time, last_time FROM segment
WHERE segment BETWEEN ? AND ? ORDER BY segment
"""
OLD_HEAD: Final = "SELECT entry, time, count, samples FROM head WHERE entry BETWEEN ? AND ? ORDER BY entry"
OLD_PAGES: Final = "SELECT page FROM page WHERE page BETWEEN ? AND ? ORDER BY page"

_FLAG_BITS: Final = 25
_MOST_HEAD: Final = 1 << 31


def segment_of(row: Row, day: int) -> SegmentRow | None:
    """Return the bounds of a segment; None if they are implausible. The old format has no numbers of entries."""
    if not all(isinstance(field, int) for field in row):
        return None
    segment, first_entry, last_entry, first_time, last_time = row
    if first_entry > last_entry or first_time > last_time or {day_of(first_entry), day_of(last_entry)} != {day}:
        return None
    return SegmentRow(segment, segment, segment, first_entry, last_entry, first_time, last_time, 0)


def head_of(database: sqlite3.Connection, day: int, before: int) -> Iterator[HeadRow]:
    """Yield the plausible rows of the head, numbered after `before`."""
    for row in read_rows(database, OLD_HEAD, 1, _MOST_HEAD):
        entry, time, count, samples = row
        if not (isinstance(time, int) and isinstance(count, int) and isinstance(samples, bytes | None)):
            continue
        if day_of(time) == day and _is_head_plausible(count, samples):
            yield HeadRow(before + entry, time, count, samples)


def _is_head_plausible(count: int, samples: bytes | None) -> bool:
    if samples is None:
        return count == START_COUNT
    try:
        rows = decode(samples)
    except PackedError:
        return False
    in_order = np.array_equal(rows[ORDER], np.arange(rows.shape[1]))
    return rows.shape[1] == count > 0 and in_order and _are_fields_plausible(rows)


def are_entries_plausible(entries: NDArray[np.int64], segment: SegmentRow) -> bool:
    """Tell whether times and counts can belong to the entries of a segment."""
    if len(entries) != 2 or entries.shape[1] == 0:
        return False
    time, count = entries
    covered = (time.min(), time.max()) == (segment.first_entry, segment.last_entry)
    return bool(covered and (count >= START_COUNT).all() and (count != 0).all())


def is_page_plausible(rows: NDArray[np.int64], segment: SegmentRow, samples: int) -> bool:
    """Tell whether samples can belong to a page of a segment with `samples` samples."""
    if rows.shape[1] == 0:
        return True
    time, order = rows[TIME], rows[ORDER]
    in_time = segment.first_time <= time.min() and time.max() <= segment.last_time
    return bool(in_time and order.min() >= 0 and order.max() < samples and _are_fields_plausible(rows))


def _are_fields_plausible(rows: NDArray[np.int64]) -> bool:
    flags = rows[FLAGS]
    return bool((rows[POINT] > 0).all() and (flags >= 0).all() and (flags < 1 << _FLAG_BITS).all())
