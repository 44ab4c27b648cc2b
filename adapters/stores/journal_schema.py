"""The file format of a journal: its tables, its chain of hashes, and its errors."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from alarms import FORMAT_VERSION
from plant import Message

APPLICATION: Final = 0x485A4A31
"""PRAGMA application_id of a journal: "HZJ1"."""

NO_HASH: Final = bytes(32)
"""The hash before the first record."""

# The chain of hashes:  hash(n) = SHA-256( hash(n-1) | number | time | kind | body ), so whoever alters a record must
# alter all later ones. The triggers guard against slips of a program; the chain shows what a person did.
# SQLite stores the comments inside the statement in the file, so they are part of the format.
JOURNAL_SCHEMA: Final = """
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

# The indexes hold few kinds, so most records cost them nothing. Journals of earlier versions get them when they are
# opened for writing; without them everything is found, only later.
INDEXES: Final = """
CREATE INDEX IF NOT EXISTS adoption_by_kind ON record (kind) WHERE kind IN ('rules', 'presentation');
CREATE INDEX IF NOT EXISTS event_by_time ON record (
  CASE WHEN json_valid(body) THEN json_extract(body, '$.time') END
) WHERE kind IN ('event', 'retrospective');
"""


class JournalError(Exception):
    """The journal cannot be opened, read or written."""


class JournalLockedError(JournalError):
    """Another process writes the journal."""


class JournalBrokenError(JournalError):
    """A record of the journal was altered, removed or moved."""

    def __init__(self, path: Path, number: int) -> None:
        super().__init__(
            Message(
                "{path}: broken at record {number}; keep the file as evidence and begin another one",
                path=path,
                number=number,
            )
        )
        self.number: Final = number


class JournalWriteError(JournalError):
    """Records are not on disk yet; the journal keeps them and writes them before any later one."""


class JournalFullError(JournalWriteError):
    """Records are not on disk yet, because the disk or the file is full."""


def chained(before: bytes, number: int, time: int, kind: str, body: str) -> bytes:
    """Return the hash of a record, which covers all records before it."""
    return sha256(before + f"{number}|{time}|{kind}|{body}".encode()).digest()


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalError unless the file is a journal of this format or of an older one."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise JournalError(Message("{path}: expected a journal; found another database", path=path))
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if not 1 <= version <= FORMAT_VERSION:
        raise JournalError(
            Message(
                "{path}: the journal has format {version}, and this version of Hazwatch reads formats up to {known}; "
                "run the version that wrote it, or begin another data folder",
                path=path,
                version=version,
                known=FORMAT_VERSION,
            )
        )


def state_format(connection: sqlite3.Connection) -> None:
    """State the present format in a journal that is opened for writing, so that an older Hazwatch refuses it."""
    # Records of an older format stay as they are: formats only ever add entries.
    if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT_VERSION:
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


# Outside of the chain, because the records of earlier versions do not say it; a run states it where nobody did.
MINE: Final = "CREATE TABLE IF NOT EXISTS mine (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL) STRICT"


def stated_mine(connection: sqlite3.Connection) -> str | None:
    """Return the id of the mine whose journal it is; None if no run has stated it yet."""
    with suppress(sqlite3.OperationalError):  # a journal of an earlier version has no such table
        row = connection.execute("SELECT id FROM mine").fetchone()
        return None if row is None else str(row[0])
    return None


def state_mine(connection: sqlite3.Connection, mine: str) -> None:
    """State the mine whose journal it is."""
    if stated_mine(connection) != mine:
        connection.execute(MINE)
        connection.execute("INSERT OR REPLACE INTO mine VALUES (1, ?)", (mine,))


# Outside of the chain for the same reason. Other files of the folder keep anchors of these journals.
EARLIER: Final = "CREATE TABLE IF NOT EXISTS earlier (journal BLOB PRIMARY KEY) STRICT"


def stated_earlier(connection: sqlite3.Connection) -> frozenset[bytes]:
    """Return the identities of the journals that this one succeeds; none if they cannot be read."""
    try:
        return frozenset(bytes(journal) for (journal,) in connection.execute("SELECT journal FROM earlier"))
    except sqlite3.DatabaseError:  # only a journal that succeeds others has the table
        return frozenset()


def state_earlier(connection: sqlite3.Connection, journals: Iterable[bytes]) -> None:
    """State the journals that this one succeeds."""
    known = set(journals) - {NO_HASH}
    if known:
        connection.execute(EARLIER)
        connection.executemany("INSERT OR IGNORE INTO earlier VALUES (?)", [(journal,) for journal in sorted(known)])


def create_schema(connection: sqlite3.Connection) -> None:
    """Turn an empty database into a journal that states the format of its records; leave any other unchanged."""
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        stamp = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"
        connection.executescript(JOURNAL_SCHEMA + stamp)
