"""Keeps log entries in the journal until the history has them, so that no record loses the samples behind it."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from logging import getLogger
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores import (
    ArrivalOrderError,
    Handover,
    Historian,
    HistoryReader,
    JournalReader,
    PendingEntry,
    StartEntry,
)
from hazwatch.live.data_folder import DataFolder
from plant import NO_ARRIVAL, Message, SampleBatch

logger = getLogger(__name__)


class Gaps:
    """Finds out which of the entries that a killed run left in the journal the history lacks, while it is read."""

    def __init__(self, entries: Sequence[PendingEntry]) -> None:
        self._entries: Final = entries
        self._begin: Final = min((entry.time for entry in entries), default=0)
        self._end: Final = max((entry.time for entry in entries), default=-1) + 1
        # Two entries of one kind never have the same time.
        self._held: Final[set[tuple[int, bool]]] = set()

    @property
    def period(self) -> tuple[int, int]:
        """The period of the history that shows the gaps, the end not included. [ns, UTC]."""
        return self._begin, self._end

    def see(self, piece: StartEntry | SampleBatch) -> None:
        """Take a piece of the history; it may reach beyond the period."""
        if isinstance(piece, StartEntry):
            self._held.add((piece.time, True))
        elif self._entries:
            arrivals = piece.arrival[(self._begin <= piece.arrival) & (piece.arrival < self._end)]
            self._held.update((time, False) for time in np.unique(arrivals).tolist())

    def lacking(self) -> list[PendingEntry]:
        """Return the entries that no piece had, in log order."""
        return [entry for entry in self._entries if (entry.time, entry.batch is None) not in self._held]


def left_in_journal(folder: DataFolder, ids: Sequence[str]) -> tuple[tuple[str, ...], tuple[PendingEntry, ...]]:
    """Return the entries in the journal, whether the history has them or not, for the points of a site file.

    The first result has the ids by the columns of the batches: the points of the site file, then points that it lacks.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    names, kept = JournalReader(folder.journal).pending() if folder.journal.is_file() else ((), [])
    columns = {name: column for column, name in enumerate(ids)}
    numbers = np.array([columns.setdefault(name, len(columns)) for name in names], dtype=np.int32)
    return tuple(columns), tuple(_renumbered(entry, numbers) for entry in kept)


@dataclass(frozen=True, slots=True)
class Unstored:
    """The entries that a killed run left in the journal.

    Attributes
    ----------
    ids
        Ids of the points by the columns of the batches; see `left_in_journal`.
    entries
        The entries that the history lacks, in log order.
    last : int
        Number of the last entry in the journal; 0 if it has none.

    """

    ids: tuple[str, ...]
    entries: tuple[PendingEntry, ...]
    last: int

    @classmethod
    def of(cls, folder: DataFolder, ids: Sequence[str]) -> "Unstored":
        """Compare journal and history of a folder, for the points of a site file.

        Raises
        ------
        JournalError, HistoryFileError
            One of them cannot be read.

        """
        columns, kept = left_in_journal(folder, ids)
        gaps = Gaps(kept)
        for piece in HistoryReader(folder.history).stretches(*gaps.period) if kept else ():
            gaps.see(piece)
        return cls(columns, tuple(gaps.lacking()), kept[-1].number if kept else 0)

    @property
    def latest(self) -> int:
        """Time of the last entry; NO_ARRIVAL if there is none. [ns, UTC]."""
        return self.entries[-1].time if self.entries else NO_ARRIVAL


class EntriesAhead:
    """The entries that the history does not have yet.

    The runtime notes an entry before it appends the entry's records to the journal, and stores it afterwards, so an
    alarm does not wait for the history. Each append to the journal carries the noted entries that no earlier append
    carried and that the history does not have. In a quiet plant there are none.
    """

    def __init__(self, historian: Historian, unstored: Unstored) -> None:
        # `_fresh` entries wait for the next append, `_waiting` entries for the history; `_stored` is the number up to
        # which the history has all entries.
        self._historian: Final = historian
        self._points: tuple[str, ...] | None = unstored.ids
        self._last = unstored.last
        self._stored = unstored.last
        self._fresh: list[PendingEntry] = []
        self._waiting: Final[deque[tuple[int, int, Future[None]]]] = deque()
        self._end = NO_ARRIVAL
        for entry in unstored.entries:
            self._stored = min(self._stored, entry.number - 1)
            try:
                self.store(entry)
            except ArrivalOrderError as error:
                event = Message("samples of the last run have no place in the history")
                logger.warning("%s reason=%s", event, error)

    def note(self, time: int, batch: SampleBatch | None) -> PendingEntry:
        """Note an arrival batch, or the start of the run. [ns, UTC]."""
        self._last += 1
        entry = PendingEntry(self._last, time, batch)
        self._fresh.append(entry)
        return entry

    def store(self, entry: PendingEntry, after: "Future[int] | None" = None) -> "Future[None]":
        """Pass an entry to the historian, which writes it after the records of all entries up to it."""
        time, batch = entry.time, entry.batch
        stored = self._historian.start(time, after) if batch is None else self._historian.append(batch, after)
        self._waiting.append((entry.number, time, stored))
        return stored

    def handover(self) -> Handover:
        """Return the entries that the next append to the journal carries."""
        while self._waiting and self._waiting[0][2].done():
            self._stored, time, stored = self._waiting.popleft()
            self._end = time if stored.exception() is None else self._end
        entries, self._fresh = [entry for entry in self._fresh if entry.number > self._stored], []
        points, self._points = self._points, None
        return Handover(entries, self._stored, self._end, points)


def _renumbered(entry: PendingEntry, columns: NDArray[np.int32]) -> PendingEntry:
    if entry.batch is None:
        return entry
    return replace(entry, batch=replace(entry.batch, point=columns[entry.batch.point]))
