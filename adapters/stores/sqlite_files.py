"""Opens SQLite files for reading, also in a folder that nobody may write, and away from their write-ahead log."""

import shutil
import sqlite3
import weakref
from contextlib import closing, suppress
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import Final

from adapters.stores.sqlite_reasons import code_of

_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_WAL: Final = "-wal"


class ReadableFile:
    """A database that is read, from any thread; another process may be writing it.

    The newest transactions are in the write-ahead log, which SQLite reads only where it may write. In a folder where it
    may not, a copy is read: one for the life of this object, as long as the database does not change.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._log: Final = path.with_name(path.name + _WAL)
        self._lock: Final = Lock()
        self._copied: _Copy | None = None

    def connect(self) -> sqlite3.Connection:
        """Open a connection.

        Raises
        ------
        OSError, sqlite3.Error
            There is no such file, or it is out of reach; or it cannot be copied.

        """
        connection = _connect(self._path, "mode=ro")
        try:
            # SQLite touches the file only now. A damaged file is the business of whoever reads it.
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.Error as error:
            if code_of(error) not in _UNWRITABLE or not self._path.is_file():
                return connection
            connection.close()
            return self._without_writing()
        return connection

    def _without_writing(self) -> sqlite3.Connection:
        """Connect to a file in a folder where SQLite cannot make its index of the write-ahead log."""
        if not self._log.is_file() or self._log.stat().st_size == 0:
            # No process writes a database without a log, so it does not change while it is read.
            return _connect(self._path, "immutable=1")
        with self._lock:
            state = _state(self._path), _state(self._log)
            if self._copied is None or self._copied.state != state:
                self._copied = _Copy(self._path, self._log, state)
            return self._copied.connect()


class _Copy:
    """A copy of a database with its log, deleted with the object; open connections keep its files."""

    def __init__(self, path: Path, log: Path, state: tuple[tuple[int, ...], ...]) -> None:
        self.state: Final = state
        folder = mkdtemp(prefix="hazwatch-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._path: Final = Path(folder) / path.name
        shutil.copyfile(path, self._path)
        shutil.copyfile(log, self._path.with_name(log.name))
        copy = sqlite3.connect(self._path, isolation_level=None)
        with closing(copy) as connection, suppress(sqlite3.DatabaseError):
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = 1")
        return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a database once, as `ReadableFile` does."""
    return ReadableFile(path).connect()


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes with a file."""
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _connect(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
