"""What the forecasts of a rule-set would have been worth on the record."""

from collections.abc import Iterable
from typing import Final

from hazwatch.desk.forecasts import accepted_of
from hazwatch.reports.backtest.record import PlayableRecord
from hazwatch.site.config import Config
from plant import Point, SampleBatch
from plant.units import HOUR
from rules import LOOKS_AHEAD, WINDOWS_BEHIND, ForecastScore, Limit, Outcome, moments_of, score

NEAR_TIMES: Final = 2 * HOUR
"""Between times of a record that are farther apart than this nothing is read: to begin anew costs as much. [ns]"""
Scores = dict[str, ForecastScore]
"""By the id of the limit."""
Known = dict[tuple[Limit, Point, tuple[int, ...]], ForecastScore]
"""What was scored already: of a limit, its point, and when it was asked."""


def projected(config: Config) -> list[Limit]:
    """Return the limits that have forecasts."""
    return [limit for limit in config.rules.limits if limit.looks_ahead]


def scores(record: PlayableRecord, config: Config, outcome: Outcome, known: Known) -> Scores:
    """Score the forecasts of a rule-set.

    Parameters
    ----------
    record : Record
        Where the samples are.
    config : Config
        Whose limits are looked at.
    outcome : Outcome
        What these limits made of the record.
    known : dict
        Is used, and added to.

    """
    found: Scores = {}
    for limit in projected(config):
        point = config.points[limit.point]
        episodes = [episode for episode in outcome.episodes if episode.condition == limit.id]
        moments = moments_of(episodes, limit, record.start, record.end)
        key = (limit, point, tuple(moments))
        if key not in known:
            parts = [record.samples(config, point.id, times) for times in _stretches(moments, limit, point, record.end)]
            seen = accepted_of(config, point, SampleBatch.concatenate(parts))
            known[key] = score(seen, limit, point, moments)
        found[limit.id] = known[key]
    return found


def _stretches(moments: Iterable[int], limit: Limit, point: Point, end: int) -> list[tuple[int, int]]:
    """Return which times of the record are needed; what is near is read at once. [ns, UTC]."""
    before = WINDOWS_BEHIND * (limit.window or 0) + point.stale_after
    found: list[tuple[int, int]] = []
    for moment in moments:
        until = min(end, moment + LOOKS_AHEAD * (limit.horizon or 0))
        if found and moment - before <= found[-1][1] + NEAR_TIMES:
            found[-1] = (found[-1][0], until)
        else:
            found.append((moment - before, until))
    return found
