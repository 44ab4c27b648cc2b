"""Opens SQLite files for reading, also in a folder that nobody may write, and away from their write-ahead log."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

from adapters.stores.sqlite_reasons import code_of

_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_WAL: Final = "-wal"


def open_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a database that another process may be writing.

    Raises
    ------
    sqlite3.Error
        There is no such file, or it is out of reach.

    """
    connection = _connect(path, "mode=ro")
    try:
        # SQLite touches the file only now. A damaged file is the business of whoever reads it.
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        if code_of(error) not in _UNWRITABLE or not path.is_file():
            return connection
        connection.close()
        return _without_writing(path)
    return connection


def _without_writing(path: Path) -> sqlite3.Connection:
    """Connect to a file in a folder where SQLite cannot make its index of the write-ahead log."""
    log = path.with_name(path.name + _WAL)
    if not log.is_file() or log.stat().st_size == 0:
        # No process writes a database without a log, so it does not change while it is read.
        return _connect(path, "immutable=1")
    # The newest transactions are in the log, which SQLite reads only where it may write: in a copy. The open connection
    # keeps the files of the copy after their names are gone.
    with TemporaryDirectory(prefix="hazwatch-") as folder:
        copy = Path(folder) / path.name
        copyfile(path, copy)
        copyfile(log, copy.with_name(copy.name + _WAL))
        connection = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
        with suppress(sqlite3.DatabaseError):
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        connection.execute("PRAGMA query_only = 1")
    return connection


def _connect(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
