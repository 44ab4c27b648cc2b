"""Reviews late data: reads it and its surroundings from the historian, and finds what it would have raised."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores import HistoryReader, JournalReader, StartEntry
from alarms import AlarmReturn, ConditionEvent, LateEntry, LateFinds, Record, RecordKind
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from ingest import LateWatch, Log, replay_log, trusted_time
from plant import NO_ARRIVAL, PointTable, SampleBatch, Trace
from plant.units import HOUR
from rules import Anomaly, Event, Part, look_back, parts, warm_up

LONGEST_PIECE: Final = 6 * HOUR
"""Late data of more time than this is looked at in pieces. [ns]"""
MOST_SAMPLES: Final = 100_000
"""Late samples that are looked at together, about."""
MOST_ANOMALIES: Final = 100
"""Anomalies that are handed over together at most; whoever takes them has other things to do."""
REVIEW_LOOK_BACK: Final = HOUR // 6
"""So long before the first arrival the points are watched, to know what is late. [ns]"""
TOLD: Final[tuple[RecordKind, ...]] = ("event", "alarm", "retrospective")
KEY: Final = np.dtype([("point", np.int32), ("time", np.int64), ("arrival", np.int64)])


@dataclass(frozen=True, slots=True)
class Job:
    """The late samples among those that arrived after `after` and not after `until`. [ns, UTC].

    `watch` knows what came before; without it the time before is read again.
    """

    after: int
    until: int
    watch: LateWatch | None = None


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What was found among so many late samples, up to an arrival. [ns, UTC]."""

    until: int
    samples: int
    anomalies: tuple[Anomaly, ...]


def review(config: Config, folder: DataFolder, job: Job, *, afresh: bool = False) -> Iterator[ReviewOutcome]:
    """Yield what late data brings about, by and by, in the order of its arrival.

    Parameters
    ----------
    config : Config
        Its rules are those by which it is judged.
    folder : DataFolder
        Nothing in it is changed.
    job : Job
        Which late data.
    afresh : bool
        Also find what a review found and recorded before.

    Raises
    ------
    HistoryFileError, JournalError
        Something cannot be read.

    """
    reviewer = _Reviewer(config, folder, afresh=afresh)
    done = job.after
    for until, late in _late(config, reviewer.history, job):
        found: list[Anomaly] = []
        for anomaly in reviewer.look_at(late, until):
            found.append(anomaly)
            if len(found) == MOST_ANOMALIES:
                yield ReviewOutcome(done, 0, tuple(found))
                found.clear()
        yield ReviewOutcome(until, len(late), tuple(found))
        done = until


def _late(config: Config, history: HistoryReader, job: Job) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Yield the keys of late samples, some at a time, with the arrival up to which these are all."""
    watch = job.watch.copy() if job.watch else LateWatch(config.points, config.site, config.arrival_timed())
    found: list[NDArray[np.void]] = []
    count = 0
    begin = job.after + 1 if job.watch is not None else max(job.after - REVIEW_LOOK_BACK, NO_ARRIVAL + 1)
    for entry in history.log(begin, job.until + 1):
        if isinstance(entry, StartEntry):
            watch.start(entry.time)
            continue
        late, arrival = watch.take(entry), int(entry.arrival[0])
        if arrival <= job.after or not late.any():
            continue
        found.append(_keys(entry.take(late)))
        count += len(found[-1])
        if count >= MOST_SAMPLES:
            yield arrival, np.concatenate(found)
            found, count = [], 0
    yield job.until, np.concatenate([np.empty(0, dtype=KEY), *found])


def _keys(samples: SampleBatch) -> NDArray[np.void]:
    keys = np.empty(len(samples), dtype=KEY)
    for name in ("point", "time", "arrival"):
        keys[name] = getattr(samples, name)
    return keys


class _Reviewer:
    """What is known while late data is looked at: the history, what the journal told, and what was found so far."""

    def __init__(self, config: Config, folder: DataFolder, *, afresh: bool) -> None:
        self.history: Final = HistoryReader(folder.history, config.points)
        self._config: Final = config
        self._timed: Final = config.arrival_timed()
        self._journal: Final = folder.journal
        self._afresh: Final = afresh
        self._parts: Final = parts(config.rules)
        self._live: list[tuple[Event, Event | None]] | None = None
        self._told: dict[str, Anomaly] = {}

    def look_at(self, late: NDArray[np.void], until: int) -> Iterator[Anomaly]:
        """Yield what late samples bring about, given all that arrived up to then. [ns, UTC]."""
        if self._live is None and len(late):
            self._live = self._read_journal()
        for part in self._parts:
            keys = late[np.isin(late["point"], part.columns)]
            for piece in _pieces(np.sort(self._times(keys)), max(warm_up(part.rules), HOUR)):
                for anomaly in self._look(part, keys, piece, until):
                    self._told[anomaly.raised.id] = anomaly
                    yield anomaly

    def _times(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the times that count of late samples, to a few nanoseconds. [ns, UTC]."""
        ahead = keys["time"] > keys["arrival"] + self._config.site.max_clock_skew
        return np.where(ahead | self._timed[keys["point"]], keys["arrival"], keys["time"])

    def _look(self, part: Part, late: NDArray[np.void], piece: tuple[int, int], until: int) -> list[Anomaly]:
        warm = warm_up(part.rules)
        begin, end = piece[0] - warm, max(piece[1], min(piece[1] + warm, until))
        known, whole = self._logs(part, late, (begin, end), until)
        conditions = part.conditions()
        live = [
            (raised, cleared)
            for raised, cleared in self._live or ()
            if raised.condition in conditions and raised.time <= end and (cleared is None or cleared.time >= begin)
        ]
        found = look_back(
            part.rules,
            known,
            whole,
            standing=[raised for raised, _ in live if raised.time < begin],
            live=[event for pair in live for event in pair if event is not None],
            recorded=[one for one in self._told.values() if one.raised.time <= end and one.last >= begin],
            until=end,
        )
        return [self._in_force(anomaly) for anomaly in found]

    def _logs(self, part: Part, late: NDArray[np.void], period: tuple[int, int], until: int) -> tuple[Log, Log]:
        """Return the logs of a period in event time, without and with late samples."""
        given = self._samples(part, period, until)
        time, quality = trusted_time(given, self._timed, self._config.site.max_clock_skew)
        inside = (period[0] <= time) & (time <= period[1])
        was_late = np.isin(_keys(given), late)[inside]
        count = int(inside.sum())
        samples = replace(
            given.take(inside),
            point=np.searchsorted(part.columns, given.point[inside]).astype(np.int32),
            time=time[inside],
            quality=quality[inside],
            backfilled=np.zeros(count, dtype=np.bool_),
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
        """Return the samples of a period: those that arrived in it, and those whose source time is in it."""
        begin, end = period
        found = [
            entry.take(np.isin(entry.point, part.columns))
            for entry in self.history.stretches(begin, min(end, until) + 1)
            if isinstance(entry, SampleBatch)
        ]
        for column in part.columns[~self._timed[part.columns]]:
            given = self.history.samples(int(column), begin, end + 1)
            outside = (given.arrival < begin) | (given.arrival > end)
            found.append(given.take(outside & (given.arrival <= until)))
        return SampleBatch.concatenate(found)

    def _read_journal(self) -> list[tuple[Event, Event | None]]:
        """Return the live episodes; and remember what reviews have told."""
        finds, live = LateFinds(), _Episodes()
        for record in JournalReader(self._journal).read(kinds=TOLD) if self._journal.is_file() else ():
            if isinstance(record.entry, LateEntry):
                finds.fold(record.entry, record.time)
            else:
                live.fold(record)
        if not self._afresh:
            self._told = {name: find.anomaly for name, find in finds.by_id.items()}
        return live.episodes

    def _in_force(self, anomaly: Anomaly) -> Anomaly:
        """Give its events the version of the whole rule-set."""
        version = self._config.rules.version
        cleared = anomaly.cleared and replace(anomaly.cleared, rules=version)
        return replace(anomaly, raised=replace(anomaly.raised, rules=version), cleared=cleared)


class _Episodes:
    """The live episodes of a journal: their raises, with what ended them."""

    def __init__(self) -> None:
        self.episodes: Final[list[tuple[Event, Event | None]]] = []
        self._standing: Final[dict[str, int]] = {}

    def fold(self, record: Record) -> None:
        """Take an event, or a change of an alarm; one that returned without an event lost its rule."""
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
    """Cut ascending times where nothing is for longer than a gap, and where a piece would be too long. [ns]."""
    begin = 0
    while begin < len(times):
        jumps = np.flatnonzero(np.diff(times[begin:]) > gap)
        after = begin + int(jumps[0]) + 1 if len(jumps) else len(times)
        after = min(after, int(np.searchsorted(times, times[begin] + LONGEST_PIECE, side="right")))
        yield int(times[begin]), int(times[after - 1])
        begin = after
