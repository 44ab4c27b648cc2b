"""Connects to day files for reading, also in a folder that cannot be written, such as a backup."""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from adapters.stores.historian.day.database import MOST_BYTES, unreachable

_WAL: Final = "-wal"
_INDEX: Final = "-shm"


def connect_to_read(path: Path) -> sqlite3.Connection | None:
    """Connect to a day file that another process may be writing; None if it is gone.

    Raises
    ------
    HistoryFileError
        It cannot be opened now; the message names it.

    """
    try:
        # SQLite makes an index beside a file before it reads it, and cannot where the folder must not be written.
        if path.with_name(path.name + _INDEX).exists() or os.access(path.parent, os.W_OK, effective_ids=True):
            return _connected(path, "mode=ro")
        if _size(path.with_name(path.name + _WAL)):
            return _copied(path)
        return _connected(path, "immutable=1")
    except FileNotFoundError:
        return None
    except sqlite3.OperationalError as error:
        if path.exists():
            raise unreachable(path, error) from error
        return None


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None)
    database.text_factory = bytes  # a damaged text need not be UTF-8
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    return database


def _copied(path: Path) -> sqlite3.Connection:
    """Connect to a copy of a file and its write-ahead log, which has the newest entries."""
    with TemporaryDirectory(prefix="hazwatch-") as folder:
        copy = Path(folder) / path.name
        for suffix in ("", _WAL):
            shutil.copyfile(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        database = _connected(copy, "mode=rw")
        # SQLite opens the log with the first read; the connection keeps the files when the folder goes. A damage shows
        # again with the next read.
        with suppress(sqlite3.DatabaseError):
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return database


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
