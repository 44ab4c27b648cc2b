"""Looks into the history of a point: its curve, and where its values may go from here."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adapters.stores import STARTS, Damage, HistoryReader, JournalError, JournalReader, Placement
from console import ForecastView, TrendView
from hazwatch.desk.forecasts import accepted_of, forecast_view
from hazwatch.desk.lane import Deadline
from hazwatch.desk.pieces import in_pieces
from hazwatch.desk.rules import ConditionViews
from hazwatch.desk.trend import TrendCurve
from hazwatch.site.config import Config
from ingest import trusted_time
from plant import NEVER_STALE, SampleBatch
from plant.units import HOUR
from rules import WINDOWS_BEHIND, Limit, NoForecast, forecast

TREND_LOOK_BACK: Final = HOUR
"""Time before the start of a curve in which to look for the value that held, for a point that is never stale. [ns]"""


class PointPast:
    """Reads the history of one point at a time; its methods take long, and run beside the loop that owns the state.

    Parameters
    ----------
    config : Config
        The site.
    now : callable
        Returns the time of the log. [ns, UTC]
    history : HistoryReader
        The history of the data folder.
    limits : ConditionViews
        The views of the limits.
    journal : Path
        The journal, which tells when runs began.

    """

    def __init__(
        self,
        config: Config,
        now: Callable[[], int],
        history: HistoryReader,
        limits: ConditionViews,
        journal: Path,
    ) -> None:
        self._config: Final = config
        self._now: Final = now
        self._history: Final = history
        self._limits: Final = limits
        self._journal: Final = journal
        self._arrival_timed: Final = config.arrival_timed()
        self._zone: Final = ZoneInfo(config.site.timezone)

    def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        """Return the curve of a period. [ns, UTC]."""
        spec = self._config.points[point]
        silent = spec.stale_after if spec.stale_after != NEVER_STALE else TREND_LOOK_BACK
        limits = self._limits.values_of(point)
        until = min(end, self._now())
        curve = TrendCurve(start, until if until > start else end, pixels, spec.stale_after)
        damages: list[Damage] = []
        deadline = Deadline()
        curve.started(_starts(self._journal, start, end))
        for samples in in_pieces(self._history, point, start - silent, end, damages, placed=self._placed(point)):
            curve.add(self._trusted(samples))
            deadline.heed()
        return curve.view(point, limits, [(damage.start, damage.end) for damage in damages])

    def forecasts(self, limits: Sequence[Limit], point: str, until: int, *, doubt: bool) -> list[ForecastView]:
        """Return a forecast for each limit, from the evidence up to a time. [ns, UTC]."""
        spec = self._config.points[point]
        silent = spec.stale_after if spec.stale_after != NEVER_STALE else TREND_LOOK_BACK
        longest = max(limit.window or 0 for limit in limits)
        begin = until - WINDOWS_BEHIND * longest - silent
        placed = self._placed(point)
        seen = accepted_of(
            self._config, spec, self._history.samples(point, begin, until + 1, newest=True, placed=placed)
        )
        views = []
        for limit in limits:
            outcome = forecast(seen, limit, spec, until)
            # The engine's doubt counts more than the history's samples, which may still look sound.
            if doubt:
                outcome = NoForecast("doubt", outcome.at, outcome.samples, outcome.uncertain)
            views.append(forecast_view(outcome, limit, spec, self._zone))
        return views

    def _placed(self, point: str) -> Placement:
        """Return what tells the times of a point's samples that the engine used."""
        skew, by_arrival = self._config.site.max_clock_skew, self._arrival_timed[self._config.points.column(point)]

        def placed(time: NDArray[np.int64], arrival: NDArray[np.int64]) -> NDArray[np.int64]:
            return np.where(by_arrival | (time > arrival + skew), arrival, time)

        return placed

    def _trusted(self, samples: SampleBatch) -> SampleBatch:
        """Return samples of one point with the times and the qualities with which they entered the log."""
        time, quality = trusted_time(samples, self._arrival_timed, self._config.site.max_clock_skew)
        order = np.argsort(time, kind="stable")
        return replace(samples, time=time, quality=quality).take(order)


def _starts(journal: Path, start: int, end: int) -> list[int]:
    """Return when runs began in a period; none if the journal cannot be read. [ns, UTC]."""
    with suppress(JournalError):
        return [record.time for record in JournalReader(journal).read(kinds=STARTS, since=start, until=end)]
    return []
