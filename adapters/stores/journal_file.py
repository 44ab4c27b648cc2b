"""Locks and opens the file of a journal for writing."""

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import IO

from adapters.stores.journal_schema import (
    INDEXES,
    JournalError,
    JournalLockedError,
    check_schema,
    create_schema,
    state_format,
    state_mine,
)
from adapters.stores.pending import SCHEMA
from adapters.stores.sqlite_files import open_to_read
from adapters.stores.sqlite_reasons import is_damage, reason_of_sqlite
from plant import Message, reason_of


def lock_journal(path: Path) -> IO[str]:
    """Return the open lock file of a journal; raise JournalLockedError if another process holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("a+")
    except OSError as error:
        raise JournalError(Message("{path}: {reason}", path=path, reason=reason_of(error))) from error
    # The kernel releases flock with the process. The pid in the file only serves the message below, so "a+" opens it
    # without truncating the holder's pid.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise JournalLockedError(Message("{path}: process {holder} is writing it", path=path, holder=holder)) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def is_blank(path: Path) -> bool:
    """Tell whether a file is a database without any table: nothing was written, or its write-ahead log is missing."""
    try:
        with closing(open_to_read(path)) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0)
    except sqlite3.Error:
        return False


def set_journal_aside(path: Path) -> Path:
    """Rename a journal that cannot be written on, with its write-ahead log, and return the new path.

    The caller holds the lock of the journal.

    Raises
    ------
    JournalError
        It cannot be renamed.

    """
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    try:
        # The log goes first: a kill in between then leaves no journal that lacks its newest records.
        for companion in ("-wal", ""):
            if (source := path.with_name(path.name + companion)).exists():
                source.rename(aside.with_name(aside.name + companion))
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(Message("{path}: {reason}", path=path, reason=reason_of(error))) from error
    return aside


def open_journal_file(path: Path, mine: str | None = None) -> sqlite3.Connection:
    """Return a connection for writing, with all tables and the mine stated; raise JournalError for any other file."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise JournalError(Message("{path}: {reason}", path=path, reason=reason_of_sqlite(error))) from error
    try:
        create_schema(connection)
        check_schema(connection, path)
        state_format(connection)
        connection.executescript(SCHEMA)
        _add_indexes(connection)
        if mine is not None:
            state_mine(connection, mine)
        # With FULL every commit flushes the WAL, so an acknowledged record survives a power loss.
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        connection.close()
        raise JournalError(Message("{path}: {reason}", path=path, reason=reason_of_sqlite(error))) from error
    except JournalError:
        connection.close()
        raise
    return connection


def _add_indexes(connection: sqlite3.Connection) -> None:
    try:
        connection.executescript(INDEXES)
    except sqlite3.DatabaseError as error:
        # A page with old records that is damaged keeps SQLite from making an index; the journal goes on without it.
        if not is_damage(error):
            raise
