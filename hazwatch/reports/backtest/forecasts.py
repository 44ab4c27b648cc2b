"""Scores the forecasts that a rule-set would have given on the record."""

from collections.abc import Iterable
from typing import Final

from hazwatch.desk.forecasts import accepted_of
from hazwatch.reports.backtest.record import PlayableRecord
from hazwatch.site.config import Config
from plant import Point, SampleBatch
from plant.units import HOUR
from rules import LOOKS_AHEAD, WINDOWS_BEHIND, ForecastScore, Limit, Outcome, moments_of, score

NEAR_TIMES: Final = 2 * HOUR
"""Two stretches of a record are read as one if the gap is shorter: a new read costs about as much. [ns]"""
Scores = dict[str, ForecastScore]
"""Scores by the id of the limit."""
Known = dict[tuple[Limit, Point, tuple[int, ...]], ForecastScore]
"""Scores of earlier calls, by limit, point and the times at which a forecast was due."""


def projected(config: Config) -> list[Limit]:
    """Return the limits with forecasts."""
    return [limit for limit in config.rules.limits if limit.looks_ahead]


def scores(record: PlayableRecord, config: Config, outcome: Outcome, known: Known) -> Scores:
    """Score the forecasts of a rule-set.

    Parameters
    ----------
    record : Record
        Holds the samples.
    config : Config
        Holds the limits.
    outcome : Outcome
        Result of the back-test with these limits.
    known : dict
        Scores of earlier calls; the function adds its own.

    """
    by_limit: Scores = {}
    for limit in projected(config):
        point = config.points[limit.point]
        episodes = [episode for episode in outcome.episodes if episode.condition == limit.id]
        moments = moments_of(episodes, limit, record.start, record.end)
        # Both rule-sets usually share most limits, and a forecast depends only on these three.
        key = (limit, point, tuple(moments))
        if key not in known:
            parts = [record.samples(config, point.id, times) for times in _stretches(moments, limit, point, record.end)]
            seen = accepted_of(config, point, SampleBatch.concatenate(parts))
            known[key] = score(seen, limit, point, moments)
        by_limit[limit.id] = known[key]
    return by_limit


def _stretches(moments: Iterable[int], limit: Limit, point: Point, end: int) -> list[tuple[int, int]]:
    """Return the stretches of the record to read; neighbouring stretches are joined. [ns, UTC]."""
    before = WINDOWS_BEHIND * (limit.window or 0) + point.stale_after
    stretches: list[tuple[int, int]] = []
    for moment in moments:
        until = min(end, moment + LOOKS_AHEAD * (limit.horizon or 0))
        if stretches and moment - before <= stretches[-1][1] + NEAR_TIMES:
            stretches[-1] = (stretches[-1][0], until)
        else:
            stretches.append((moment - before, until))
    return stretches
