"""A day file: one SQLite database with the log entries that arrived on one day (UTC).

The format is written in two places of the file's header, so that one damaged bit does not make it a file of another
version.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from adapters.stores.anchor import Anchor
from adapters.stores.historian.day.anchors import write_anchor
from adapters.stores.historian.day.records import TAIL_KEY, HeadRow, Tail
from adapters.stores.sqlite_reasons import reason_of_sqlite
from plant import Message

Synchronous = Literal["normal", "full"]

# point    numbers of the points in this file; all other tables use them
# head     the newest entries, one block per arrival batch; cheap to append to. Its last row is the tail
# segment  older entries, 256 or half a million samples at a time; `entries` packs their times and counts, `pages` the
#          numbers and checksums of its pages
# page     the samples of a segment, sorted by point: page = segment * 2^24 + number of the page's first point
#
#   time ->   | segment 1       | segment 2       | head                  |
#             | page | page | … | page | page | … | block | block … | tail |
#
# Entries are numbered over the whole day without a gap, so a row that is lost leaves a gap.
NO_FORMAT: Final = 0
UNCHECKED: Final = 1
"""The format before checksums."""
CHECKED: Final = 2
_APPLICATION: Final = {0x48617A32: CHECKED}
"""PRAGMA application_id of each format: "Haz2"."""

PAGE_SIZE: Final = 8192
"""Size of SQLite's pages. [bytes]"""
MOST_BYTES: Final = 1 << 28
"""Largest row; a damaged length must not take all memory."""

_PAGE_TABLE: Final = "CREATE TABLE page (page INTEGER PRIMARY KEY, samples BLOB NOT NULL)"
TABLES: Final = (
    "CREATE TABLE point (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, checksum INTEGER NOT NULL)",
    """CREATE TABLE head (
      entry INTEGER PRIMARY KEY, time INTEGER NOT NULL, count INTEGER NOT NULL, samples BLOB, checksum INTEGER NOT NULL
    )""",
    # Integers stand before blobs: SQLite then reads them without the pages that a long blob fills.
    """CREATE TABLE segment (
      segment INTEGER PRIMARY KEY, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL,
      first_entry INTEGER NOT NULL, last_entry INTEGER NOT NULL,
      first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
      content INTEGER NOT NULL, checksum INTEGER NOT NULL, entries BLOB NOT NULL, pages BLOB NOT NULL
    )""",
)
"""The tables with checksums. The checksums of pages are in the list of pages of their segment."""


class HistoryFileError(Exception):
    """A day file cannot be reached."""


class HistorianFormatError(Exception):
    """Another version of the historian wrote the day file."""


def unreachable(path: Path, error: sqlite3.Error) -> HistoryFileError:
    """Return what to raise where SQLite cannot reach a day file."""
    return HistoryFileError(Message("{path}: {reason}", path=path, reason=reason_of_sqlite(error)))


@contextmanager
def transaction(database: sqlite3.Connection, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
    """Run the body as one transaction: all its writes or none, all its reads from one state of the file."""
    database.execute(f"BEGIN {kind}")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def open_to_write(path: Path, day: int, synchronous: Synchronous) -> sqlite3.Connection:
    """Open a day file for writing; create it if it does not exist."""
    # isolation_level=None turns off the implicit transactions of the sqlite3 module; `transaction` is explicit.
    database = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
    try:
        database.text_factory = bytes
        # The page size can only be set before the first table; WAL lets readers read while the writer writes.
        database.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        if format_of(database, path) == NO_FORMAT:
            with transaction(database, "IMMEDIATE"):
                database.execute(_PAGE_TABLE)
                make_tables(database)
                write_tail(database, day, Tail())
    except BaseException:
        database.close()
        raise
    return database


def make_tables(database: sqlite3.Connection) -> None:
    """Make the tables that have checksums, within a transaction, and write the format into the header."""
    for table in TABLES:
        database.execute(table)
    for application, version in _APPLICATION.items():
        database.execute(f"PRAGMA application_id = {application}")
        database.execute(f"PRAGMA user_version = {version}")


def format_of(database: sqlite3.Connection, path: Path) -> int:
    """Return the format of a day file, NO_FORMAT where it has no table yet.

    Raises
    ------
    HistorianFormatError
        Another version of the historian wrote it.

    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (application,) = database.execute("PRAGMA application_id").fetchone()
    if application in _APPLICATION:
        return _APPLICATION[application]
    if version in (UNCHECKED, CHECKED):
        return int(version)
    if application == 0:
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return UNCHECKED if tables else NO_FORMAT
    raise HistorianFormatError(
        Message(
            "{path}: expected format {expected}; found format {version}", path=path, expected=CHECKED, version=version
        )
    )


def write_tail(database: sqlite3.Connection, day: int, tail: Tail) -> None:
    """Put the tail in the place of the one before."""
    row = (TAIL_KEY, tail.time, tail.number, tail.counts, tail.checksum(day))
    database.execute("INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?)", row)


StoredEntry = tuple[int, int, bytes | None]
"""Time; number of samples or START_COUNT; block, None for a START_COUNT."""


def append(
    database: sqlite3.Connection, day: int, tail: Tail, entries: list[StoredEntry], anchor: Anchor | None = None
) -> Tail:
    """Write entries behind a tail, with a new anchor, all or none; return the new tail."""
    rows = [HeadRow(tail.number + place, *entry) for place, entry in enumerate(entries, start=1)]
    tail = tail._replace(time=max(tail.time, *(row.time for row in rows)), number=tail.number + len(rows))
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT INTO head VALUES (?, ?, ?, ?, ?)", [(*row, row.checksum(day)) for row in rows])
        write_tail(database, day, tail)
        if anchor is not None:
            write_anchor(database, day, anchor)
    return tail
