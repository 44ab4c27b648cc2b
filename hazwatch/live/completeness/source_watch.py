"""`SourceWatch`: follows every stamped batch of a run, to say how complete and how timely the sources are."""

from collections.abc import Callable, Sequence
from logging import getLogger
from typing import Final

import numpy as np

from adapters.sources import SourceReport
from hazwatch.live.completeness.outages import Outage, Outages
from hazwatch.live.completeness.sample_counter import SampleCounter
from hazwatch.live.completeness.scans import Scans
from hazwatch.live.completeness.source_rows import SourceRows
from hazwatch.live.completeness.transit import TransitTimes
from hazwatch.live.source_clocks import SKEW_JITTER, Skews
from plant import Message, PointTable, SampleBatch, SourceSpec
from plant.instant import write_instants
from rules import Counts

logger = getLogger(__name__)


class SourceWatch:
    """Counts, delays, clocks and outages of the sources of a run.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    sources : sequence of SourceSpec
        The sources of the site.
    known : Counts
        Counts of the engine at the start of the run.
    report : callable
        Returns what a source, by its id, knows about its own completeness.
    rate : float
        Speed of the clock of the log. [1]

    """

    def __init__(
        self,
        points: PointTable,
        sources: Sequence[SourceSpec],
        known: Counts,
        report: Callable[[str], SourceReport],
        *,
        rate: float = 1.0,
    ) -> None:
        self.rows: Final = SourceRows(points, sources)
        self._report: Final = report
        self._lags: Final = {source.id: SKEW_JITTER + sum(source.lag) for source in sources}
        self._skews: Final = Skews(points)
        self.counts: Final = SampleCounter(self.rows, known)
        self.scans: Final = Scans(self.rows, sources, rate)
        self.transit: Final = TransitTimes(self.rows)
        self.outages: Final = Outages(self.rows, lambda source: report(source).trouble)

    def start(self, now: int, before: int) -> None:
        """Begin a run; `before` is the last entry of the run before, or NO_ARRIVAL. [ns, UTC]."""
        self.counts.start(now)
        self.outages.start(now, before)

    def skew(self, source: str) -> int | None:
        """Return how far the clock of a source is ahead; None until its samples have shown it for some time. [ns].

        Samples show the clock by which the device measures, but those of a scan have a computed time. Where they agree
        with the clock of the server but for that, the clock of the server is the exact one.
        """
        shown, exact = self._skews.of(source), self._report(source).skew
        if shown is None or exact is None or not -self._lags[source] <= shown - exact <= SKEW_JITTER:
            return shown
        return exact

    def take(self, stamped: SampleBatch) -> None:
        """Follow a stamped batch of one source."""
        self._skews.take(stamped)
        row = int(self.rows.row[stamped.point[0]])
        if row < 0:
            return
        self.counts.take(stamped)
        self.transit.take(stamped, self.skew(self.rows.names[row]))
        ended = self.outages.take(stamped)
        if ended is not None:
            _log(ended)


def _log(outage: Outage) -> None:
    begin, end = write_instants(np.array([outage.begin, outage.end], np.int64))
    rows = "?" if outage.expected is None else str(outage.expected)
    event = Message("no values of a source for a time")
    reason = "" if outage.reason is None else outage.reason
    logger.warning(
        "%s source=%s from=%s until=%s expected_rows=%s reason=%s", event, outage.source, begin, end, rows, reason
    )
