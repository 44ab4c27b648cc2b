"""Turns counts, scans and gaps of the sources into views."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.registry import PROTOCOLS
from console import GapView, PointCountsView, SampleCounts, ScanView, SourceCountsView, SourcesView
from hazwatch.live.completeness.outages import Outage
from hazwatch.live.runtime import Runtime
from hazwatch.site.config import Config
from hazwatch.words import text
from plant import NO_ARRIVAL, Gap, SourceSpec
from plant.units import MS

MOST_POINTS: Final = 200
"""Largest number of points in an answer: those that lack most come first."""
MOST_GAPS: Final = 20
"""Largest number of gaps of a source in an answer."""


class SourceCompleteness:
    """The views of the sources of a running engine."""

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self._config: Final = config
        self._runtime: Final = runtime

    def sources(self) -> SourcesView:
        """Return the view of all sources."""
        now = self._runtime.clock.now()
        columns = self._columns(now)
        views = [self._source(source, columns, now) for source in self._config.sources]
        return {"now": now // MS, "since": self._runtime.watch.counts.begun // MS, "sources": views}

    def points(self, source: str) -> list[PointCountsView]:
        """Return the counts of the points of a source that lack most."""
        now = self._runtime.clock.now()
        columns, arrivals = self._columns(now), self._runtime.arrivals
        mine = self._runtime.watch.rows.columns[source]
        order = np.lexsort((arrivals[mine], -columns["lost"][mine], -columns["unknown"][mine]))[:MOST_POINTS]
        due = self._period(source) is not None
        views: list[PointCountsView] = []
        for column in mine[order].tolist():
            arrival = int(arrivals[column])
            age = None if arrival == NO_ARRIVAL else (now - arrival) // MS
            sums = {name: int(values[column]) for name, values in columns.items()}
            views.append({"point": self._config.points.id(column), "age": age, **_counts(sums, due=due)})
        return views

    def _columns(self, now: int) -> dict[str, NDArray[np.int64]]:
        """Return every count as a column of all points."""
        tally = self._runtime.watch.counts.tally(self._runtime.pipeline.engine.counts, now)
        return {
            "expected": tally.expected,
            "received": tally.received,
            "late": tally.late,
            "duplicate": tally.duplicate,
            "backfilled": tally.backfilled,
            "bad": tally.bad,
            "lost": self._runtime.inbox.refused_of_points(),
            "unknown": tally.unknown,
        }

    def _source(self, source: SourceSpec, columns: dict[str, NDArray[np.int64]], now: int) -> SourceCountsView:
        runtime, mine = self._runtime, self._runtime.watch.rows.columns[source.id]
        report, transit = runtime.report(source.id), runtime.watch.transit.of(source.id)
        sums = {name: int(values[mine].sum()) for name, values in columns.items()}
        sums["lost"] = runtime.lost(source.id) + sum(gap.missing_rows for gap in report.gaps)
        gaps = sorted(self._gaps(source.id, report.gaps, now), key=lambda gap: -gap["start"])
        return {
            "id": source.id,
            "protocol": source.protocol,
            "endpoint": source.endpoint,
            "points": len(mine),
            "silent": int(np.count_nonzero(~runtime.answered[mine])),
            "by_change": not PROTOCOLS[source.protocol].always_answers,
            "scan": self._scan(source),
            "median": None if transit is None else transit.median // MS,
            "longest": None if transit is None else transit.longest // MS,
            "restarts": runtime.restarts.get(source.id, 0),
            "trouble": None if report.trouble is None else text(report.trouble),
            "revised": [text(message) for message in report.revised],
            "gaps": gaps[:MOST_GAPS],
            **_counts(sums, due=self._period(source.id) is not None),
        }

    def _period(self, source: str) -> int | None:
        return next((s.refresh[1] for s in self._config.sources if s.id == source and s.refresh is not None), None)

    def _scan(self, source: SourceSpec) -> ScanView:
        scan, period = self._runtime.watch.scans.of(source.id), self._period(source.id)
        return {
            "period": None if period is None else period // MS,
            "age": scan.age // MS,
            "longest": source.behind_after // MS,
            "unread": scan.unread,
            "behind_since": None if scan.behind_since is None else scan.behind_since // MS,
            "times_behind": scan.times_behind,
        }

    def _gaps(self, source: str, known: tuple[Gap, ...], now: int) -> Iterator[GapView]:
        """Yield the gaps that the source knows, and the outages that none of them explains."""
        for gap in known:
            yield {
                "start": gap.start // MS,
                "until": gap.until // MS,
                "points": gap.points,
                "expected": gap.expected_rows or None,
                "filled": gap.filled_rows,
                "how": gap.how,
                "reason": None if gap.reason is None else text(gap.reason),
            }
        points = len(self._runtime.watch.rows.columns[source])
        for outage in self._runtime.watch.outages.of(source):
            end = now if outage.end is None else outage.end
            if not any(gap.start < end and gap.until > outage.begin for gap in known):
                yield _outage(outage, points)


def _counts(sums: dict[str, int], *, due: bool) -> SampleCounts:
    return {
        "expected": sums["expected"] if due else None,
        "received": sums["received"],
        "late": sums["late"],
        "duplicate": sums["duplicate"],
        "backfilled": sums["backfilled"],
        "bad": sums["bad"],
        "lost": sums["lost"],
        "unknown": sums["unknown"] if due else None,
    }


def _outage(outage: Outage, points: int) -> GapView:
    return {
        "start": outage.begin // MS,
        "until": None if outage.end is None else outage.end // MS,
        "points": points,
        "expected": outage.expected,
        "filled": outage.filled,
        "how": "history" if outage.filled else "none",
        "reason": None if outage.reason is None else text(outage.reason),
    }
