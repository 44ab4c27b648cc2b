"""What forecasts were worth: each against what the record says came of it."""

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
"""Of one limit, so that one that chatters for a month does not hold up the others. [1]"""
LOOKS_AHEAD: Final = FARTHEST + 1
"""So many horizons after a moment are looked at. [1]"""
ForecastVerdict = Literal["inside", "earlier", "later", "unknown"]


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """How the forecasts of one limit fared.

    Attributes
    ----------
    limit : str
    asked : int
        How often a forecast was asked for while the value was not at the setpoint yet. [1]
    inside, earlier, later : int
        Forecasts by when the value came: within the interval, before it, after it or not at all. [1]
    unknown : int
        Forecasts of which the record does not tell: it ends, or the point came in doubt before. [1]
    crossed, without : int
        How often the value came within the horizon, and how often of these without a forecast. [1]
    reasons : dict
        How often there was none, by the reason. [1]

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
        """How many forecasts there were. [1]."""
        return self.inside + self.earlier + self.later + self.unknown

    @property
    def judged(self) -> int:
        """How many of them the record tells of. [1]."""
        return self.given - self.unknown


def score(seen: Accepted, limit: Limit, point: Point, moments: Iterable[int]) -> ForecastScore:
    """Forecast at some moments as if nothing were known of later, and compare with what came.

    Parameters
    ----------
    seen : Accepted
        The record of the point, from `WINDOWS_BEHIND` windows before the first moment on.
    limit : Limit
        With the feature `projected`.
    point : Point
        That it looks at.
    moments : iterable of int
        [ns, UTC]

    """
    verdicts: Counter[str] = Counter()
    reasons: Counter[NoForecastReason] = Counter()
    crossed = without = 0
    for moment in moments:
        found = forecast(seen, limit, point, moment)
        if isinstance(found, NoForecast) and (found.reason == "reached" or found.at is None):
            continue
        came, known = _what_came(seen, limit, point, moment)
        within = came is not None and came <= known and came - moment <= (limit.horizon or 0)
        crossed += within
        if isinstance(found, Forecast):
            verdicts[_verdict(found, came, known)] += 1
        else:
            reasons[found.reason] += 1
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
    """Return when a forecast is asked for: at each raise within [start, end), and every window while it stands.

    Of more than `MOST_FORECASTS` some are left out, evenly.

    Parameters
    ----------
    episodes : iterable of Episode
        Of the limit.
    limit : Limit
        With the feature `projected`.
    start, end : int
        [ns, UTC]

    """
    moments: list[int] = []
    for episode in episodes:
        until = end if episode.end is None else min(end, episode.end)
        moments += range(episode.start, max(until, episode.start + 1), limit.window or end)
    within = sorted(moment for moment in moments if start <= moment < end)
    count = min(len(within), MOST_FORECASTS)
    return [within[number * len(within) // count] for number in range(count)]


def _what_came(seen: Accepted, limit: Limit, point: Point, moment: int) -> tuple[int | None, int]:
    """Return when the value came to the setpoint after a moment, and until when the point was never in doubt. [ns]."""
    begin = int(np.searchsorted(seen.time, moment, side="right"))
    stop = int(np.searchsorted(seen.time, moment + LOOKS_AHEAD * (limit.horizon or 0), side="right"))
    rows = slice(begin, min(stop, len(seen.time)))
    time, value, target = seen.time[rows], seen.value[rows], setpoint_of(limit, point)
    there = (value >= target if limit.direction == "high" else value <= target) & seen.evidence[rows]
    doubtful = time[~seen.evidence[rows] | seen.one_sided[rows] & ~there]
    known = [int(seen.time[-1]), *doubtful[:1].tolist()]
    if point.stale_after != NEVER_STALE:
        edges = np.concatenate((seen.time[max(begin - 1, 0) : begin], time))
        silent = np.flatnonzero(np.diff(edges) > point.stale_after)
        known += [int(edges[k]) + point.stale_after for k in silent[:1]]
    came = time[there]
    return (int(came[0]) if len(came) else None), min(known)


def _verdict(found: Forecast, came: int | None, known: int) -> ForecastVerdict:
    if came is not None and came <= known and came <= found.late:
        return "earlier" if came < found.early else "inside"
    return "later" if known >= found.late else "unknown"
