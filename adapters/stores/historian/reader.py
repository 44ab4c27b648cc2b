"""Reads a historian's folder, by point and source time or as the log, from any process and during writing."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.block import ORDER, TIME, decode, log_of, samples_of
from adapters.stores.historian.dayfile import START_COUNT, day_files, day_of, open_to_read, transaction
from adapters.stores.historian.segment import PAGE_STRIDE, PAGES_OF_POINT, entries_of, joined, rows_of
from plant import PointTable, SampleBatch

_ANY: Final = (np.iinfo(np.int64).min, np.iinfo(np.int64).max)

_NO_ROWS: Final = np.empty((5, 0), dtype=np.int64)
_NO_NUMBER: Final = -1
"""Instead of the number of a point that a day file does not know; SQLite numbers from 1."""
_Closed = tuple[int, int] | None
"""Modification time and size of a file that nobody writes; None for a file in use."""
_Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
"""A (5, n) matrix with the samples of one point, and the arrival of each."""


@dataclass(frozen=True, slots=True)
class StartEntry:
    """The start of a run."""

    time: int


class HistoryReader:
    """Reads a historian's folder; every call sees all entries that were acknowledged before it.

    Parameters
    ----------
    folder
        The historian's folder.
    points
        The points whose column numbers the samples get. Without it, the reader numbers points in the order in which
        it meets them; `id` returns their ids.

    """

    def __init__(self, folder: Path, points: PointTable | None = None) -> None:
        self._folder: Final = folder
        self._fixed: Final = points is not None
        self._ids: Final = [point.id for point in points.points] if points else []
        self._columns: Final = {point: column for column, point in enumerate(self._ids)}
        # First and last source time of closed files: a query of one hour then opens few files of a year.
        self._spans: Final[dict[tuple[Path, _Closed], tuple[int, int]]] = {}

    def id(self, column: int) -> str:
        """Return the id of the point in a column."""
        return self._ids[column]

    def samples(self, point: str | int, start: int, end: int, *, newest: bool = False) -> SampleBatch:
        """Return the samples of one point with a **source** time in [start, end), by source time, then by arrival.

        Late and back-filled samples are included, whenever they arrived.

        Parameters
        ----------
        point
            Id or column number. The reader also returns samples of an id that is not in the table; their column is -1.
        start, end
            Source time. [ns, UTC]
        newest
            True returns only samples that arrived after the clock was last set back between two runs: the earlier run
            recorded a different past for the same hours.

        """
        name = point if isinstance(point, str) else self._ids[point]
        column = self._column(name)
        # Late samples lie in the file of their arrival day, so every file may hold some of the period.
        parts = [part for _, path in day_files(self._folder) for part in self._of_file(path, name, (start, end))]
        rows = np.concatenate([_NO_ROWS, *(rows for rows, _ in parts)], axis=1)
        arrival = np.concatenate([_NO_ROWS[0], *(arrivals for _, arrivals in parts)])
        if newest:
            set_back = int(np.flatnonzero(np.diff(arrival) < 0).max(initial=-1)) + 1
            rows, arrival = rows[:, set_back:], arrival[set_back:]
        times = rows[TIME]
        by_time = np.argsort(times, kind="stable")
        by_time = by_time[slice(*np.searchsorted(times, (start, end), sorter=by_time))]
        return samples_of(rows.take(by_time, axis=1), np.full(len(by_time), column, dtype=np.int32), arrival[by_time])

    def log(self, start: int | None = None, end: int | None = None) -> Iterator[StartEntry | SampleBatch]:
        """Yield the entries with an **arrival** (or start time) in [start, end), in the order of the log.

        One SampleBatch is one arrival batch with its samples in their order of arrival. If the reader has a table of
        points, it leaves out samples of other points.
        """
        for entry in self.stretches(start, end):
            if isinstance(entry, StartEntry):
                yield entry
                continue
            cuts = [0, *(np.flatnonzero(np.diff(entry.arrival)) + 1).tolist(), len(entry)]
            yield from (entry.take(slice(begin, after)) for begin, after in pairwise(cuts))

    def stretches(self, start: int | None = None, end: int | None = None) -> Iterator[StartEntry | SampleBatch]:
        """Yield the same entries as `log`, but with many consecutive arrival batches in one SampleBatch."""
        first = _ANY[0] if start is None else start
        end = _ANY[1] if end is None else end
        for day, path in day_files(self._folder):
            if not day_of(first) <= day <= day_of(end):
                continue
            with open_to_read(path) as database:
                if database is not None:
                    yield from self._entries(database, first, end)

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last entry; None if there is none. [ns, UTC]."""
        query = """
        SELECT min(first), max(last) FROM (SELECT min(time) AS first, max(time) AS last FROM head
        UNION ALL SELECT min(first_entry), max(last_entry) FROM segment)
        """
        spans = []
        for _, path in day_files(self._folder):
            with open_to_read(path) as database:
                if database is not None:
                    spans.append(database.execute(query).fetchone())
        kept = [span for span in spans if span[0] is not None]
        return (kept[0][0], kept[-1][1]) if kept else None

    def _column(self, name: str) -> int:
        if name not in self._columns and not self._fixed:
            self._columns[name] = len(self._ids)
            self._ids.append(name)
        return self._columns.get(name, -1)

    def _of_file(self, path: Path, name: str, times: tuple[int, int]) -> Iterator[_Rows]:
        """Yield the samples of a point in a day file that may overlap the source times [first, last)."""
        closed = _closed(path)
        first, last = self._spans.get((path, closed), _ANY)
        if last < times[0] or first >= times[1]:
            return
        with open_to_read(path) as database:
            if database is None:
                return
            number = _number_of(database, name)
            # One transaction, or the writer could compact the head between the two queries: the samples would appear
            # twice or not at all.
            with transaction(database, "DEFERRED"):
                head = database.execute("SELECT time, samples FROM head WHERE count > 0 ORDER BY entry").fetchall()
                query = {"number": number, "stride": PAGE_STRIDE, "start": times[0], "end": times[1]}
                segments = database.execute(PAGES_OF_POINT, query).fetchall() if number != _NO_NUMBER else []
                if closed is not None and not head:
                    self._spans[path, closed] = _span_of_times(database)
        if number != _NO_NUMBER:
            yield from _in_segments(segments, number)
            yield from _in_head(head, number)

    def _entries(self, database: sqlite3.Connection, start: int, end: int) -> Iterator[StartEntry | SampleBatch]:
        columns = self._columns_of(database)
        # Pages of a segment never change, so they are read after the transaction: a reader that pauses here must not
        # keep the writer from truncating its WAL.
        with transaction(database, "DEFERRED"):
            head = database.execute("SELECT time, count, samples FROM head ORDER BY entry").fetchall()
            query = "SELECT segment, entries FROM segment WHERE last_entry >= ? AND first_entry < ? ORDER BY segment"
            segments = database.execute(query, (start, end)).fetchall()
        for segment, entries in segments:
            pages = database.execute(
                "SELECT samples FROM page WHERE page >= ? AND page < ?",
                (segment * PAGE_STRIDE, (segment + 1) * PAGE_STRIDE),
            )
            yield from _cut(entries_of(entries), (rows_of(page) for (page,) in pages), columns, (start, end))
        if head:
            rows = joined(block for _, _, block in head if block is not None)
            entries = np.array([(time, count) for time, count, _ in head], dtype=np.int64).T
            yield from _cut(entries, [rows], columns, (start, end))

    def _columns_of(self, database: sqlite3.Connection) -> NDArray[np.int32]:
        numbers = database.execute("SELECT number, id FROM point ORDER BY number").fetchall()
        columns = np.full(numbers[-1][0] + 1 if numbers else 0, -1, dtype=np.int32)
        for number, name in numbers:
            columns[number] = self._column(name)
        return columns


def _number_of(database: sqlite3.Connection, name: str) -> int:
    """Return the number of a point in a day file, or _NO_NUMBER."""
    row = database.execute("SELECT number FROM point WHERE id = ?", (name,)).fetchone()
    return _NO_NUMBER if row is None else int(row[0])


def _in_segments(segments: Iterable[tuple[bytes, bytes | None]], number: int) -> Iterator[_Rows]:
    for entries, page in segments:
        rows = _NO_ROWS if page is None else rows_of(page, number)
        if rows.shape[1]:
            arrivals, counts = entries_of(entries)
            # ORDER counts samples from the start of the segment: the entry of a sample is the first that ends after it.
            ends = np.maximum(counts, 0).cumsum()
            yield rows, arrivals[ends.searchsorted(rows[ORDER], side="right")]


def _in_head(head: Iterable[tuple[int, bytes]], number: int) -> Iterator[_Rows]:
    for arrival, block in head:
        rows = decode(block, number)
        if rows.shape[1]:
            yield rows, np.full(rows.shape[1], arrival, dtype=np.int64)


def _cut(
    entries: NDArray[np.int64],
    pages: Iterable[NDArray[np.int64]],
    columns: NDArray[np.int32],
    times: tuple[int, int],
) -> Iterator[StartEntry | SampleBatch]:
    """Yield the starts of a head or segment, and the samples between them, of entries within the times."""
    time, count = entries
    sizes = np.maximum(count, 0)
    log = log_of(pages, columns, np.repeat(time, sizes))
    within = (times[0] <= time) & (time < times[1])
    kept = np.repeat(within, sizes) & (log.point >= 0)
    ends = sizes.cumsum()
    # Most queries keep every sample; slices then save the copies that a selection by index would make.
    begin, whole = 0, bool(kept.all())
    for start in [*np.flatnonzero((count == START_COUNT) & within).tolist(), len(time)]:
        end = int(ends[start]) if start < len(time) else len(log)
        batch = log.take(slice(begin, end) if whole else begin + np.flatnonzero(kept[begin:end]))
        if len(batch):
            yield batch
        if start < len(time):
            yield StartEntry(int(time[start]))
        begin = end


def _closed(path: Path) -> _Closed:
    """Return the identity of a file that nobody writes; None for a file in use."""
    # A WAL with content means that a writer is active, or that its last entries are not in the file itself yet.
    with suppress(FileNotFoundError):
        if path.with_name(f"{path.name}-wal").stat().st_size > 0:
            return None
    with suppress(FileNotFoundError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _span_of_times(database: sqlite3.Connection) -> tuple[int, int]:
    first, last = database.execute("SELECT min(first_time), max(last_time) FROM segment").fetchone()
    return (_ANY[1], _ANY[0]) if first is None else (first, last)
