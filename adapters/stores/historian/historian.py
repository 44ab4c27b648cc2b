"""Historian: every entry of the log on disk as it arrived, by one writer thread."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

from adapters.stores.historian.block import warm_up
from adapters.stores.historian.dayfile import HistorianFormatError, Synchronous, day_of
from adapters.stores.historian.lock import FolderLock
from adapters.stores.historian.writer import DayWriter
from plant import NO_ARRIVAL, PointTable, SampleBatch

_LOG: Final = logging.getLogger(__name__)

_GROUP_SAMPLES: Final = 1 << 18
"""Of one transaction, so that it stays short."""


class ArrivalOrderError(ValueError):
    """An entry does not come after the one before it, or its samples have no single arrival."""


class HistorianFullError(Exception):
    """The samples were not kept: those that wait for the disk are as many as may wait, or the historian was closed."""


class _Waiting(NamedTuple):
    time: int
    batch: SampleBatch | None  # None: start of a run
    stored: "Future[None]"

    @property
    def size(self) -> int:
        return 0 if self.batch is None else len(self.batch)


class Historian:
    """Keeps the log in a folder, one file per day (UTC) of arrival.

    Parameters
    ----------
    folder
        Made where there is none. One historian at a time may write in it.
    points
        Whose column numbers the batches carry. They are kept by id.
    retention_days
        How many day files are kept beside that of the current day; None keeps all.
    synchronous
        "full": what is acknowledged survives a power loss. "normal": it survives the end of the process, and a power
        loss may cost the last seconds.
    most_waiting
        How many samples may wait for the disk; more are refused and counted.
    retry
        After how long a write that failed is tried again. [s]
    longest_head
        After how many entries they are packed by point.
    linger
        How long a batch waits for others before all that wait are written. [s]

    """

    def __init__(
        self,
        folder: Path,
        points: PointTable,
        *,
        retention_days: int | None,
        synchronous: Synchronous = "full",
        most_waiting: int = 4_000_000,
        retry: float = 1.0,
        longest_head: int = 256,
        linger: float = 0.0,
    ) -> None:
        warm_up()
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            self._lock: Final = FolderLock(folder)
            undo.callback(self._lock.release)
            self._writer: Final = DayWriter(
                folder, points, retention_days=retention_days, synchronous=synchronous, longest_head=longest_head
            )
            undo.pop_all()
        self._most_waiting: Final = most_waiting
        self._queue: Final[SimpleQueue[_Waiting | None]] = SimpleQueue()
        self._columns: Final = len(points)
        self._taken = self._settled = self._refused = 0
        self._last_batch = self._last = self._acknowledged = self._writer.last
        self._fault: str | None = None
        self._retry: Final = retry
        self._linger: Final = linger
        self._closing: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name="historian", daemon=True)
        self._thread.start()

    @property
    def acknowledged(self) -> int:
        """Time of the last entry on disk: it and all before it are kept; NO_ARRIVAL where there is none. [ns, UTC]."""
        return self._acknowledged

    @property
    def waiting(self) -> int:
        """Number of samples that are not on disk yet."""
        return self._taken - self._settled

    @property
    def refused(self) -> int:
        """Number of samples that were not kept, since the historian was opened."""
        return self._refused

    @property
    def fault(self) -> str | None:
        """Why nothing can be written at present; None while all is well."""
        return self._fault

    def append(self, batch: SampleBatch) -> "Future[None]":
        """Take an arrival batch, whose arrays nobody may change any more; the future is done when it is on disk.

        Never blocks. The future cannot be cancelled; it fails with HistorianFullError where the batch was not kept.

        Raises
        ------
        ArrivalOrderError
            Not one arrival, or not later than the batch before, or earlier than the start of the run.

        """
        if len(batch) == 0:
            stored: Future[None] = Future()
            stored.set_result(None)
            return stored
        arrival = int(batch.arrival[0])
        if arrival == NO_ARRIVAL or (batch.arrival != arrival).any():
            raise ArrivalOrderError("expected one arrival for all samples of a batch")
        if arrival <= self._last_batch or arrival < self._last:
            raise ArrivalOrderError(f"expected an arrival later than {self._last}, found {arrival}")
        if batch.point.min() < 0 or batch.point.max() >= self._columns:
            raise IndexError(f"expected columns of {self._columns} points")
        self._last_batch = arrival
        return self._take(arrival, batch)

    def start(self, time: int) -> "Future[None]":
        """Take the start entry of a run, whatever its time: a clock may have been set back between runs. [ns, UTC]."""
        self._last_batch = NO_ARRIVAL
        return self._take(time, None)

    def close(self) -> None:
        """Write what waits, once more where it failed, and end; what cannot be written is refused."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()
        self._lock.release()

    def _take(self, time: int, batch: SampleBatch | None) -> "Future[None]":
        self._last = time
        entry = _Waiting(time, batch, Future())
        entry.stored.set_running_or_notify_cancel()
        if self._closing.is_set() or self.waiting + entry.size > self._most_waiting:
            self._refused += entry.size
            entry.stored.set_exception(HistorianFullError(f"{self.waiting} samples wait: {self._fault or 'closed'}"))
            return entry.stored
        self._taken += entry.size
        self._queue.put(entry)
        return entry.stored

    def _run(self) -> None:
        try:
            self._write_until_closed()
        finally:
            if not self._closing.is_set():
                self._fault = self._fault or "the writer has ended"
                self._closing.set()

    def _write_until_closed(self) -> None:
        while group := self._next():
            for _, entries in groupby(group, key=lambda entry: day_of(entry.time)):
                self._settle(list(entries))
            self._attempt(self._writer.compact_when_due)
        self._attempt(self._writer.close)

    def _next(self) -> list[_Waiting]:
        """Wait for entries and return those that wait, up to a bound; none at the end."""
        group: list[_Waiting] = []
        count = 0
        while count < _GROUP_SAMPLES:
            try:
                entry = self._queue.get(block=not group)
            except Empty:
                break
            if entry is None:
                if group:
                    self._queue.put(None)
                break
            if not group:
                self._closing.wait(self._linger)
            group.append(entry)
            count += entry.size
        return group

    def _settle(self, entries: list[_Waiting]) -> None:
        """Write entries of one day, however long it takes; or refuse them, once the historian is being closed."""
        while not self._attempt(lambda: self._writer.write(entries)):
            if self._closing.wait(self._retry):
                break
        count = sum(entry.size for entry in entries)
        if self._fault is None:
            self._acknowledged = entries[-1].time
        else:
            self._refused += count
            _LOG.error("history is closed, samples are lost count=%d error=%s", count, self._fault)
        self._settled += count
        for entry in entries:
            if self._fault is None:
                entry.stored.set_result(None)
            else:
                entry.stored.set_exception(HistorianFullError(self._fault))

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Try to write; say once that it fails, and once that it goes on."""
        try:
            work()
        except (sqlite3.Error, OSError, HistorianFormatError) as error:
            if self._fault is None:
                _LOG.error("history cannot be written error=%s waiting=%d", error, self.waiting)
            self._fault = str(error)
            self._writer.leave_if_broken(error)
            return False
        if self._fault is not None and not self._closing.is_set():
            _LOG.warning("history is written again waiting=%d refused=%d", self.waiting, self._refused)
        self._fault = None
        return True
