"""Rebuilds the log of past runs from the historian and the journal of a data folder."""

from collections.abc import Iterable, Iterator
from typing import Final

from adapters.stores import Damage, DamageLog, HistoryReader, JournalReader, StartEntry, lost_end
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Gaps, left_in_journal
from hazwatch.site.config import Config
from ingest import Intake, Log
from plant import SampleBatch

ENTRIES_AT_ONCE: Final = 1 << 16
"""Approximate number of log entries to yield at once; the events do not depend on it."""


class Past:
    """The log of all runs in a data folder, with the same batches, starts and ticks as the live engine saw.

    The historian keeps batches and starts, and ticks follow from the arrivals. Ticks after the last batch of a run
    leave no trace except events; the journal's records of these show how far the clock had come.

    The log leaves damaged samples out. `damages` has those damages that the log met so far.

    Raises
    ------
    JournalError
        The journal exists but cannot be read.

    """

    def __init__(self, config: Config, folder: DataFolder, damages: DamageLog | None = None, *, since: int = 0) -> None:
        """Prepare to read; `since` is the number of a record that is older than all that is read."""
        self._config: Final = config
        self._reader: Final = HistoryReader(folder.history, config.points, damages)
        self.damages: Final[list[Damage]] = []
        _, self._left = left_in_journal(folder, config.points.ids)
        journal = JournalReader(folder.journal) if folder.journal.is_file() else None
        self._runs: Final = [] if journal is None else journal.runs(since)
        self._lost: Final = None if journal is None else lost_end(folder.history, journal.history_end())

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last entry; None if there is none. [ns, UTC]."""
        spans = [span for span in (self._reader.span(),) if span is not None]
        spans += [(entry.time, entry.time) for entry in self._left]
        # The journal may still have entries that the history has, too.
        return (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else None

    def log(self, start: int | None = None, end: int | None = None) -> Iterator[Log]:
        """Yield the log of the arrivals in [start, end), piece by piece. [ns, UTC].

        If `start` is within a run, the log begins with a start entry, as the log of every run does.

        Raises
        ------
        HistoryFileError
            A day file cannot be read.

        """
        return _gathered(self._entries(start, end))

    def after(self, intake: Intake) -> Iterator[Log]:
        """Yield the log after the position of an intake, and advance the intake."""
        entered = intake.position[0]
        return self._walk(intake, entered, entered + 1, None)

    def _entries(self, start: int | None, end: int | None) -> Iterator[Log]:
        config = self._config
        return self._walk(Intake(config.points, config.site, config.arrival_timed()), None, start, end)

    def _walk(self, intake: Intake, begun: int | None, start: int | None, end: int | None) -> Iterator[Log]:
        for entry in self._stretches(start, end):
            if isinstance(entry, StartEntry):
                if begun is not None:
                    yield intake.clock(self._passed(begun))
                begun = entry.time
                yield intake.start(begun)
                continue
            if begun is None:
                begun = int(entry.arrival[0]) - 1
                yield intake.start(begun)
            yield intake.accept_all(entry)
        if begun is not None:
            yield intake.clock(self._until(begun, end))

    def _stretches(self, start: int | None, end: int | None) -> Iterator[StartEntry | SampleBatch]:
        """Yield the entries of the history, then those that a killed run left in the journal."""
        gaps = Gaps(self._left)
        for piece in self._reader.stretches(start, end, self.damages):
            gaps.see(piece)
            yield piece
        lost = self._lost
        if lost is not None and (start is None or start < lost.end) and (end is None or lost.start < end):
            self.damages.append(lost)
        for entry in gaps.lacking():
            if (start is None or start <= entry.time) and (end is None or entry.time < end):
                yield StartEntry(entry.time) if entry.batch is None else self._known(entry.batch)

    def _known(self, batch: SampleBatch) -> SampleBatch:
        """Return the samples of points that are in the site file."""
        return batch.take(batch.point < len(self._config.points))

    def _passed(self, time: int) -> int:
        """Return the log time of the last journaled event of the run that a time belongs to."""
        return max((run for run in self._runs if run[0] <= time), default=(time, time))[1]

    def _until(self, begun: int, end: int | None) -> int:
        """Return the time that the clock is known to have passed at the end of the period."""
        if end is None:
            return self._passed(begun)
        span = self.span()
        return end if span is not None and span[1] >= end else min(end, self._passed(begun))


def _gathered(pieces: Iterable[Log]) -> Iterator[Log]:
    """Join small pieces, because every call of the engine has a fixed cost."""
    waiting: list[Log] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= ENTRIES_AT_ONCE:
            yield Log.concatenate(waiting)
            waiting, count = [], 0
    if count:
        yield Log.concatenate(waiting)
