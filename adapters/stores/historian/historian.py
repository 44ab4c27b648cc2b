"""The historian: one thread writes every entry of the log to disk in the order of arrival."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple, Protocol

from adapters.stores.historian.damage import DamagedError
from adapters.stores.historian.day.database import HistorianFormatError, Synchronous
from adapters.stores.historian.folder import day_of
from adapters.stores.historian.lock import FolderLock
from adapters.stores.historian.packing.block import warm_up
from adapters.stores.historian.writer import AnchorOf, DayWriter
from adapters.stores.sqlite_reasons import reason_of_sqlite
from plant import NO_ARRIVAL, Message, SampleBatch, message_of

_LOG: Final = logging.getLogger(__name__)

_GROUP_SAMPLES: Final = 1 << 18
"""Largest number of samples in one transaction, so that a commit stays short."""


class ArrivalOrderError(ValueError):
    """A batch does not come after the one before it, or its samples have different arrivals."""


class HistorianFullError(Exception):
    """The samples were not kept, because too many wait for the disk or the historian was closed."""


class _Waiting(NamedTuple):
    """An entry that waits for the writer thread, and for what goes before it; a batch of None is the start of a run."""

    time: int
    batch: SampleBatch | None
    stored: "Future[None]"
    after: "Future[int] | None"

    @property
    def size(self) -> int:
        return 0 if self.batch is None else len(self.batch)


class WaitingColumns(Protocol):
    """What names the columns of batches: a PointTable, or more ids than that."""

    @property
    def ids(self) -> Sequence[str]:
        """Ids of the points, by their column numbers."""


class Historian:
    """Keeps the log in a folder, one file per day (UTC) of arrival.

    Parameters
    ----------
    folder
        Folder of the day files; created if it does not exist. One historian at a time may write in it.
    points
        The points whose columns the batches carry. The historian keeps their ids.
    retention_days
        Number of day files to keep beside the current one; None keeps all.
    synchronous
        "full": acknowledged entries survive a power loss. "normal": they survive the end of the process, but a power
        loss may cost the last seconds.
    most_waiting
        Largest number of samples that may wait for the disk; more are refused and counted.
    retry
        Time between a failed write and the next attempt. [s]
    longest_head
        Number of entries after which the head is packed into a segment.
    anchor
        Returns the head of the journal on disk; each day file keeps the newest one.
    linger
        Time for which the first waiting batch waits for others, to share their transaction. [s]

    """

    def __init__(
        self,
        folder: Path,
        points: WaitingColumns,
        *,
        retention_days: int | None,
        synchronous: Synchronous = "full",
        most_waiting: int = 4_000_000,
        retry: float = 1.0,
        longest_head: int = 256,
        linger: float = 0.0,
        anchor: AnchorOf = lambda: None,
    ) -> None:
        warm_up()
        folder.mkdir(parents=True, exist_ok=True)
        # The lock comes before the writer opens a file, and is released if opening fails.
        with ExitStack() as undo:
            self._lock: Final = FolderLock(folder)
            undo.callback(self._lock.release)
            self._writer: Final = DayWriter(
                folder,
                points.ids,
                retention_days=retention_days,
                synchronous=synchronous,
                longest_head=longest_head,
                anchor=anchor,
            )
            undo.pop_all()
        self._most_waiting: Final = most_waiting
        self._queue: Final[SimpleQueue[_Waiting | None]] = SimpleQueue()
        self._columns: Final = len(points.ids)
        self._taken = self._settled = self._refused = 0
        self._last_batch = self._last = self._acknowledged = self._writer.last
        self._fault: Message | None = None
        self._retry: Final = retry
        self._linger: Final = linger
        self._closing: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name="historian", daemon=True)
        self._thread.start()

    @property
    def acknowledged(self) -> int:
        """Time of the last entry on disk; all entries up to it are kept. NO_ARRIVAL if there is none. [ns, UTC]."""
        return self._acknowledged

    @property
    def waiting(self) -> int:
        """Number of samples that are not on disk yet."""
        return self._taken - self._settled

    @property
    def refused(self) -> int:
        """Number of samples refused since the historian was opened."""
        return self._refused

    @property
    def fault(self) -> Message | None:
        """Why writing fails at present; None if it works."""
        return self._fault

    def append(self, batch: SampleBatch, after: "Future[int] | None" = None) -> "Future[None]":
        """Queue an arrival batch without blocking; the future is done when the batch is on disk.

        It is not written before `after` is done: the records that follow from the batch, and from all before it. The
        caller must not change the arrays afterwards. The future cannot be cancelled. It raises HistorianFullError
        if the batch was not kept.

        Raises
        ------
        ArrivalOrderError
            The samples have different arrivals, or the arrival is not later than that of the batch before, or it is
            earlier than the start of the run.

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
        return self._take(arrival, batch, after)

    def start(self, time: int, after: "Future[int] | None" = None) -> "Future[None]":
        """Queue the start entry of a run, as `append` does. Any time is valid: a clock may be set back. [ns, UTC]."""
        # The first batch of the run may have the same time as its start, so only `_last` bounds it.
        self._last_batch = NO_ARRIVAL
        return self._take(time, None, after)

    def close(self) -> None:
        """Write all waiting entries, with one more attempt if writing fails, and end; refuse the others."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()
        self._lock.release()

    def _take(self, time: int, batch: SampleBatch | None, after: "Future[int] | None") -> "Future[None]":
        self._last = time
        entry = _Waiting(time, batch, Future(), after)
        # A running future cannot be cancelled: the entry is in the log whether or not the caller still waits.
        entry.stored.set_running_or_notify_cancel()
        if self._closing.is_set() or self.waiting + entry.size > self._most_waiting:
            self._refused += entry.size
            entry.stored.set_exception(HistorianFullError(_not_kept(self.waiting, self._fault)))
            return entry.stored
        self._taken += entry.size
        self._queue.put(entry)
        return entry.stored

    def _run(self) -> None:
        try:
            self._write_until_closed()
        finally:
            # An unexpected error ends the thread: append then refuses, instead of filling a queue that nobody empties.
            if not self._closing.is_set():
                self._fault = self._fault or Message("the writer has ended")
                self._closing.set()

    def _write_until_closed(self) -> None:
        while group := self._next():
            # A transaction cannot span two files, so a group is cut at midnight (UTC).
            for _, entries in groupby(group, key=lambda entry: day_of(entry.time)):
                self._settle(list(entries))
            self._attempt(self._writer.compact_when_due)
        self._attempt(self._writer.anchor)
        self._attempt(self._writer.close)

    def _next(self) -> list[_Waiting]:
        """Wait for an entry, and return all that wait, up to _GROUP_SAMPLES samples; nothing means the end."""
        group: list[_Waiting] = []
        count = 0
        while count < _GROUP_SAMPLES:
            try:
                entry = self._queue.get(block=not group)
            except Empty:
                break
            if entry is None:
                # Put the end mark back, so that the next call returns nothing after this group is written.
                if group:
                    self._queue.put(None)
                break
            if not group:
                self._closing.wait(self._linger)
            group.append(entry)
            count += entry.size
        # A failure of the journal is an answer, too: the samples need not wait for its disk.
        wait({entry.after for entry in group if entry.after is not None})
        return group

    def _settle(self, entries: list[_Waiting]) -> None:
        """Write entries of one day, retrying until it succeeds; refuse them if the historian closes meanwhile."""
        while not self._attempt(lambda: self._writer.write(entries)):
            if self._closing.wait(self._retry):
                break
        count = sum(entry.size for entry in entries)
        if self._fault is None:
            self._acknowledged = entries[-1].time
        else:
            self._refused += count
            _LOG.error("%s count=%d error=%s", Message("history is closed, samples are lost"), count, self._fault)
        self._settled += count
        for entry in entries:
            if self._fault is None:
                entry.stored.set_result(None)
            else:
                entry.stored.set_exception(HistorianFullError(self._fault))

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do some work on the disk and return True on success; log the first failure and the recovery."""
        try:
            work()
        except (sqlite3.Error, OSError, DamagedError, HistorianFormatError) as error:
            known, self._fault = self._fault, _reason(error)
            if known is None:
                event = Message("history cannot be written")
                _LOG.error("%s error=%s waiting=%d", event, self._fault, self.waiting)
            self._writer.leave_if_broken(error)
            return False
        if self._fault is not None and not self._closing.is_set():
            again = Message("history is written again")
            _LOG.warning("%s waiting=%d refused=%d", again, self.waiting, self._refused)
        self._fault = None
        return True


def _not_kept(waiting: int, fault: Message | None) -> Message:
    reason = Message("history is closed") if fault is None else fault
    return Message("{count} {count:sample waits|samples wait}: {reason}", count=waiting, reason=reason)


def _reason(error: Exception) -> Message:
    return reason_of_sqlite(error) if isinstance(error, sqlite3.Error) else message_of(error)
