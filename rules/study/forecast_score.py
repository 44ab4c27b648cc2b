"""The score of forecasts: each is compared with what the record shows later."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from plant import NEVER_STALE, Point
from rules.forecast.evidence_columns import Accepted
from rules.forecast.forecast import FARTHEST, Forecast, NoForecast, NoForecastReason, forecast, setpoint_of
from rules.spec.rule import Limit
from rules.study.episodes import Episode

MOST_FORECASTS: Final = 500
"""Largest number of forecasts of one limit: a month of chattering must not hold up the other limits. [1]"""
LOOKS_AHEAD: Final = FARTHEST + 1
"""Horizons after a moment in which the value may still come. [1]"""
ForecastVerdict = Literal["inside", "earlier", "later", "unknown"]


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """Counts of the forecasts of one limit.

    Attributes
    ----------
    limit : str
    asked : int
        Requests for a forecast before the value had reached the setpoint. [1]
    inside, earlier, later : int
        Forecasts whose value came within the interval, before it, and after it or never. [1]
    unknown : int
        Forecasts that the record cannot judge: it ends too early, or the point is in doubt before. [1]
    crossed, without : int
        Values that came within the horizon, and those of them without a forecast. [1]
    reasons : dict
        Requests without a forecast, by the reason. [1]

    """

    limit: str
    asked: int
    inside: int
    earlier: int
    later: int
    unknown: int
    crossed: int
    without: int
    reasons: dict[NoForecastReason, int]

    @property
    def given(self) -> int:
        """Number of forecasts. [1]."""
        return self.inside + self.earlier + self.later + self.unknown

    @property
    def judged(self) -> int:
        """Number of forecasts that the record can judge. [1]."""
        return self.given - self.unknown


def score(seen: Accepted, limit: Limit, point: Point, moments: Iterable[int]) -> ForecastScore:
    """Forecast at some moments from the samples before, and compare with the samples after.

    Parameters
    ----------
    seen : Accepted
        Record of the point, from `WINDOWS_BEHIND` windows before the first moment on.
    limit : Limit
        Limit with the feature `projected`.
    point : Point
        Its point.
    moments : iterable of int
        [ns, UTC]

    """
    verdicts: Counter[str] = Counter()
    reasons: Counter[NoForecastReason] = Counter()
    crossed = without = 0
    for moment in moments:
        answer = forecast(seen, limit, point, moment)
        if isinstance(answer, NoForecast) and (answer.reason == "reached" or answer.at is None):
            continue
        came, known = _what_came(seen, limit, point, moment)
        within = came is not None and came <= known and came - moment <= (limit.horizon or 0)
        crossed += within
        if isinstance(answer, Forecast):
            verdicts[_verdict(answer, came, known)] += 1
        else:
            reasons[answer.reason] += 1
            without += within
    return ForecastScore(
        limit=limit.id,
        asked=verdicts.total() + reasons.total(),
        inside=verdicts["inside"],
        earlier=verdicts["earlier"],
        later=verdicts["later"],
        unknown=verdicts["unknown"],
        crossed=crossed,
        without=without,
        reasons=dict(reasons),
    )


def moments_of(episodes: Iterable[Episode], limit: Limit, start: int, end: int) -> list[int]:
    """Return the moments of forecasts in [start, end): each raise, and every window while the alarm stands.

    If there are more than `MOST_FORECASTS`, the result leaves some out evenly.

    Parameters
    ----------
    episodes : iterable of Episode
        Episodes of the limit.
    limit : Limit
        Limit with the feature `projected`.
    start, end : int
        [ns, UTC]

    """
    moments: list[int] = []
    for episode in episodes:
        until = end if episode.end is None else min(end, episode.end)
        moments += range(episode.start, max(until, episode.start + 1), limit.window or end)
    within = sorted(moment for moment in moments if start <= moment < end)
    # An even selection; the first ones alone would all be of one bad day.
    count = min(len(within), MOST_FORECASTS)
    return [within[number * len(within) // count] for number in range(count)]


def _what_came(seen: Accepted, limit: Limit, point: Point, moment: int) -> tuple[int | None, int]:
    """Return when the value reached the setpoint after a moment, and when the point was first in doubt. [ns]."""
    begin = int(np.searchsorted(seen.time, moment, side="right"))
    stop = int(np.searchsorted(seen.time, moment + LOOKS_AHEAD * (limit.horizon or 0), side="right"))
    rows = slice(begin, min(stop, len(seen.time)))
    time, value, target = seen.time[rows], seen.value[rows], setpoint_of(limit, point)
    there = (value >= target if limit.direction == "high" else value <= target) & seen.evidence[rows]
    # A value beyond the range is known on one side only: it may still show that the setpoint is reached.
    doubtful = time[~seen.evidence[rows] | seen.one_sided[rows] & ~there]
    known = [int(seen.time[-1]), *doubtful[:1].tolist()]
    if point.stale_after != NEVER_STALE:
        edges = np.concatenate((seen.time[max(begin - 1, 0) : begin], time))
        silent = np.flatnonzero(np.diff(edges) > point.stale_after)
        known += [int(edges[k]) + point.stale_after for k in silent[:1]]
    came = time[there]
    return (int(came[0]) if len(came) else None), min(known)


def _verdict(answer: Forecast, came: int | None, known: int) -> ForecastVerdict:
    if came is not None and came <= known and came <= answer.late:
        return "earlier" if came < answer.early else "inside"
    return "later" if known >= answer.late else "unknown"
