"""A segment: a part of the log, rearranged into pages of few points each, so that one point can be read quickly."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.block import ORDER, POINT, TIME, decode, encode
from adapters.stores.historian.columns import pack, unpack
from adapters.stores.historian.dayfile import transaction

# Small pages read one point quickly; large pages compress better. Pages are cut between points only.
_PAGE_ROWS: Final = 2048
PAGE_STRIDE: Final = 1 << 24
"""The number of a page is segment * PAGE_STRIDE + the number of the page's first point."""

# The page of a point is the last one whose first point is not greater: the subquery walks the primary key down from
# the point's number and stops at the first page. The segment may lack the point; then the page has no rows of it.
PAGES_OF_POINT: Final = """
SELECT entries, (SELECT samples FROM page
                 WHERE page BETWEEN segment * :stride AND segment * :stride + :number
                 ORDER BY page DESC LIMIT 1)
FROM segment WHERE last_time >= :start AND first_time < :end ORDER BY segment
"""
"""The page of each segment that would hold a point, with the entries of the segment."""


def compact(database: sqlite3.Connection) -> None:
    """Turn the head into a segment, in one transaction."""
    head = database.execute("SELECT time, count, samples FROM head ORDER BY entry").fetchall()
    if not head:
        return
    rows = joined([block for _, _, block in head if block is not None])
    entries = np.array([(time, count) for time, count, _ in head], dtype=np.int64).T
    # A head with starts alone has no source times; its entry times stand in, as the columns must not be NULL.
    times = rows[TIME] if rows.shape[1] else entries[0]
    with transaction(database, "IMMEDIATE"):
        segment = database.execute(
            "INSERT INTO segment (first_entry, last_entry, first_time, last_time, entries) VALUES (?, ?, ?, ?, ?)",
            (int(entries[0].min()), int(entries[0].max()), int(times.min()), int(times.max()), _squeeze(pack(entries))),
        ).lastrowid
        database.executemany("INSERT INTO page (page, samples) VALUES (?, ?)", _pages(segment or 0, rows))
        database.execute("DELETE FROM head")


def joined(blocks: Iterable[bytes]) -> NDArray[np.int64]:
    """Return the samples of the blocks of a head, with their places in the log counted from its first sample."""
    matrices = [decode(block) for block in blocks]
    rows = np.concatenate([np.empty((5, 0), dtype=np.int64), *matrices], axis=1)
    rows[ORDER] = np.arange(rows.shape[1])
    return rows


def rows_of(page: bytes, *point: int) -> NDArray[np.int64]:
    """Return the samples of a page; with a point, only its samples."""
    return decode(zlib.decompress(page), *point)


def entries_of(entries: bytes) -> NDArray[np.int64]:
    """Return a (2, n) matrix with the time, and the number of samples or START, of each entry of a segment."""
    return unpack(np.frombuffer(zlib.decompress(entries), np.uint8))


def _squeeze(packed: NDArray[np.uint8]) -> bytes:
    return zlib.compress(packed.tobytes(), 1)


def _pages(segment: int, rows: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    """Sort rows by point, and cut them into pages between points, about every _PAGE_ROWS rows."""
    by_point = np.argsort(rows[POINT], kind="stable")
    points = rows[POINT, by_point]
    # `begins` is the first row of each point; a page starts at the first of them in every stretch of _PAGE_ROWS rows.
    begins = np.flatnonzero(np.diff(points, prepend=-1))
    cuts = begins[np.flatnonzero(np.diff(begins // _PAGE_ROWS, prepend=-1))].tolist()
    for begin, end in pairwise([*cuts, len(points)]):
        page = rows.take(by_point[begin:end], axis=1)
        yield segment * PAGE_STRIDE + int(points[begin]), zlib.compress(encode(page), 1)
