"""The anchor in a day file: the head of the journal when the file was last written."""

import sqlite3
from typing import Final

from adapters.stores.anchor import Anchor
from adapters.stores.checksum import OF_ANCHOR, checksum

_TABLE: Final = """CREATE TABLE IF NOT EXISTS anchor (
  anchor INTEGER PRIMARY KEY, number INTEGER NOT NULL, journal BLOB NOT NULL, hash BLOB NOT NULL,
  checksum INTEGER NOT NULL
)"""
_DIGEST: Final = 32


def write_anchor(database: sqlite3.Connection, day: int, anchor: Anchor) -> None:
    """Put an anchor in the place of the one before, within a transaction."""
    database.execute(_TABLE)
    row = (1, anchor.number, anchor.journal, anchor.digest, _checksum(day, anchor))
    database.execute("INSERT OR REPLACE INTO anchor VALUES (?, ?, ?, ?, ?)", row)


def read_anchor(database: sqlite3.Connection, day: int) -> Anchor | None:
    """Return the anchor of a day file; None if it has none, or a damaged one."""
    try:
        row = database.execute("SELECT number, journal, hash, checksum FROM anchor").fetchone()
    except sqlite3.DatabaseError:  # a file of an earlier version has no such table
        return None
    if (
        row is None
        or not isinstance(row[0], int)
        or any(not isinstance(part, bytes) or len(part) != _DIGEST for part in row[1:3])
    ):
        return None
    anchor = Anchor(row[1], row[0], row[2])
    return anchor if _checksum(day, anchor) == row[3] else None


def _checksum(day: int, anchor: Anchor) -> int:
    return checksum(OF_ANCHOR, (day, anchor.number), anchor.journal, anchor.digest)
