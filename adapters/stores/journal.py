"""The journal: the append-only record of events and decisions, on disk before anything acts on them."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Self

from adapters.stores.anchor import Anchor
from adapters.stores.journal_file import lock_journal, open_journal_file
from adapters.stores.journal_reader import JournalReader
from adapters.stores.journal_schema import (
    JournalBrokenError,
    JournalError,
    JournalFullError,
    JournalWriteError,
    chained,
    state_earlier,
)
from adapters.stores.pending import Handover, PendingWriter
from adapters.stores.sqlite_reasons import reason_of_sqlite
from alarms import Record
from plant import Message, message_of

GROUP: Final = 1000
"""Number of records after which a transaction takes no further unit, so that a backlog is committed piece by piece."""

RETRY: Final = 1.0
"""Time between a failed write and the next attempt, unless an append comes first. [s]"""

INSERT: Final = "INSERT INTO record (number, time, kind, body, hash) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class _Unit:
    """The records of one append; a transaction contains all of them or none."""

    last: int
    rows: tuple[tuple[int, int, str, str], ...]
    handover: Handover | None
    future: Future[int]


class Journal(JournalReader):
    """A journal opened for writing: one file, one process, one thread that writes.

    Parameters
    ----------
    path : Path
        The file; created if it does not exist.
    mine : str or None
        Id of the mine whose journal it is, to be stated in the file.
    earlier : callable or None
        Returns the identities of the journals that this one succeeds; a journal without records states them.
    max_pages : int or None
        Largest size of the file, in pages of 4096 bytes; it may be changed at any time.

    Raises
    ------
    JournalLockedError
        Another process writes the journal.
    JournalBrokenError
        One of the last records was altered or removed; new records after it would hide that.
    JournalError
        The file cannot be opened, or is not a journal.

    """

    def __init__(
        self,
        path: Path,
        *,
        mine: str | None = None,
        earlier: Callable[[], Iterable[bytes]] | None = None,
        max_pages: int | None = None,
    ) -> None:
        self.max_pages = max_pages
        # The lock comes first: creating the schema and verifying the tail need a file that nobody else writes.
        self._lock: Final = lock_journal(path)
        try:
            self._connection: Final = open_journal_file(path, mine)
            try:
                super().__init__(path)
                self._number, self._hash = self._checked()
                self._first = self.identity()
                if self._number == 0 and earlier is not None:
                    state_earlier(self._connection, earlier())
                self._anchor = Anchor(self._first, self._number, self._hash) if self._number else None
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            self._lock.close()
            raise
        # `_turn` guards `_arrived`, `_closed` and `_number`, which the callers and the writer thread share. Only the
        # writer touches `_units` and `_hash`, so it holds no lock while it waits for the disk, and append never blocks.
        self._turn: Final = Condition()
        self._arrived: Final[deque[_Unit]] = deque()
        self._closed = False
        self._written = self._number
        self._units: Final[deque[_Unit]] = deque()
        self._pending: Final = PendingWriter()
        self._failure: JournalWriteError | None = None
        self._thread: Final = Thread(target=self._run, name=f"journal {path.name}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def failure(self) -> JournalWriteError | None:
        """Why the last attempt to write failed; None after a success."""
        return self._failure

    @property
    def waiting(self) -> int:
        """Number of records that are not on disk yet."""
        return self._number - self._written

    @property
    def anchor(self) -> Anchor | None:
        """The head on disk, for other places to keep; None without records."""
        return self._anchor

    def append(self, records: Sequence[Record], handover: Handover | None = None) -> Future[int]:
        """Append records, all or none; the future returns the number of the last record when they are on disk.

        If the future raises JournalWriteError, the records are not on disk *yet*. The journal keeps them and writes
        them before any later record, as soon as it can. Without records, the future is done when all earlier records
        are on disk.
        The same transaction carries out the handover: log entries that the history does not hold yet.

        Raises
        ------
        ValueError
            The records do not follow the last one.
        JournalError
            The journal was closed.

        """
        rows = tuple((record.number, record.time, record.kind, record.text()) for record in records)
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        with self._turn:
            if self._closed:
                raise JournalError(Message("{path}: the journal is closed", path=self.path))
            last = self._number + len(rows)
            numbers = [row[0] for row in rows]
            if numbers != list(range(self._number + 1, last + 1)):
                raise ValueError(f"{self.path}: expected records from {self._number + 1} on, found {numbers[:3]}")
            self._number = last
            self._arrived.append(_Unit(last, rows, handover, future))
            self._turn.notify()
        return future

    def close(self) -> None:
        """Write the remaining records and end.

        Raises
        ------
        JournalWriteError
            Some records could not be written; they are lost with this process.

        """
        with self._turn:
            self._closed = True
            self._turn.notify()
        # The thread closes the database as its last act; only then may another process take the lock.
        self._thread.join()
        self._lock.close()
        lost = [row[0] for unit in self._units for row in unit.rows]
        self._units.clear()
        if lost:
            message = Message(
                "{path}: records {first} to {last} were not written: {reason}",
                path=self.path,
                first=lost[0],
                last=lost[-1],
                reason=Message("unknown") if self._failure is None else message_of(self._failure),
            )
            raise JournalWriteError(message)

    def _checked(self) -> tuple[int, bytes]:
        number, digest = self.head()
        broken = self.broken_at_end()
        if broken is not None:
            raise JournalBrokenError(self.path, broken)
        return number, bytes.fromhex(digest)

    def _run(self) -> None:
        try:
            self._write_until_closed()
        finally:
            # An unexpected error ends the writer as well: then every future fails, and append refuses.
            with self._turn:
                self._closed = True
                self._units.extend(self._arrived)
                self._arrived.clear()
            if any(not unit.future.done() for unit in self._units):
                self._fail(Message("the writer has ended"), JournalWriteError)
            self._connection.close()

    def _write_until_closed(self) -> None:
        closed = False
        while not closed:
            with self._turn:
                # Units that failed stay in `_units`; the time-out tries them again even if nothing new arrives.
                self._turn.wait_for(lambda: self._arrived or self._closed, RETRY if self._units else None)
                self._units.extend(self._arrived)
                self._arrived.clear()
                closed = self._closed
            while self._units and self._write_group():
                pass

    def _write_group(self) -> bool:
        """Write the first units in one transaction; return True if they are on disk."""
        group = self._next_group()
        try:
            self._commit(group)
        except sqlite3.Error as error:
            self._fail_by(error)
            return False
        self._failure = None
        self._written = group[-1].last
        for unit in group:
            self._units.popleft()
            # The future of a unit that succeeds at a later attempt has already raised the first failure.
            if not unit.future.done():
                unit.future.set_result(unit.last)
        return True

    def _fail_by(self, error: sqlite3.Error) -> None:
        # SQLITE_FULL means a full disk as well as a file at `max_pages`.
        reason = reason_of_sqlite(error)
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            self._fail(Message("no room for new records: {reason}", reason=reason), JournalFullError)
        else:
            self._fail(Message("cannot write new records: {reason}", reason=reason), JournalWriteError)

    def _next_group(self) -> list[_Unit]:
        """Return the first units, up to the one that reaches GROUP records."""
        group, length = [], 0
        for unit in self._units:
            group.append(unit)
            length += len(unit.rows)
            if length >= GROUP:
                break
        return group

    def _commit(self, group: Sequence[_Unit]) -> None:
        rows, before = [], self._hash
        for row in (row for unit in group for row in unit.rows):
            before = chained(before, *row)
            rows.append((*row, before))
        # SQLite forgets max_page_count with the connection, and the caller may have changed it.
        if self.max_pages is not None:
            self._connection.execute(f"PRAGMA max_page_count = {self.max_pages:d}")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(INSERT, rows)
            for unit in group:
                if unit.handover is not None:
                    self._pending.write(self._connection, unit.handover)
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        # The chain advances only after the commit: a failed group is hashed again from the same place.
        self._hash = before
        if rows:
            self._first = rows[0][-1] if rows[0][0] == 1 else self._first
            self._anchor = Anchor(self._first, rows[-1][0], before)

    def _fail(self, reason: Message, kind: type[JournalWriteError]) -> None:
        message = Message("{path}: {reason}", path=self.path, reason=reason)
        self._failure = kind(message)
        for unit in self._units:
            if not unit.future.done():
                unit.future.set_exception(kind(message))
