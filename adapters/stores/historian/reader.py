"""Reads a historian's folder, by point and source time or as the log, from any process and during writing."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.damage import Damage, DamageLog
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.records import START_COUNT, SegmentRow
from adapters.stores.historian.day.segment import joined
from adapters.stores.historian.day.segment_content import SegmentContent
from adapters.stores.historian.folder import DayFile, day_of
from adapters.stores.historian.opening import files_of, open_content
from adapters.stores.historian.packing.block import NO_ID, TIME, log_of, samples_of
from adapters.stores.historian.packing.columns import PackedError
from adapters.stores.historian.point_rows import Placement, RowsOfPoint, Wanted, in_head, in_segments
from plant import Message, PointTable, SampleBatch

_ANY: Final = (np.iinfo(np.int64).min, np.iinfo(np.int64).max)

_NO_ROWS: Final = np.empty((5, 0), dtype=np.int64)
_Closed = tuple[int, int] | None
"""Modification time and size of a file that nobody writes; None for a file in use."""


@dataclass(frozen=True, slots=True)
class StartEntry:
    """The start of a run."""

    time: int


Entries = Iterator[StartEntry | SampleBatch]


class HistoryReader:
    """Reads a historian's folder; every call sees all entries that were acknowledged before it.

    The reader leaves damaged samples out and reports them in `damages`. Damage never makes a call fail or return
    another value.

    Parameters
    ----------
    folder
        The historian's folder.
    points
        The points whose column numbers the samples get. Without it, the reader numbers points in the order in which
        it meets them; `id` returns their ids.
    damages
        Collects the damages that the reader meets. Several readers may share it; it logs each damage once.

    """

    def __init__(self, folder: Path, points: PointTable | None = None, damages: DamageLog | None = None) -> None:
        self._folder: Final = folder
        self._fixed: Final = points is not None
        self._ids: Final = [point.id for point in points.points] if points else []
        self._columns: Final = {point: column for column, point in enumerate(self._ids)}
        # First and last source time of closed files: a query of one hour then opens few files of a year.
        self._spans: Final[dict[tuple[Path, _Closed], tuple[int, int]]] = {}
        self.damages: Final = DamageLog() if damages is None else damages

    def id(self, column: int) -> str:
        """Return the id of the point in a column."""
        return self._ids[column]

    def samples(
        self,
        point: str | int,
        start: int,
        end: int,
        *,
        newest: bool = False,
        damages: list[Damage] | None = None,
        placed: Placement | None = None,
    ) -> SampleBatch:
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
        damages
            Collects the damages that may have cost samples of the period. A damage after `end` is among them if late
            samples of the period may have arrived then.
        placed
            Returns the times that count instead of the source times; each must be the source time of its sample, or
            at or after its arrival on the same day.

        """
        name = point if isinstance(point, str) else self._ids[point]
        column = self._column(name)
        met = [] if damages is None else damages
        # Late samples lie in the file of their arrival day, so every file may hold some of the period.
        files = files_of(self._folder, partial(self._meet, start, _ANY[1], met))
        wanted = Wanted(start, end, by_arrival=placed is not None)
        parts = [part for file in files for part in self._of_file(file, name, wanted, met)]
        rows = np.concatenate([_NO_ROWS, *(rows for rows, _ in parts)], axis=1)
        arrival = np.concatenate([_NO_ROWS[0], *(arrivals for _, arrivals in parts)])
        if newest:
            set_back = int(np.flatnonzero(np.diff(arrival) < 0).max(initial=-1)) + 1
            rows, arrival = rows[:, set_back:], arrival[set_back:]
        times = rows[TIME] if placed is None else placed(rows[TIME], arrival)
        by_time = np.argsort(times, kind="stable")
        by_time = by_time[slice(*np.searchsorted(times, (start, end), sorter=by_time))]
        return samples_of(rows.take(by_time, axis=1), np.full(len(by_time), column, dtype=np.int32), arrival[by_time])

    def log(self, start: int | None = None, end: int | None = None) -> Entries:
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

    def stretches(
        self, start: int | None = None, end: int | None = None, damages: list[Damage] | None = None
    ) -> Entries:
        """Yield the same entries as `log`, but with many consecutive arrival batches in one SampleBatch.

        `damages` collects the damages that may have cost entries of the period.
        """
        first = _ANY[0] if start is None else start
        end = _ANY[1] if end is None else end
        met = [] if damages is None else damages
        for file in files_of(self._folder, partial(self._meet, first, end, met)):
            if not day_of(first) <= file.day <= day_of(end):
                continue
            with open_content(file, partial(self._meet, first, end, met)) as content:
                if content is not None:
                    yield from self._entries(content, first, end)

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last entry; None if there is none. [ns, UTC]."""
        files = files_of(self._folder, self.damages)
        first = next((span for file in files if (span := self._span(file))), None)
        last = next((span for file in reversed(files) if (span := self._span(file))), None)
        return (first[0], last[1]) if first and last else None

    def _span(self, file: DayFile) -> tuple[int, int] | None:
        with open_content(file, self.damages) as content:
            if content is not None:
                with content.held():
                    content.load()
                return content.span()
        return None

    def _meet(self, start: int, end: int, met: list[Damage], damage: Damage) -> None:
        """Take a damage of a file; it matters where samples of [start, end) may have arrived in its period."""
        self.damages(damage)
        if damage.end > start and damage.start < end:
            met.append(damage)

    def _column(self, name: str) -> int:
        if name not in self._columns and not self._fixed:
            self._columns[name] = len(self._ids)
            self._ids.append(name)
        return self._columns.get(name, -1)

    def _of_file(self, file: DayFile, name: str, wanted: Wanted, met: list[Damage]) -> Iterator[RowsOfPoint]:
        """Yield rows of a point and their arrivals."""
        closed = _closed(file.path)
        first, last = self._spans.get((file.path, closed), _ANY)
        if not wanted.of_day(file.day, first, last):
            return
        with open_content(file, partial(self._meet, wanted.start, _ANY[1], met)) as content:
            if content is None:
                return
            with content.held():
                content.load()
                number = content.number_of(name)
            if closed is not None and not content.head and not content.is_damaged:
                self._spans[file.path, closed] = _source_times(content.segments)
            if number is None:
                return
            yield from in_segments(content, number, wanted)
            yield from in_head(content.head, number)

    def _entries(self, content: DayContent, start: int, end: int) -> Entries:
        with content.held():
            columns = self._columns_of(content)
            content.load()
        for segment in content.segments:
            if segment.last_entry >= start and segment.first_entry < end:
                segment_content = content.content(segment)
                if segment_content is not None:
                    yield from _cut_segment(content, segment_content, columns, (start, end))
        if content.head:
            rows = joined(row.samples for row in content.head if row.samples is not None)
            entries = np.array([(row.time, row.size) for row in content.head], dtype=np.int64).T
            samples, kept, nameless = log_of([rows], columns, np.repeat(entries[0], np.maximum(entries[1], 0)))
            if nameless:
                content.lose(content.head[0].time, content.head[-1].time, Message("the ids of points are lost"))
            yield from _cut(entries, samples, kept, (start, end))

    def _columns_of(self, content: DayContent) -> NDArray[np.int32]:
        names = content.names()
        columns = np.full(max(names, default=-1) + 1, NO_ID, dtype=np.int32)
        for number, name in names.items():
            columns[number] = self._column(name)
        return columns


def _cut_segment(
    content: DayContent, segment_content: SegmentContent, columns: NDArray[np.int32], times: tuple[int, int]
) -> Entries:
    """Yield the entries of a segment; samples on damaged pages are left out."""
    damaged: list[int] = []

    def pages() -> Iterator[NDArray[np.int64]]:
        for place in range(segment_content.pages.shape[1]):
            rows = content.page(segment_content, place)
            if rows is None:
                damaged.append(place)
            else:
                yield rows

    time, count = segment_content.entries
    try:
        samples, kept, nameless = log_of(pages(), columns, np.repeat(time, np.maximum(count, 0)))
    except PackedError:
        content.lose_segment(segment_content.segment)
        return
    if nameless or (not damaged and not kept.all()):
        content.lose_segment(segment_content.segment)
    yield from _cut(segment_content.entries, samples, kept, times)


def _cut(entries: NDArray[np.int64], log: SampleBatch, kept: NDArray[np.bool_], times: tuple[int, int]) -> Entries:
    """Cut the log of a head or segment into what lies between starts, and the starts."""
    time, count = entries
    sizes = np.maximum(count, 0)
    within = (times[0] <= time) & (time < times[1])
    kept = np.repeat(within, sizes) & kept & (log.point >= 0)
    ends = sizes.cumsum()
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
    """Return the identity of a finished file; None while the file may still be written."""
    with suppress(FileNotFoundError):
        if path.with_name(f"{path.name}-wal").stat().st_size > 0:
            return None
    with suppress(FileNotFoundError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _source_times(segments: Iterable[SegmentRow]) -> tuple[int, int]:
    """Return the earliest and the latest source time of segments. [ns, UTC]."""
    first = min((segment.first_time for segment in segments), default=_ANY[1])
    return first, max((segment.last_time for segment in segments), default=_ANY[0])
