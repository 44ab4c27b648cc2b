"""Writes the day files: opens the file of the day, compacts its head when due, and deletes old files."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.stores.anchor import Anchor
from adapters.stores.historian.damage import Damage, DamagedError
from adapters.stores.historian.day.anchors import write_anchor
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.database import (
    CHECKED,
    UNCHECKED,
    StoredEntry,
    Synchronous,
    append,
    format_of,
    open_to_write,
    transaction,
)
from adapters.stores.historian.day.points import number_points
from adapters.stores.historian.day.records import START_COUNT, Tail
from adapters.stores.historian.day.segment import compact
from adapters.stores.historian.day.upgrade import upgrade
from adapters.stores.historian.day.write_ahead import LOG_DAMAGED, is_log_damaged
from adapters.stores.historian.day_list import listed, write_list
from adapters.stores.historian.folder import DayFile, day_files, day_of, path_of, remove, set_aside
from adapters.stores.historian.packing.block import block_of
from plant import NO_ARRIVAL, Message, SampleBatch

_LOG: Final = logging.getLogger(__name__)

_HEAD_SAMPLES: Final = 1 << 19
"""Largest number of samples in a head; readers must scan all of it."""

_BROKEN: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Errors of SQLite that only a damaged file brings about: its schema and its keys are our own."""


_NOT_LISTED: Final = "not listed"


class LogEntry(Protocol):
    """An entry to write: an arrival batch, or the start of a run."""

    @property
    def time(self) -> int:
        """Arrival of the batch, or time of the start. [ns, UTC]."""

    @property
    def batch(self) -> SampleBatch | None:
        """None for a start."""


@dataclass(slots=True)
class _OpenDay:
    """The open day file, and the numbers of the points in it."""

    day: int
    database: sqlite3.Connection
    numbers: NDArray[np.int64]
    tail: Tail
    anchor: Anchor | None = None


AnchorOf = Callable[[], Anchor | None]
"""Returns the head of the journal on disk; None if there is none."""


class DayWriter:
    """The day files of a folder, open for writing; only one thread at a time may use it."""

    def __init__(
        self,
        folder: Path,
        ids: Sequence[str],
        *,
        retention_days: int | None,
        synchronous: Synchronous,
        longest_head: int,
        anchor: AnchorOf,
    ) -> None:
        if retention_days is not None and retention_days < 1:
            raise ValueError(Message("retention_days: expected 1 or more; found {days}", days=retention_days))
        self._folder: Final = folder
        self._ids: Final = tuple(ids)
        self._retention_days: Final = retention_days
        self._synchronous: Final = synchronous
        self._longest_head: Final = longest_head
        self._anchor: Final = anchor
        self._today: _OpenDay | None = None
        self._seals: Final = listed(folder)
        write_list(folder, self._seals)
        self._entries = self._samples = 0
        self.last: Final = self._find_last()

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Write entries of one day to disk, all or none."""
        today = self._turn_to(day_of(entries[0].time))
        rows = [_row(entry, today.numbers) for entry in entries]
        anchor = self._news(today)
        today.tail = append(today.database, today.day, today.tail, rows, anchor)
        today.anchor = anchor or today.anchor
        self._entries += len(entries)
        self._samples += sum(len(entry.batch) for entry in entries if entry.batch is not None)

    def compact_when_due(self) -> None:
        """Turn the head into a segment if it is long enough."""
        if self._entries >= self._longest_head or self._samples >= _HEAD_SAMPLES:
            self._compact()

    def close(self) -> None:
        """Close the file; its head stays a head."""
        if self._today is not None:
            self._today.database.close()
            self._today = None

    def anchor(self) -> None:
        """Keep the head of the journal, if the file does not have it yet."""
        if self._today is not None and (anchor := self._news(self._today)) is not None:
            with transaction(self._today.database, "IMMEDIATE"):
                write_anchor(self._today.database, self._today.day, anchor)
            self._today.anchor = anchor

    def _news(self, today: "_OpenDay") -> Anchor | None:
        anchor = self._anchor()
        return None if anchor == today.anchor else anchor

    def leave_if_broken(self, error: Exception) -> None:
        """Set the file aside if the error means damage, so that the next attempt creates a new one."""
        if self._today is not None and _is_broken(error):
            path = path_of(self._folder, self._today.day)
            self.close()
            _set_aside(path, error)

    def _find_last(self) -> int:
        # The newest file may be empty (the process ended right after creating it), so older ones follow.
        for day, _ in reversed(day_files(self._folder)):
            if (last := self._open(day).tail.time) != NO_ARRIVAL:
                return last
            self.close()
        return NO_ARRIVAL

    def _turn_to(self, day: int) -> _OpenDay:
        if self._today is not None and self._today.day == day:
            return self._today
        self._remove_old(day)
        if self._today is not None:
            self._compact()
            self._list(self._today.day, self._loaded(self._today).seal())
            self.close()
        return self._open(day)

    def _open(self, day: int) -> _OpenDay:
        """Open a day file; set a damaged one aside and create a new one."""
        path = path_of(self._folder, day)
        try:
            return self._take_up(day, path)
        except (sqlite3.DatabaseError, DamagedError) as error:
            if not _is_broken(error):
                raise
            _set_aside(path, error)
        return self._take_up(day, path)

    def _take_up(self, day: int, path: Path) -> _OpenDay:
        # SQLite would cut a damaged log short, and the samples behind the damage would be gone without a word.
        if is_log_damaged(path):
            raise DamagedError(LOG_DAMAGED)
        with ExitStack() as undo:
            database = open_to_write(path, day, self._synchronous)
            undo.callback(database.close)
            self._list(day, None)
            file = DayFile(day, path)
            if format_of(database, path) == UNCHECKED:
                upgrade(database, file, DayContent(database, file, UNCHECKED, _refuse))
            content = _checked(database, file)
            numbers, tail = number_points(database, content, self._ids)
            self._entries = len(content.head)
            self._samples = sum(max(row.size, 0) for row in content.head)
            self._today = _OpenDay(day, database, numbers, tail)
            undo.pop_all()
        return self._today

    def _compact(self) -> None:
        if self._today is not None:
            today = self._today
            today.tail = compact(today.database, today.day, today.tail, self._loaded(today).head)
            self._entries = self._samples = 0

    def _loaded(self, today: _OpenDay) -> DayContent:
        return _checked(today.database, DayFile(today.day, path_of(self._folder, today.day)))

    def _list(self, day: int, seal: int | None) -> None:
        """Put a day into the list of days, if it is not there already."""
        if self._seals.get(day, _NOT_LISTED) != seal:
            write_list(self._folder, {**self._seals, day: seal})
            self._seals[day] = seal

    def _remove_old(self, day: int) -> None:
        """Delete the files before a day, except the newest `retention_days` of them."""
        if self._retention_days is None:
            return
        before = [(file_day, path) for file_day, path in day_files(self._folder) if file_day < day]
        old, kept = before[: -self._retention_days], before[-self._retention_days :]
        gone = [listed_day for listed_day in self._seals if kept and listed_day < kept[0][0]]
        if gone:
            # Out of the list first: a reader would take the day for a lost one.
            write_list(self._folder, {day: seal for day, seal in self._seals.items() if day not in gone})
            for listed_day in gone:
                del self._seals[listed_day]
        for _, path in old:
            remove(path)


def _row(entry: LogEntry, numbers: NDArray[np.int64]) -> StoredEntry:
    if entry.batch is None:
        return entry.time, START_COUNT, None
    return entry.time, len(entry.batch), block_of(entry.batch, numbers)


def _checked(database: sqlite3.Connection, file: DayFile) -> DayContent:
    """Return what a file holds that is to be written on.

    Raises
    ------
    DamagedError
        Something of it is damaged.

    """
    content = DayContent(database, file, CHECKED, _refuse)
    with content.held():
        content.names()
        content.load()
    return content


def _refuse(damage: Damage) -> None:
    raise DamagedError(damage.what)


def _is_broken(error: Exception) -> bool:
    # The low byte is the primary result code; the others tell variants of it apart.
    return isinstance(error, DamagedError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN


def _set_aside(path: Path, error: Exception) -> None:
    aside = set_aside(path)
    _LOG.error("%s path=%s error=%s", Message("day file is damaged and set aside"), aside, error)
