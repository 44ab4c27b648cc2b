"""Reviews late data: reads it and its surroundings from the historian, and finds the events it would have raised."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores import Damage, HistoryReader, JournalReader, StartEntry
from alarms import AlarmReturn, ConditionEvent, KnownFacts, LateEntry, LateFinds, Record, RecordKind
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from ingest import LateWatch, Log, replay_log, trusted_time
from plant import NO_ARRIVAL, PointTable, SampleBatch, Trace
from plant.units import HOUR
from rules import Anomaly, Event, Part, look_back, parts, warm_up

LONGEST_PIECE: Final = 6 * HOUR
"""Longest time of late data to review at once. [ns]"""
MOST_SAMPLES: Final = 100_000
"""Approximate number of late samples to review at once."""
MOST_ANOMALIES: Final = 100
"""Largest number of anomalies in an outcome, so that the engine is not busy with one outcome for long."""
REVIEW_LOOK_BACK: Final = HOUR // 6
"""Time before the first arrival from which a job without a watch reads, to learn which samples are late. [ns]"""
REVIEWED_KINDS: Final[tuple[RecordKind, ...]] = ("event", "alarm", "retrospective")
KEY: Final = np.dtype([("point", np.int32), ("time", np.int64), ("arrival", np.int64)])


@dataclass(frozen=True, slots=True)
class Job:
    """The late samples with an arrival in (after, until]. [ns, UTC].

    `watch` has the state at `after`; without it the review reads the time before again.
    """

    after: int
    until: int
    watch: LateWatch | None = None


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """The anomalies in a number of late samples, up to an arrival, and the damages of history so far. [ns, UTC]."""

    until: int
    samples: int
    anomalies: tuple[Anomaly, ...]
    damages: tuple[Damage, ...] = ()


def review(config: Config, folder: DataFolder, job: Job, *, afresh: bool = False) -> Iterator[ReviewOutcome]:
    """Yield the anomalies in late data, in pieces, in order of arrival.

    Parameters
    ----------
    config : Config
        The configuration with the rules to apply.
    folder : DataFolder
        The data folder; the review only reads it.
    job : Job
        The late data to review.
    afresh : bool
        True also finds anomalies that an earlier review has recorded.

    Raises
    ------
    HistoryFileError, JournalError
        History or journal cannot be read.

    """
    reviewer = _Reviewer(config, folder, afresh=afresh)
    done = job.after
    for until, late in _late(config, reviewer.history, job):
        anomalies: list[Anomaly] = []
        for anomaly in reviewer.look_at(late, until):
            anomalies.append(anomaly)
            if len(anomalies) == MOST_ANOMALIES:
                # `done` and not `until`: after a crash, the review must look at this piece again.
                yield ReviewOutcome(done, 0, tuple(anomalies), tuple(reviewer.history.damages))
                anomalies.clear()
        yield ReviewOutcome(until, len(late), tuple(anomalies), tuple(reviewer.history.damages))
        done = until


def _late(config: Config, history: HistoryReader, job: Job) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Yield the keys of late samples in pieces, each with the arrival up to which it is complete."""
    watch = job.watch.copy() if job.watch else LateWatch(config.points, config.site, config.arrival_timed())
    pieces: list[NDArray[np.void]] = []
    count = 0
    begin = job.after + 1 if job.watch is not None else max(job.after - REVIEW_LOOK_BACK, NO_ARRIVAL + 1)
    for entry in history.log(begin, job.until + 1):
        if isinstance(entry, StartEntry):
            watch.start(entry.time)
            continue
        late, arrival = watch.take(entry), int(entry.arrival[0])
        if arrival <= job.after or not late.any():
            continue
        pieces.append(_keys(entry.take(late)))
        count += len(pieces[-1])
        if count >= MOST_SAMPLES:
            yield arrival, np.concatenate(pieces)
            pieces, count = [], 0
    yield job.until, np.concatenate([np.empty(0, dtype=KEY), *pieces])


def _keys(samples: SampleBatch) -> NDArray[np.void]:
    keys = np.empty(len(samples), dtype=KEY)
    for name in ("point", "time", "arrival"):
        keys[name] = getattr(samples, name)
    return keys


class _Reviewer:
    """The state of a review: the history, the events of the journal, and the anomalies so far."""

    def __init__(self, config: Config, folder: DataFolder, *, afresh: bool) -> None:
        self.history: Final = HistoryReader(folder.history, config.points)
        self._config: Final = config
        self._timed: Final = config.arrival_timed()
        self._journal: Final = folder.journal
        self._afresh: Final = afresh
        self._parts: Final = parts(config.rules)
        self._live: list[tuple[Event, Event | None]] | None = None
        self._anomalies: dict[str, Anomaly] = {}

    def look_at(self, late: NDArray[np.void], until: int) -> Iterator[Anomaly]:
        """Yield the anomalies of late samples, considering all samples that arrived up to a time. [ns, UTC]."""
        if self._live is None and len(late):
            self._live = self._read_journal()
        for part in self._parts:
            keys = late[np.isin(late["point"], part.columns)]
            for piece in _pieces(np.sort(self._times(keys)), max(warm_up(part.rules), HOUR)):
                for anomaly in self._look(part, keys, piece, until):
                    self._anomalies[anomaly.raised.id] = anomaly
                    yield anomaly

    def _times(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the times that count of late samples, except for a few nanoseconds. [ns, UTC]."""
        ahead = keys["time"] > keys["arrival"] + self._config.site.max_clock_skew
        return np.where(ahead | self._timed[keys["point"]], keys["arrival"], keys["time"])

    def _look(self, part: Part, late: NDArray[np.void], piece: tuple[int, int], until: int) -> list[Anomaly]:
        warm = warm_up(part.rules)
        # Features need `warm` before the piece to start, and late samples stay in their windows for `warm` after it.
        begin, end = piece[0] - warm, max(piece[1], min(piece[1] + warm, until))
        known, whole = self._logs(part, late, (begin, end), until)
        conditions = part.conditions()
        live = [
            (raised, cleared)
            for raised, cleared in self._live or ()
            if raised.condition in conditions and raised.time <= end and (cleared is None or cleared.time >= begin)
        ]
        anomalies = look_back(
            part.rules,
            known,
            whole,
            standing=[raised for raised, _ in live if raised.time < begin],
            live=[event for pair in live for event in pair if event is not None],
            recorded=[find for find in self._anomalies.values() if find.raised.time <= end and find.last >= begin],
            until=end,
        )
        return [self._in_force(anomaly) for anomaly in anomalies]

    def _logs(self, part: Part, late: NDArray[np.void], period: tuple[int, int], until: int) -> tuple[Log, Log]:
        """Return the logs of a period in event time, without and with late samples."""
        recorded = self._samples(part, period, until)
        time, quality = trusted_time(recorded, self._timed, self._config.site.max_clock_skew)
        inside = (period[0] <= time) & (time <= period[1])
        was_late = np.isin(_keys(recorded), late)[inside]
        count = int(inside.sum())
        samples = replace(
            recorded.take(inside),
            # The engine of a part numbers its points from 0.
            point=np.searchsorted(part.columns, recorded.point[inside]).astype(np.int32),
            time=time[inside],
            quality=quality[inside],
            backfilled=np.zeros(count, dtype=np.bool_),
            # `time` is trusted already: with an arrival, the replay would correct it a second time.
            arrival=np.full(count, NO_ARRIVAL, dtype=np.int64),
        )
        return self._log(part, samples.take(~was_late), period[1]), self._log(part, samples, period[1])

    def _log(self, part: Part, samples: SampleBatch, end: int) -> Log:
        points = PointTable(part.rules.points)
        last = np.array([end], dtype=np.int64)
        trace = Trace(
            samples, last, np.full(1, NO_ARRIVAL, dtype=np.int64), np.full(1, len(samples)), has_arrivals=False
        )
        return replay_log(points, self._config.site, np.zeros(len(points), dtype=np.bool_), trace)

    def _samples(self, part: Part, period: tuple[int, int], until: int) -> SampleBatch:
        """Return the samples of a period: by arrival, and those of other arrivals by source time."""
        begin, end = period
        batches = [
            entry.take(np.isin(entry.point, part.columns))
            for entry in self.history.stretches(begin, min(end, until) + 1)
            if isinstance(entry, SampleBatch)
        ]
        for column in part.columns[~self._timed[part.columns]]:
            by_source_time = self.history.samples(int(column), begin, end + 1)
            arrival = by_source_time.arrival
            outside = (arrival < begin) | (arrival > end)
            batches.append(by_source_time.take(outside & (arrival <= until)))
        return SampleBatch.concatenate(batches)

    def _read_journal(self) -> list[tuple[Event, Event | None]]:
        """Return the live episodes, and load the anomalies of earlier reviews."""
        finds, live = LateFinds(), _Episodes()
        for record in JournalReader(self._journal).read(kinds=REVIEWED_KINDS) if self._journal.is_file() else ():
            if isinstance(record.entry, LateEntry):
                # The record of the find may be damaged, and then nothing follows from those behind it.
                if KnownFacts({}, {}, (), finds.by_id).suffice_for(record.entry):
                    finds.fold(record.entry, record.time)
            else:
                live.fold(record)
        if not self._afresh:
            self._anomalies = {name: find.anomaly for name, find in finds.by_id.items()}
        return live.episodes

    def _in_force(self, anomaly: Anomaly) -> Anomaly:
        """Return an anomaly whose events have the version of the whole rule-set instead of the part's."""
        version = self._config.rules.version
        cleared = anomaly.cleared and replace(anomaly.cleared, rules=version)
        return replace(anomaly, raised=replace(anomaly.raised, rules=version), cleared=cleared)


class _Episodes:
    """The live episodes of a journal: each raise with the event that ended it."""

    def __init__(self) -> None:
        self.episodes: Final[list[tuple[Event, Event | None]]] = []
        self._standing: Final[dict[str, int]] = {}

    def fold(self, record: Record) -> None:
        """Fold an event or a change of an alarm. An alarm that returned without an event has lost its rule."""
        match record.entry:
            case AlarmReturn(alarm=condition) if condition in self._standing:
                raised = self.episodes[self._standing[condition]][0]
                self._end(replace(raised, transition="clear", time=max(record.time, raised.time)))
            case ConditionEvent(event=event) if event.transition == "raise":
                self._standing[event.condition] = len(self.episodes)
                self.episodes.append((event, None))
            case ConditionEvent(event=event) if event.condition in self._standing:
                self._end(event)

    def _end(self, cleared: Event) -> None:
        number = self._standing.pop(cleared.condition)
        self.episodes[number] = (self.episodes[number][0], cleared)


def _pieces(times: NDArray[np.int64], gap: int) -> Iterator[tuple[int, int]]:
    """Cut ascending times at gaps, and where a piece would exceed LONGEST_PIECE. [ns]."""
    begin = 0
    while begin < len(times):
        jumps = np.flatnonzero(np.diff(times[begin:]) > gap)
        after = begin + int(jumps[0]) + 1 if len(jumps) else len(times)
        after = min(after, int(np.searchsorted(times, times[begin] + LONGEST_PIECE, side="right")))
        yield int(times[begin]), int(times[after - 1])
        begin = after
