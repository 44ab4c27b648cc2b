"""The log of a whole trace, made piece by piece: a long trace does not stand in memory twice."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.log import NO_POINT, Log
from ingest.order import check_timed, entries_of
from ingest.tick import ticks_among
from plant import PointTable, Site, Trace


class TraceLog:
    """The entries of `replay_log` for a trace of one run, in pieces.

    Parameters
    ----------
    points, site, arrival_timed, trace
        Those of `replay_log`.

    """

    def __init__(self, points: PointTable, site: Site, arrival_timed: NDArray[np.bool_], trace: Trace) -> None:
        check_timed(points, arrival_timed)
        self._rows, arrival = entries_of(trace, arrival_timed, site.max_clock_skew)
        self._key: Final = arrival if trace.has_arrivals else self._rows.time
        self._allowance: Final = site.allowance if trace.has_arrivals else 0
        self._period: Final = site.tick_period

    @property
    def end(self) -> int | None:
        """The latest time of an entry; None if there is none. [ns, UTC]."""
        return max(int(self._rows.time.max()), int(self._key.max())) if len(self._key) else None

    def pieces(self, entries: int) -> Iterator[tuple[Log, float]]:
        """Yield the log in pieces of that many rows, each with the share of the rows up to its end."""
        if not len(self._key):
            return
        rows = self._rows
        # Ticks of a trace come after the samples of the same arrival.
        order = np.lexsort((rows.point, rows.time, rows.point == NO_POINT, self._key))
        entered_at = self._key[order]
        ticks = ticks_among(entered_at - self._allowance if self._allowance else entered_at, self._period)
        before = np.searchsorted(entered_at, ticks + self._allowance, side="right")
        end = entered_at[-1:].copy()
        del entered_at
        for begin in range(0, len(order), entries):
            piece = rows[order[begin : begin + entries]]
            # A tick that enters before the first row of a piece stands at the end of the piece before.
            first, last = np.searchsorted(before, (begin, begin + len(piece)), side="right")
            first = 0 if begin == 0 else first
            yield (
                piece.with_ticks(ticks[first:last], before[first:last] - begin),
                (begin + len(piece)) / len(order),
            )
        yield Log.of_ticks(end), 1.0
