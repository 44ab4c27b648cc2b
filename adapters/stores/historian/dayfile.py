"""A day file: one SQLite database with the entries of the log that arrived on one day (UTC)."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from plant import NO_ARRIVAL
from plant.units import DAY

Synchronous = Literal["normal", "full"]

SUFFIX: Final = ".hist"
START: Final = -1
"""Instead of the number of samples of an entry: it is the start of a run, not an arrival batch."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORMAT: Final = 1
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
    """A day file was written by another version of the historian."""


def day_of(time: int) -> int:
    """Return the number of the day (UTC) of a time, from 1970-01-01."""
    return time // DAY


def path_of(folder: Path, day: int) -> Path:
    """Return the day file of a day."""
    return folder / f"{(_EPOCH + timedelta(days=day)).date().isoformat()}{SUFFIX}"


def day_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the days of which there is a file, oldest first."""
    found = []
    for path in folder.glob(f"????-??-??{SUFFIX}"):
        date = datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC)
        found.append(((date - _EPOCH).days, path))
    return sorted(found)


def remove(path: Path) -> None:
    """Delete a day file and what SQLite keeps beside it."""
    for companion in ("-wal", "-shm", ""):
        path.with_name(path.name + companion).unlink(missing_ok=True)


def rename(path: Path) -> Path:
    """Give a damaged day file a name that is no day's, and return it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    for companion in ("", "-wal"):
        if (source := path.with_name(path.name + companion)).exists():
            source.rename(aside.with_name(aside.name + companion))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


@contextmanager
def transaction(database: sqlite3.Connection, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
    """Do everything or nothing; one state of the file is seen throughout."""
    database.execute(f"BEGIN {kind}")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def open_to_write(path: Path, synchronous: Synchronous) -> sqlite3.Connection:
    """Open a day file, which is made where there is none."""
    database = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
    try:
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
    """Open a day file that another process may be writing; None where it is gone or has no entry yet.

    Raises
    ------
    HistoryFileError
        It cannot be read; the message names it.

    """
    database = _connect_to_read(path)
    if database is None:
        yield None
        return
    with closing(database):
        try:
            yield database if _has_tables(database, path) else None
        except sqlite3.DatabaseError as error:
            raise HistoryFileError(f"{path}: {error}") from error


def _has_tables(database: sqlite3.Connection, path: Path) -> bool:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in (0, _FORMAT):
        raise HistorianFormatError(f"{path}: expected format {_FORMAT}, found {version}")
    return bool(version == _FORMAT)


def _connect_to_read(path: Path) -> sqlite3.Connection | None:
    try:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.OperationalError as error:
        if path.exists():
            raise HistoryFileError(f"{path}: {error}") from error
        return None


def number_points(database: sqlite3.Connection, ids: Iterable[str]) -> NDArray[np.int64]:
    """Return the numbers of points in a file; those that are new to it get one."""
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT OR IGNORE INTO point (id) VALUES (?)", ((point,) for point in ids))
    numbers = dict(database.execute("SELECT id, number FROM point"))
    return np.array([numbers[point] for point in ids], dtype=np.int64)


def last_entry(database: sqlite3.Connection) -> int:
    """Return the time of the last entry, NO_ARRIVAL where there is none. [ns, UTC]."""
    query = "SELECT max(time) FROM (SELECT max(time) AS time FROM head UNION ALL SELECT max(last_entry) FROM segment)"
    (time,) = database.execute(query).fetchone()
    return NO_ARRIVAL if time is None else int(time)


def head_size(database: sqlite3.Connection) -> tuple[int, int]:
    """Return the numbers of entries and of samples in the head."""
    entries, samples = database.execute("SELECT count(*), total(max(count, 0)) FROM head").fetchone()
    return entries, int(samples)


Entry = tuple[int, int, bytes | None]
"""Time, number of samples or START, block."""


def append(database: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Write entries, all or none."""
    with transaction(database, "IMMEDIATE"):
        database.executemany("INSERT INTO head (time, count, samples) VALUES (?, ?, ?)", entries)
