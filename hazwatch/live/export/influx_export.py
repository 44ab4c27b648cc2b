"""Copies history and journal into InfluxDB, in order, from a position that survives every stop."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.certificates import read_secret
from adapters.stores import HistoryReader, JournalReader
from adapters.stores.influx import (
    MEASUREMENTS,
    InfluxAddress,
    RefusedLines,
    SampleLines,
    Sender,
    StorePosition,
    summary_keys,
    summary_lines,
)
from alarms import RecordKind
from alarms.entries import AlarmChange
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.names import alarm_line, series_of
from hazwatch.live.export.store_state import StoreState
from hazwatch.site.config import Config
from hazwatch.site.specs.stores import InfluxStoreSpec
from ingest import trusted_time
from plant import Message, SampleBatch
from plant.instant import write_instants
from plant.units import DAY, HOUR, MINUTE, SECOND

BODY: Final = 20_000
"""Samples in one request."""
_ALARMS: Final[tuple[RecordKind, ...]] = ("alarm",)
POSITION_EVERY: Final = 1.0
"""Time between two writes of the position. [s]"""
COMPLETE_AFTER: Final = 10 * SECOND
"""Log time after an interval at which its summary is written; what arrives later changes it. [ns]"""


def position_from(folder: DataFolder, begin: int) -> StorePosition:
    """Return the position before everything that arrived or was recorded from a time on. [ns, UTC]."""
    first = next(JournalReader(folder.journal).read(since=begin), None)
    # Without a record all alarms are copied: they are few, and what is there already stays as it is.
    record = 0 if first is None else first.number - 1
    return StorePosition(arrival=begin - 1, record=record, minute=floor_to(begin, MINUTE), hour=floor_to(begin, HOUR))


class InfluxExport:
    """What one store has, and the steps that bring it up to date."""

    def __init__(self, config: Config, folder: DataFolder, spec: InfluxStoreSpec, position: StorePosition) -> None:
        self.position = position
        self._config: Final = config
        self._history: Final = HistoryReader(folder.history, config.points)
        self._journal: Final = folder.journal
        series = series_of(config)
        self._keys: Final = {interval: summary_keys(series, interval) for interval in MEASUREMENTS}
        self._lines: Final = SampleLines(series, spec.naming)
        self._refused: Final = RefusedLines(folder.stores / f"{spec.id}.refused.jsonl")
        self._timed: Final = config.arrival_timed()
        self._deleted: Message | None = None
        # Minutes whose summaries were written before all their samples had arrived: column and start of the minute.
        self._changed: Final[set[tuple[int, int]]] = set()

    def state(self, trouble: Message | None) -> StoreState:
        """Return how far the store is."""
        position = self.position
        return StoreState(position.arrival, position.samples, position.refused, trouble, self._deleted)

    def up_to_date(self, sender: Sender, position_file: Path) -> Iterator[None]:
        """Copy everything that is not in the store yet, and keep the position; yield about once a second.

        Raises
        ------
        NotWrittenError, JournalError, OSError
            Everything up to the position that was kept is in the store.

        """
        before, kept = self.position, time.monotonic()
        for _ in self.steps(sender):
            if time.monotonic() - kept >= POSITION_EVERY:
                self._keep(sender, position_file)
                kept = time.monotonic()
                yield
        # Everything of the time in which two runs lie has been copied now.
        self.position = replace(self.position, until=0)
        if self.position != before or self._changed:
            self._keep(sender, position_file)

    def _keep(self, sender: Sender, position_file: Path) -> None:
        # In this order: a kill between the two repeats the summaries, the other order would leave them as they were.
        self.rewrite(sender)
        self.position.write(position_file)

    def steps(self, sender: Sender, until: int | None = None) -> Iterator[None]:
        """Copy samples up to an arrival, alarms and summaries; yield after each request.

        Raises
        ------
        NotWrittenError
            Everything up to the position is in the store, and what follows must be sent again.

        """
        self._look_for_deleted()
        end = None if until is None else until + 1
        for entry in self._history.stretches(self.position.arrival + 1, end):
            if isinstance(entry, SampleBatch):
                for begin in range(0, len(entry), BODY):
                    self._copy(sender, entry.take(slice(begin, begin + BODY)), is_last=begin + BODY >= len(entry))
                    yield
                    yield from self._summarize(sender, self.position.arrival)
        yield from self._copy_alarms(sender)

    def resend(self, sender: Sender, until: int) -> Iterator[None]:
        """Copy again what arrived up to a time, with its summaries; yield after each request. [ns, UTC]."""
        begin = self.position.minute
        yield from self.steps(sender, until)
        self.position = replace(self.position, arrival=until)
        yield from self._summarize(sender, until + 1 + COMPLETE_AFTER)
        # Samples of the period that came after it changed its summaries once, and must do so again.
        for entry in self._history.stretches(until + 1, until + DAY):
            if isinstance(entry, SampleBatch):
                self._note_late(entry, begin)
        self.rewrite(sender)

    def _look_for_deleted(self) -> None:
        """Note what retention took before it was copied: the history begins on a later day than the position."""
        span = self._history.span() if self._config.historian.days is not None else None
        begin = self.position.arrival + 1
        if span is not None and floor_to(span[0], DAY) > floor_to(begin, DAY):
            first, last = write_instants(np.array([begin, span[0]]))
            self._deleted = Message("what arrived from {first} to {last} was deleted before", first=first, last=last)

    def rewrite(self, sender: Sender) -> None:
        """Write summaries again that samples have changed since; the position may be kept afterwards."""
        by_hour: dict[tuple[int, int], list[int]] = {}
        span = self._history.span() if self._changed else None
        for point, minute in sorted(self._changed):
            # Of an hour that retention has reached, the store knows more than the history.
            if span is not None and floor_to(minute, HOUR) >= span[0]:
                by_hour.setdefault((point, floor_to(minute, HOUR)), []).append(minute)
        for (point, hour), minutes in by_hour.items():
            samples = self._trusted(
                self._history.samples(point, hour, hour + HOUR, placed=partial(self._placed, point))
            )
            lines = [
                line for minute in minutes for line in summary_lines([samples], self._keys[MINUTE], MINUTE, minute)
            ]
            if hour < self.position.hour:
                lines += summary_lines([samples], self._keys[HOUR], HOUR, hour)
            self._send(sender, b"".join(lines))
        self._changed.clear()

    def _copy(self, sender: Sender, samples: SampleBatch, *, is_last: bool) -> None:
        self._send(sender, self._lines.of(samples))
        self._note_late(samples)
        # A body may end within an arrival batch, whose rest must follow after a stop as well.
        last = int(samples.arrival[-1]) - (0 if is_last else 1)
        self.position = replace(
            self.position, arrival=max(self.position.arrival, last), samples=self.position.samples + len(samples)
        )

    def _note_late(self, samples: SampleBatch, since: int = 0) -> None:
        counted = self._trusted(samples)
        late = counted.take((counted.time < self.position.minute) & (counted.time >= since))
        self._changed.update(zip(late.point.tolist(), (late.time // MINUTE * MINUTE).tolist(), strict=True))

    def _summarize(self, sender: Sender, reached: int) -> Iterator[None]:
        """Write the summaries of the minutes and hours that are over at a time. [ns, UTC]."""
        while self.position.minute + MINUTE + COMPLETE_AFTER <= reached:
            minute = self.position.minute
            self._send(sender, self._summary(MINUTE, minute))
            self.position = replace(self.position, minute=minute + MINUTE)
            yield
            # An hour is read from the history again: its minutes in memory would be lost with a kill.
            if self.position.minute >= self.position.hour + HOUR:
                self._send(sender, self._summary(HOUR, self.position.hour))
                self.position = replace(self.position, hour=self.position.hour + HOUR)
                yield

    def _summary(self, interval: int, start: int) -> bytes:
        # A trusted time is at most `max_clock_skew` ahead of the arrival. What arrives after the position is late.
        first = start - self._config.site.max_clock_skew
        entries = self._history.stretches(first, self.position.arrival + 1)
        samples = (self._trusted(entry) for entry in entries if isinstance(entry, SampleBatch))
        return b"".join(summary_lines(samples, self._keys[interval], interval, start))

    def _copy_alarms(self, sender: Sender) -> Iterator[None]:
        for record in JournalReader(self._journal).read(self.position.record, kinds=_ALARMS):
            entry = record.entry
            if isinstance(entry, AlarmChange):
                self._send(sender, alarm_line(self._config.site.id, entry, record.number, record.time))
            self.position = replace(self.position, record=record.number)
            yield

    def _send(self, sender: Sender, body: bytes) -> None:
        if body:
            count = self._refused.add(sender.send(body), self.position.arrival)
            self.position = replace(self.position, refused=self.position.refused + count)

    def _trusted(self, samples: SampleBatch) -> SampleBatch:
        times, quality = trusted_time(samples, self._timed, self._config.site.max_clock_skew)
        return replace(samples, time=times, quality=quality)

    def _placed(self, point: int, times: NDArray[np.int64], arrival: NDArray[np.int64]) -> NDArray[np.int64]:
        skew = self._config.site.max_clock_skew
        return np.where(bool(self._timed[point]) | (times > arrival + skew), arrival, times)


def address_of(spec: InfluxStoreSpec) -> InfluxAddress:
    """Return where a store is, with its token; raise OSError or ValueError if the token cannot be read."""
    token = "" if spec.token_file is None else read_secret(Path(spec.token_file)).decode(errors="replace").strip()
    # The error of the library would quote the token.
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(Message("{path}: expected a token alone, in ASCII, on one line", path=spec.token_file))
    return InfluxAddress(spec.url, spec.org, spec.bucket, token)


def floor_to(instant: int, interval: int) -> int:
    """Return the beginning of the interval of a length [ns] that holds an instant. [ns, UTC]."""
    return instant // interval * interval
