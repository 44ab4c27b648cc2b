"""Adds checksums to a day file of the old format, so that the present historian can continue it."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from adapters.stores.historian.damage import DamagedError
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.database import make_tables, transaction, write_tail
from adapters.stores.historian.day.records import HeadRow, SegmentRow, Tail, point_checksum
from adapters.stores.historian.day.segment import Page, insert_segment
from adapters.stores.historian.day.segment_content import PAGE_STRIDE, entries_of
from adapters.stores.historian.folder import DayFile
from plant import NO_ARRIVAL, Message

_OLD: Final = ("point", "head", "segment")


def upgrade(database: sqlite3.Connection, file: DayFile, content: DayContent) -> None:
    """Add the checksums of all contents of a file, in one transaction.

    Pages, which are most of the file, stay unchanged and unchecked: their checksums protect them from now on, but do
    not vouch for the past.

    Raises
    ------
    DamagedError
        A part of the file cannot be read.

    """
    with transaction(database, "IMMEDIATE"):
        names = content.names()
        content.load()
        entries = [(row, _entries(database, row)) for row in content.segments]
        # Only small tables are copied. A column that ALTER TABLE adds would stand behind the blobs of the old rows.
        for table in _OLD:
            database.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
        make_tables(database)
        database.executemany(
            "INSERT INTO point VALUES (?, ?, ?)",
            [(number, name, point_checksum(file.day, number, name.encode())) for number, name in names.items()],
        )
        number = _copy_segments(database, file.day, entries)
        rows = [row._replace(number=number + place) for place, row in enumerate(content.head, start=1)]
        database.executemany(
            "INSERT INTO head VALUES (?, ?, ?, ?, ?)", [(*row, row.checksum(file.day)) for row in rows]
        )
        write_tail(database, file.day, _tail(content.segments, rows, number, len(names)))
        for table in _OLD:
            database.execute(f"DROP TABLE {table}_before")


def _tail(segments: list[SegmentRow], head: list[HeadRow], before: int, points: int) -> Tail:
    times = [*(row.last_entry for row in segments), *(row.time for row in head)]
    return Tail(max(times, default=NO_ARRIVAL), before + len(head), len(segments), points)


def _copy_segments(database: sqlite3.Connection, day: int, segments: list[tuple[SegmentRow, bytes]]) -> int:
    """Copy the rows of segments; return the number of their last entry."""
    number = 0
    for row, entries in segments:
        decoded = entries_of(entries)
        if decoded is None:
            raise DamagedError(Message("segment {segment} is damaged", segment=row.segment))
        last = number + decoded.shape[1]
        numbered = row._replace(first_number=number + 1, last_number=last)
        insert_segment(database, day, numbered, entries, _pages(database, row.segment))
        number = last
    return number


def _entries(database: sqlite3.Connection, row: SegmentRow) -> bytes:
    (entries,) = database.execute("SELECT entries FROM segment WHERE segment = ?", (row.segment,)).fetchone()
    if not isinstance(entries, bytes):
        raise DamagedError(Message("segment {segment} is damaged", segment=row.segment))
    return entries


def _pages(database: sqlite3.Connection, segment: int) -> Iterator[Page]:
    query = "SELECT page, samples FROM page WHERE page >= ? AND page < ? ORDER BY page"
    for number, samples in database.execute(query, (segment * PAGE_STRIDE, (segment + 1) * PAGE_STRIDE)):
        if not isinstance(samples, bytes):
            raise DamagedError(Message("segment {segment} is damaged", segment=segment))
        yield number, samples
