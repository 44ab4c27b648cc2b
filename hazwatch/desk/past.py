"""Looks into the history of a point: its curve, and where its values may go from here."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import Damage, HistoryReader
from console import ForecastView, TrendView
from hazwatch.desk.forecasts import accepted_of, forecast_view
from hazwatch.desk.lane import Deadline
from hazwatch.desk.pieces import in_pieces
from hazwatch.desk.rules import ConditionViews
from hazwatch.desk.trend import TrendCurve
from hazwatch.live.clock import ScaledClock
from hazwatch.site.config import Config
from plant import NEVER_STALE
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
    clock : ScaledClock
        The time of the log.
    history : HistoryReader
        The history of the data folder.
    limits : ConditionViews
        The views of the limits.

    """

    def __init__(self, config: Config, clock: ScaledClock, history: HistoryReader, limits: ConditionViews) -> None:
        self._config: Final = config
        self._clock: Final = clock
        self._history: Final = history
        self._limits: Final = limits
        self._zone: Final = ZoneInfo(config.site.timezone)

    def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        """Return the curve of a period. [ns, UTC]."""
        spec = self._config.points[point]
        silent = spec.stale_after if spec.stale_after != NEVER_STALE else TREND_LOOK_BACK
        limits = self._limits.values_of(point)
        until = min(end, self._clock.now())
        curve = TrendCurve(start, until if until > start else end, pixels, spec.stale_after)
        damages: list[Damage] = []
        deadline = Deadline()
        for samples in in_pieces(self._history, point, start - silent, end, damages):
            curve.add(samples)
            deadline.heed()
        return curve.view(point, limits, [(damage.start, damage.end) for damage in damages])

    def forecasts(self, limits: Sequence[Limit], point: str, until: int, *, doubt: bool) -> list[ForecastView]:
        """Return a forecast for each limit, from the evidence up to a time. [ns, UTC]."""
        spec = self._config.points[point]
        silent = spec.stale_after if spec.stale_after != NEVER_STALE else TREND_LOOK_BACK
        longest = max(limit.window or 0 for limit in limits)
        begin = until - WINDOWS_BEHIND * longest - silent
        seen = accepted_of(self._config, spec, self._history.samples(point, begin, until + 1, newest=True))
        views = []
        for limit in limits:
            outcome = forecast(seen, limit, spec, until)
            # The engine's doubt counts more than the history's samples, which may still look sound.
            if doubt:
                outcome = NoForecast("doubt", outcome.at, outcome.samples, outcome.uncertain)
            views.append(forecast_view(outcome, limit, spec, self._zone))
        return views
