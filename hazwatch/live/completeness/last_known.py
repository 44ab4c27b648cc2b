"""What a run that starts knows of each point from the runs before: its last sample, and how fast rows came."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources import Source
from adapters.stores import HistoryReader, StartEntry
from hazwatch.live.handover import Unstored
from hazwatch.site.config import Config
from plant import NO_ARRIVAL, Quality, SampleBatch
from plant.units import DAY, HOUR, MINUTE, SECOND

LOOK_BACKS: Final = (MINUTE // 2, 10 * MINUTE, HOUR, DAY)
"""Times before the last arrival in which last samples are looked for, until every point has one. [ns]"""
# A link that was down at the end of the run left BAD samples alone; the samples before it lie farther back.


def take_up(sources: Sequence[Source], config: Config, history: HistoryReader, unstored: Unstored, before: int) -> None:
    """Tell sources where the runs before have stopped; `before` is the last arrival, or NO_ARRIVAL. [ns, UTC]."""
    if before == NO_ARRIVAL:
        return
    last = LastSamples(len(config.points))
    rows = np.zeros(len(config.points), np.int64)
    until = before + 1
    for look_back in LOOK_BACKS:
        begin = before - look_back
        for piece in _pieces(history, unstored, begin, until):
            measured = last.take(piece)
            if look_back == LOOK_BACKS[0]:
                rows += np.bincount(measured.point, minlength=len(rows))
        if last.has_all:
            break
        until = begin
    for source in sources:
        columns = np.array([column for column, _ in config.points_of(source.name)], np.intp)
        source.resume(last.of(columns), float(rows[columns].sum()) * SECOND / LOOK_BACKS[0])


class LastSamples:
    """The last measured sample of each point: none that says a link is lost, and none that was filled in.

    Parameters
    ----------
    points : int
        Number of points of the site.

    """

    def __init__(self, points: int) -> None:
        self._last: Final = SampleBatch.of(np.arange(points), np.full(points, NO_ARRIVAL), np.full(points, np.nan))

    @property
    def has_all(self) -> bool:
        """Whether every point has one."""
        return bool((self._last.time != NO_ARRIVAL).all())

    def take(self, batch: SampleBatch) -> SampleBatch:
        """Take samples of the site's points; return those of them that were measured."""
        known = (batch.point >= 0) & (batch.point < len(self._last))
        measured = batch.take(known & (batch.quality != Quality.BAD) & ~batch.backfilled)
        # Of several samples of a point, the last assignment counts.
        order = np.argsort(measured.time, kind="stable")
        newer = measured.take(order[measured.time[order] >= self._last.time[measured.point[order]]])
        for name in ("time", "value", "quality", "state"):
            getattr(self._last, name)[newer.point] = getattr(newer, name)
        return measured

    def of(self, columns: NDArray[np.intp]) -> SampleBatch:
        """Return the last samples of some points, as far as there are any."""
        return self._last.take(columns[self._last.time[columns] != NO_ARRIVAL])


def _pieces(history: HistoryReader, unstored: Unstored, begin: int, end: int) -> Iterator[SampleBatch]:
    """Yield the samples of the arrivals in [begin, end), also those that only the journal has. [ns, UTC]."""
    left: Iterable[SampleBatch | None] = (entry.batch for entry in unstored.entries if begin <= entry.time < end)
    yield from (batch for batch in left if batch is not None)
    yield from (entry for entry in history.stretches(begin, end) if not isinstance(entry, StartEntry))
