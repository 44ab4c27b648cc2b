"""Log entries that the journal keeps until the historian has them.

A record that follows from samples and the samples themselves go to two files. So that a kill cannot part them, the
transaction that brings records into the journal also brings the entries of the log that entered before them and are not
in the history yet. A restart stores what a kill left here before it walks the log; see `hazwatch/live/restart.py`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.checksum import OF_PENDING, OF_STORED, checksum
from plant import NO_ARRIVAL, SampleBatch

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pending (
  number   INTEGER PRIMARY KEY,  -- in the order of the log
  time     INTEGER NOT NULL,     -- arrival of the batch, or time of the start, ns UTC
  batch    BLOB,                 -- columns of the samples; NULL: the start of a run
  checksum INTEGER NOT NULL      -- of time and batch
) STRICT;
CREATE TABLE IF NOT EXISTS stored (
  number   INTEGER PRIMARY KEY,  -- one row: the last entry that the history had on disk
  time     INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS pending_point (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
"""

LAYOUT: Final = {"point": "<i4", "time": "<i8", "value": "<f8", "quality": "u1", "state": "<u2", "backfilled": "?"}
"""Columns of a batch as they follow each other in the blob; the arrival is the time of the entry."""
ROW: Final = sum(np.dtype(dtype).itemsize for dtype in LAYOUT.values())
"""Bytes of a sample."""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An arrival batch (its samples have one arrival), or the start of a run (no batch).

    Attributes
    ----------
    number : int
        Position in the log of all runs.
    time : int
        Arrival of the batch, or time of the start. [ns, UTC]
    batch : SampleBatch or None
        None for a start.

    """

    number: int
    time: int
    batch: SampleBatch | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What one transaction of the journal does to the pending entries.

    Attributes
    ----------
    entries
        Entries that it adds.
    stored : int
        The history holds the entries up to this number: the journal drops them.
    end : int
        Time of that entry; NO_ARRIVAL if this run has stored none. [ns, UTC]
    points : tuple of str or None
        Ids of the points by their columns. A run gives them once, with or before its first entry.

    """

    entries: Sequence[PendingEntry] = ()
    stored: int = 0
    end: int = NO_ARRIVAL
    points: tuple[str, ...] | None = None


class PendingWriter:
    """Carries out handovers; it knows under which numbers the journal has the points of this run."""

    def __init__(self) -> None:
        self._numbers: NDArray[np.int32] = np.empty(0, dtype=np.int32)

    def write(self, connection: sqlite3.Connection, handover: Handover) -> None:
        """Apply a handover within the transaction that is open."""
        if handover.points is not None:
            self._numbers = _number_points(connection, handover.points)
        if handover.stored:
            connection.execute("DELETE FROM pending WHERE number <= ?", (handover.stored,))
        if handover.end != NO_ARRIVAL:
            connection.execute("DELETE FROM stored")
            row = (handover.stored, handover.end)
            connection.execute("INSERT INTO stored VALUES (?, ?, ?)", (*row, checksum(OF_STORED, row, b"")))
        connection.executemany("INSERT INTO pending VALUES (?, ?, ?, ?)", map(self._row, handover.entries))

    def _row(self, entry: PendingEntry) -> tuple[int, int, bytes | None, int]:
        blob = None
        if entry.batch is not None:
            batch = replace(entry.batch, point=self._numbers[entry.batch.point])
            blob = b"".join(getattr(batch, name).astype(dtype).tobytes() for name, dtype in LAYOUT.items())
        return entry.number, entry.time, blob, _checksum(entry.number, entry.time, blob)


def _number_points(connection: sqlite3.Connection, ids: Sequence[str]) -> NDArray[np.int32]:
    known = [name for (name,) in connection.execute("SELECT id FROM pending_point ORDER BY number")]
    numbers = {name: number for number, name in enumerate(known)}
    for name in ids:
        numbers.setdefault(name, len(numbers))
    rows = [(number, name) for name, number in numbers.items()][len(known) :]
    connection.executemany("INSERT INTO pending_point VALUES (?, ?)", rows)
    return np.array([numbers[name] for name in ids], dtype=np.int32)


def read_pending(connection: sqlite3.Connection) -> tuple[tuple[str, ...], list[PendingEntry]]:
    """Return the ids of the points by their numbers, and the entries in the order of the log.

    An entry that is damaged ends them: what follows it in the log cannot be placed.
    """
    with suppress(sqlite3.OperationalError):  # a journal of an earlier version has no such tables
        points = tuple(name for (name,) in connection.execute("SELECT id FROM pending_point ORDER BY number"))
        rows = connection.execute("SELECT number, time, batch, checksum FROM pending ORDER BY number").fetchall()
        return points, list(_entries(rows, len(points)))
    return (), []


def read_end(connection: sqlite3.Connection) -> int:
    """Return the time of the last entry that the history had on disk; NO_ARRIVAL if it is not known. [ns, UTC]."""
    with suppress(sqlite3.DatabaseError):  # a journal of an earlier version has no such table
        for number, time, kept in connection.execute("SELECT number, time, checksum FROM stored"):
            if isinstance(number, int) and isinstance(time, int) and checksum(OF_STORED, (number, time), b"") == kept:
                return time
    return NO_ARRIVAL


def count_pending(connection: sqlite3.Connection) -> int:
    """Return the number of entries, sound and damaged."""
    with suppress(sqlite3.OperationalError):  # a journal of an earlier version has no such tables
        return int(connection.execute("SELECT count(*) FROM pending").fetchone()[0])
    return 0


def _checksum(number: int, time: int, blob: bytes | None) -> int:
    return checksum(OF_PENDING, (number, time, blob is None), blob or b"")


def _entries(rows: Sequence[tuple[int, int, bytes | None, int]], points: int) -> Iterator[PendingEntry]:
    for number, time, blob, kept in rows:
        # In a damaged file a column may have any type.
        if not (isinstance(number, int) and isinstance(time, int) and (blob is None or isinstance(blob, bytes))):
            return
        if _checksum(number, time, blob) != kept:
            return
        batch = None if blob is None else _batch(blob, time)
        if batch is not None and len(batch) and not 0 <= batch.point.min() <= batch.point.max() < points:
            return
        yield PendingEntry(number, time, batch)


def _batch(blob: bytes, arrival: int) -> SampleBatch:
    length, place = len(blob) // ROW, 0
    columns = {}
    for name, dtype in LAYOUT.items():
        columns[name] = np.frombuffer(blob, dtype, length, place)
        place += columns[name].nbytes
    return SampleBatch.of(**columns, arrival=arrival)
