"""The file of a journal: its tables, its chain of hashes, and what can be wrong with it."""

import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Final

VERSION: Final = 1
"""PRAGMA user_version of the files that are written."""

APPLICATION: Final = 0x485A4A31
"""PRAGMA application_id of a journal: "HZJ1"."""

NO_HASH: Final = bytes(32)
"""What the chain begins with."""

SCHEMA: Final = """
PRAGMA journal_mode = WAL;
BEGIN EXCLUSIVE;
CREATE TABLE record (
  number INTEGER PRIMARY KEY AUTOINCREMENT,  -- sqlite_sequence remembers how many there were
  time   INTEGER NOT NULL,                   -- log time at which it was recorded, ns UTC
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,                      -- JSON; of an event its line of the event stream
  hash   BLOB NOT NULL                       -- SHA-256 of the hash before and number|time|kind|body
) STRICT;
CREATE INDEX record_by_time ON record (time);
CREATE TRIGGER record_follows BEFORE INSERT ON record
WHEN NEW.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM record)
BEGIN SELECT RAISE(ABORT, 'records follow each other without gaps'); END;
CREATE TRIGGER record_stays BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER record_remains BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""


class JournalError(Exception):
    """A journal that cannot be opened, read or written."""


class JournalLockedError(JournalError):
    """A journal that another process is writing."""


class JournalBrokenError(JournalError):
    """A journal in which a record was altered, removed or moved."""

    def __init__(self, path: Path, number: int) -> None:
        super().__init__(f"{path}: broken at record {number}; keep the file as evidence and begin another one")
        self.number: Final = number


class JournalWriteError(JournalError):
    """Records that are not on disk yet: they are kept and written before any later one."""


class JournalFullError(JournalWriteError):
    """The same, because there is no room."""


def chained(before: bytes, number: int, time: int, kind: str, body: str) -> bytes:
    """Return the hash of a record, which covers all the records before it."""
    return sha256(before + f"{number}|{time}|{kind}|{body}".encode()).digest()


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is no journal of the version that is known here."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise JournalError(f"{path}: expected a journal, found another database")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise JournalError(f"{path}: expected a journal of version {VERSION}, found version {version}")


def create_schema(connection: sqlite3.Connection) -> None:
    """Make a journal of an empty database; leave any other as it is."""
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        stamp = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
        connection.executescript(SCHEMA + stamp)
