"""The record of a back-test: a period of the historian, or a trace."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from adapters.stores import Damage, HistoryReader, JournalReader
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.site.config import Config
from hazwatch.site.traces import Watch, read_trace
from hazwatch.words.numbers import moment
from ingest import Log, TraceLog
from plant import Message, PointTable, SampleBatch, Trace

TRACE_PIECE: Final = 1 << 18
"""Number of rows per piece; the events do not depend on it. [1]"""


class NoRecordError(ValueError):
    """The period has no record."""


class PlayableRecord(Protocol):
    """A record that can be played repeatedly, to any rule-set."""

    @property
    def start(self) -> int:
        """Start of the period. [ns, UTC]."""
        ...

    @property
    def end(self) -> int:
        """End of the period, exclusive. [ns, UTC]."""
        ...

    @property
    def damages(self) -> Sequence[Damage]:
        """Damages that cost samples of the period, as far as the log was read."""
        ...

    @property
    def head(self) -> tuple[int, str] | None:
        """Number and hash of the last record of the journal beside it; None without a journal."""
        ...

    def log(self, config: Config) -> Iterator[tuple[Log, float]]:
        """Yield the pieces of the log, each with the share of the log played after it."""
        ...

    def samples(self, config: Config, point: str, times: tuple[int, int] | None = None) -> SampleBatch:
        """Return the samples of a point in the period, or between two source times. [ns, UTC]."""
        ...


class TraceRecord:
    """A trace and the evaluated period of it; the engine sees the whole trace.

    Each site file sees only the samples of its own points, as with history.

    Raises
    ------
    hazwatch.site.traces.TraceFileError
        The trace cannot be read.
    NoRecordError
        The trace is empty, or the period has no sample.

    """

    def __init__(
        self,
        configs: Sequence[Config],
        path: Path,
        start: int | None,
        end: int | None,
        watch: Watch | None = None,
    ) -> None:
        # The trace is read once with the points of both site files: reading a long one twice would double the wait.
        known = {point.id: point for config in configs for point in config.points.points}
        self._points: Final = PointTable(tuple(known.values()))
        self._whole: Final = read_trace(path, self._points, watch)
        self.damages: Final[tuple[Damage, ...]] = ()
        self.head: Final[tuple[int, str] | None] = None
        self._read: Final[dict[tuple[str, ...], Trace]] = {}
        times = self._trace(configs[0]).samples.time
        if not len(times):
            raise NoRecordError(Message("{path}: there are no samples", path=path))
        last = self._log(configs[0]).end or 0
        self.start, self.end = _period(path, (start, end), (int(times.min()), last + 1), _zone(configs[0]))

    def log(self, config: Config) -> Iterator[tuple[Log, float]]:
        """Yield the pieces of the log, each with the share of the log played after it."""
        yield from self._log(config).pieces(TRACE_PIECE)

    def samples(self, config: Config, point: str, times: tuple[int, int] | None = None) -> SampleBatch:
        """Return the samples of a point in the period, or between two source times. [ns, UTC]."""
        samples, (start, end) = self._trace(config).samples, times or (self.start, self.end)
        of_point = samples.point == config.points.column(point)
        rows = np.flatnonzero(of_point & (samples.time >= start) & (samples.time < end))
        return samples.take(rows[np.argsort(samples.time[rows], kind="stable")])

    def _trace(self, config: Config) -> Trace:
        ids = _ids(config)
        if ids not in self._read:
            self._read[ids] = _only(self._whole, self._points, config.points)
        return self._read[ids]

    def _log(self, config: Config) -> TraceLog:
        return TraceLog(config.points, config.site, config.arrival_timed(), self._trace(config))


class HistoryRecord:
    """A period of the historian; the engine also sees the warm-up time before it.

    Raises
    ------
    NoRecordError
        The history is empty, or the period has no record.
    adapters.stores.JournalError
        The journal of the folder cannot be read.

    """

    def __init__(self, config: Config, folder: DataFolder, start: int | None, end: int | None, warm_up: int) -> None:
        self._folder: Final = folder
        span = Past(config, folder).span()
        if span is None:
            raise NoRecordError(Message("{path}: the history is empty", path=folder.history))
        self.start, self.end = _period(folder.history, (start, end), (span[0], span[1] + 1), _zone(config))
        self._readers: Final[dict[tuple[str, ...], HistoryReader]] = {}
        self.damages: Final[list[Damage]] = []
        self.head: Final = JournalReader(folder.journal).head() if folder.journal.is_file() else None
        # Without --from the record starts where the history does, and nothing before it could warm the engine up.
        self._from: Final = None if start is None else self.start - warm_up
        self._until: Final = end

    def log(self, config: Config) -> Iterator[tuple[Log, float]]:
        """Yield the pieces of the log, each with the share of the log played after it."""
        # A sample of the period may arrive later by the allowance, and the tick after it may still raise.
        until = None if self._until is None else self._until + config.site.allowance + config.site.tick_period
        begin = self.start if self._from is None else self._from
        past = Past(config, self._folder)
        for piece in past.log(self._from, until):
            yield piece, min(1.0, max(0.0, (int(piece.time[-1]) - begin) / (self.end - begin)))
        self.damages.extend(damage for damage in past.damages if damage not in self.damages)

    def samples(self, config: Config, point: str, times: tuple[int, int] | None = None) -> SampleBatch:
        """Return the samples of a point in the period, or between two source times. [ns, UTC]."""
        reader = self._readers.setdefault(_ids(config), HistoryReader(self._folder.history, config.points))
        return reader.samples(point, *(times or (self.start, self.end)))


def _ids(config: Config) -> tuple[str, ...]:
    return tuple(point.id for point in config.points.points)


def _zone(config: Config) -> ZoneInfo:
    return ZoneInfo(config.site.timezone)


def _only(trace: Trace, points: PointTable, wanted: PointTable) -> Trace:
    """Return the samples of a trace whose points a table has, under its column numbers."""
    if wanted.ids == points.ids:
        return trace
    columns = np.array(
        [wanted.column(point.id) if point.id in wanted else -1 for point in points.points], dtype=np.int32
    )
    point = columns[trace.samples.point]
    kept = point >= 0
    # `tick_rows` counts samples before a tick, so it must count only those that are kept.
    before = np.concatenate([[0], np.cumsum(kept)])
    samples = replace(trace.samples, point=point).take(kept)
    return replace(trace, samples=samples, tick_rows=before[trace.tick_rows])


def _period(path: Path, asked: tuple[int | None, int | None], kept: tuple[int, int], zone: ZoneInfo) -> tuple[int, int]:
    """Return the recorded part of a period: rates must not count hours without a record. [ns, UTC].

    Raises
    ------
    NoRecordError
        The period has no record.

    """
    start = kept[0] if asked[0] is None else max(asked[0], kept[0])
    end = kept[1] if asked[1] is None else min(asked[1], kept[1])
    if end <= start:
        begin, until = (moment(time, zone) for time in kept)
        raise NoRecordError(
            Message(
                "{path}: no record of this period; the record is from {begin} to {until} ({zone})",
                path=path,
                begin=begin,
                until=until,
                zone=zone,
            )
        )
    return start, end
