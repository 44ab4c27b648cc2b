"""A day file: one SQLite database with the log entries that arrived on one day (UTC)."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from adapters.stores.sqlite_reasons import reason_of_sqlite
from plant import NO_ARRIVAL, Message
from plant.units import DAY

Synchronous = Literal["normal", "full"]

SUFFIX: Final = ".hist"
START_COUNT: Final = -1
"""The count of an entry that is the start of a run instead of an arrival batch."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORMAT: Final = 1
# point    numbers of the points in this file; all other tables use them
# head     the newest entries, one block per arrival batch; cheap to append to
# segment  older entries, 256 or half a million samples at a time; `entries` packs their times and counts
# page     the samples of a segment, sorted by point: page = segment * 2^24 + number of the page's first point
#
#   time ->   | segment 1       | segment 2       | head           |
#             | page | page | … | page | page | … | block | block … |
#
# user_version is set last in the same transaction, so a file with the version has all tables.
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE point (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE head (entry INTEGER PRIMARY KEY, time INTEGER NOT NULL, count INTEGER NOT NULL, samples BLOB);
CREATE TABLE segment (
  segment INTEGER PRIMARY KEY, first_entry INTEGER NOT NULL, last_entry INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, entries BLOB NOT NULL
);
CREATE TABLE page (page INTEGER PRIMARY KEY, samples BLOB NOT NULL);
PRAGMA user_version = {_FORMAT};
COMMIT;
"""


class HistoryFileError(Exception):
    """A day file cannot be read."""


class HistorianFormatError(Exception):
    """Another version of the historian wrote the day file."""


def day_of(time: int) -> int:
    """Return the number of days from 1970-01-01 to the day (UTC) of a time."""
    return time // DAY


def path_of(folder: Path, day: int) -> Path:
    """Return the day file of a day."""
    return folder / f"{(_EPOCH + timedelta(days=day)).date().isoformat()}{SUFFIX}"


def day_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the days that have a file, with their files, oldest first."""
    days = []
    for path in folder.glob(f"????-??-??{SUFFIX}"):
        date = datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC)
        days.append(((date - _EPOCH).days, path))
    return sorted(days)


def remove(path: Path) -> None:
    """Delete a day file and SQLite's files beside it."""
    # The day file goes last: after a crash between the deletions the day is still listed, and is deleted again.
    for companion in ("-wal", "-shm", ""):
        path.with_name(path.name + companion).unlink(missing_ok=True)


def rename(path: Path) -> Path:
    """Rename a damaged day file so that it is no day file any more, and return the new path."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    for companion in ("", "-wal"):
        # The WAL may hold committed entries, so it keeps its name beside the file.
        if (source := path.with_name(path.name + companion)).exists():
            source.rename(aside.with_name(aside.name + companion))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


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


def open_to_write(path: Path, synchronous: Synchronous) -> sqlite3.Connection:
    """Open a day file for writing; create it if it does not exist."""
    # isolation_level=None turns off the implicit transactions of the sqlite3 module; `transaction` is explicit.
    database = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
    try:
        # The page size can only be set before the first table; WAL lets readers read while the writer writes.
        database.execute("PRAGMA page_size = 8192")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        if not _has_tables(database, path):
            database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def open_to_read(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a day file that another process may be writing; yield None if it is gone or has no tables yet.

    Raises
    ------
    HistoryFileError
        The file cannot be read; the message names it.

    """
    database = _connect_to_read(path)
    if database is None:
        yield None
        return
    with closing(database):
        try:
            yield database if _has_tables(database, path) else None
        except sqlite3.DatabaseError as error:
            raise HistoryFileError(_message(path, error)) from error


def _has_tables(database: sqlite3.Connection, path: Path) -> bool:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in (0, _FORMAT):
        message = Message(
            "{path}: expected format {expected}; found format {version}", path=path, expected=_FORMAT, version=version
        )
        raise HistorianFormatError(message)
    return bool(version == _FORMAT)


def _message(path: Path, error: sqlite3.Error) -> Message:
    return Message("{path}: {reason}", path=path, reason=reason_of_sqlite(error))


def _connect_to_read(path: Path) -> sqlite3.Connection | None:
    try:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.OperationalError as error:
        if path.exists():
            raise HistoryFileError(_message(path, error)) from error
        return None


def number_points(database: sqlite3.Connection, ids: Iterable[str]) -> NDArray[np.int64]:
    """Return the numbers of points in a day file, after numbering the points that are new to it."""
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT OR IGNORE INTO point (id) VALUES (?)", ((point,) for point in ids))
    numbers = dict(database.execute("SELECT id, number FROM point"))
    return np.array([numbers[point] for point in ids], dtype=np.int64)


def last_entry(database: sqlite3.Connection) -> int:
    """Return the time of the last entry; NO_ARRIVAL if the file has none. [ns, UTC]."""
    query = "SELECT max(time) FROM (SELECT max(time) AS time FROM head UNION ALL SELECT max(last_entry) FROM segment)"
    (time,) = database.execute(query).fetchone()
    return NO_ARRIVAL if time is None else int(time)


def head_size(database: sqlite3.Connection) -> tuple[int, int]:
    """Return the numbers of entries and of samples in the head."""
    entries, samples = database.execute("SELECT count(*), total(max(count, 0)) FROM head").fetchone()
    return entries, int(samples)


StoredEntry = tuple[int, int, bytes | None]
"""Time; number of samples or START; block, None for a START."""


def append(database: sqlite3.Connection, entries: Sequence[StoredEntry]) -> None:
    """Append entries to the head, all or none."""
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT INTO head (time, count, samples) VALUES (?, ?, ?)", entries)
