"""A segment: a piece of the log, rearranged into pages of few points each, so that one point is read quickly."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.day.database import transaction, write_tail
from adapters.stores.historian.day.records import HeadRow, SegmentRow, Tail, content_checksum, page_checksum
from adapters.stores.historian.day.segment_content import PAGE_STRIDE
from adapters.stores.historian.packing.block import ORDER, POINT, TIME, decode, encode
from adapters.stores.historian.packing.columns import pack

_PAGE_ROWS: Final = 2048

Page = tuple[int, bytes]
"""Number and deflated block."""


def compact(database: sqlite3.Connection, day: int, tail: Tail, head: Sequence[HeadRow]) -> Tail:
    """Turn the head into a segment with the same entries, in pages of few points each, completely or not at all.

    Parameters
    ----------
    database : sqlite3.Connection
        The file, open for writing.
    day : int
        Of the file.
    tail : Tail
        Present tail of the file.
    head : sequence of HeadRow
        The complete and checked head.

    Returns
    -------
    Tail
        New tail of the file.

    """
    if not head:
        return tail
    rows = joined(row.samples for row in head if row.samples is not None)
    entries = np.array([(row.time, row.size) for row in head], dtype=np.int64).T
    # A head with starts alone has no source times; its entry times stand in, as the columns must not be NULL.
    times = rows[TIME] if rows.shape[1] else entries[0]
    pages = list(_pages(tail.segments + 1, rows))
    row = SegmentRow(
        segment=tail.segments + 1,
        first_number=head[0].number,
        last_number=head[-1].number,
        first_entry=int(entries[0].min()),
        last_entry=int(entries[0].max()),
        first_time=int(times.min()),
        last_time=int(times.max()),
        content=0,
    )
    tail = tail._replace(segments=row.segment)
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT INTO page (page, samples) VALUES (?, ?)", pages)
        insert_segment(database, day, row, zlib.compress(pack(entries).tobytes(), 1), pages)
        database.execute("DELETE FROM head")
        write_tail(database, day, tail)
    return tail


def insert_segment(
    database: sqlite3.Connection, day: int, row: SegmentRow, entries: bytes, pages: Iterable[Page]
) -> None:
    """Write the row of a segment, with the checksums of its pages, within a transaction."""
    checked = [(number, page_checksum(day, number, samples)) for number, samples in pages]
    listed = np.array(checked, dtype=np.int64).reshape(-1, 2).T.tobytes()
    row = row._replace(content=content_checksum(day, row.segment, entries, listed))
    query = "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    database.execute(query, (*row, row.checksum(day), entries, listed))


def joined(blocks: Iterable[bytes]) -> NDArray[np.int64]:
    """Return the samples of the blocks of a head, with their places in the log counted from its first sample."""
    matrices = [decode(block) for block in blocks]
    rows = np.concatenate([np.empty((5, 0), dtype=np.int64), *matrices], axis=1)
    rows[ORDER] = np.arange(rows.shape[1])
    return rows


def _pages(segment: int, rows: NDArray[np.int64]) -> Iterator[Page]:
    """Sort rows by point, and cut them into pages between points, about every _PAGE_ROWS rows."""
    by_point = np.argsort(rows[POINT], kind="stable")
    points = rows[POINT, by_point]
    # `begins` is the first row of each point; a page starts at the first of them in every stretch of _PAGE_ROWS rows.
    begins = np.flatnonzero(np.diff(points, prepend=-1))
    cuts = begins[np.flatnonzero(np.diff(begins // _PAGE_ROWS, prepend=-1))].tolist()
    for begin, end in pairwise([*cuts, len(points)]):
        page = rows.take(by_point[begin:end], axis=1)
        yield segment * PAGE_STRIDE + int(points[begin]), zlib.compress(encode(page), 1)
