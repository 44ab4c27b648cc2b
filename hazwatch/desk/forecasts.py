"""Turns forecasts into views with a sentence in both languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from console import ForecastView
from hazwatch.desk.rules import decimals
from hazwatch.site.config import Config
from hazwatch.words import text
from ingest import samples_log
from plant import Message, Point, SampleBatch
from plant.units import MINUTE, MS, SECOND
from rules import Accepted, Forecast, Limit, NoForecast, NoForecastReason, accepted

IN_SECONDS: Final = 2 * MINUTE
"""Intervals that end sooner are written in seconds. [ns]"""
REASONS: Final[Mapping[NoForecastReason, Message]] = {
    "calculated": Message("samples of calculated points are not kept"),
    "doubt": Message("the point is in doubt"),
    "few": Message("too few independent samples, or too short a record"),
    "reached": Message("the value is reached already"),
    "one_sided": Message("a sample of the window is over range"),
    "uncertain": Message("too many samples are uncertain"),
    "flat": Message("the rise is not significant"),
    "far": Message("it may take longer than twice the horizon"),
}
FALL: Final = Message("the fall is not significant")


def accepted_of(config: Config, point: Point, samples: SampleBatch) -> Accepted:
    """Return the samples of a point that the engine accepted.

    Parameters
    ----------
    config : Config
        The site, which decides which source times are trusted.
    point : Point
        The point.
    samples : SampleBatch
        Samples from the history; a sample without an arrival counts as arrived at its source time.

    """
    return accepted(samples_log(samples, config.arrival_timed(), config.site.max_clock_skew), point)


def forecast_view(outcome: Forecast | NoForecast, limit: Limit, point: Point, zone: ZoneInfo) -> ForecastView:
    """Return the view of a forecast."""
    early, late = (outcome.early // MS, outcome.late // MS) if isinstance(outcome, Forecast) else (None, None)
    return {
        "limit": limit.id,
        "at": None if outcome.at is None else outcome.at // MS,
        "early": early,
        "late": late,
        "samples": outcome.samples,
        "uncertain": outcome.uncertain,
        "reason": outcome.reason if isinstance(outcome, NoForecast) else None,
        "sentence": text(sentence(outcome, limit, point, zone)),
    }


def sentence(outcome: Forecast | NoForecast, limit: Limit, point: Point, zone: ZoneInfo) -> Message:
    """Return a forecast in words."""
    if isinstance(outcome, NoForecast):
        why = FALL if outcome.reason == "flat" and limit.direction == "low" else REASONS[outcome.reason]
        return Message("No forecast: {reason}.", reason=why)
    begin, end = outcome.early - outcome.at, outcome.late - outcome.at
    unit, name, form = (SECOND, "s", "%H:%M:%S") if end < IN_SECONDS else (MINUTE, "min", "%H:%M")
    # The start is rounded down and the end up, so rounding only widens the interval.
    lasts = f"{begin // unit}–{-(-end // unit)} {name}"
    first, last = (_clock(time, zone, form) for time in (outcome.early // unit * unit, -(-outcome.late // unit) * unit))
    setpoint = f"{_written(limit.setpoint, point)} {point.unit}".rstrip()
    at = _clock(outcome.at, zone, "%H:%M:%S")
    quality = Message("{count} of them uncertain", count=outcome.uncertain)
    return Message(
        "At this rate there is a 90 % chance to reach {setpoint} in {duration} ({first}–{last}). "
        "Based on {samples} samples up to {at}, {quality}.",
        setpoint=setpoint,
        duration=lasts,
        first=first,
        last=last,
        samples=outcome.samples,
        at=at,
        quality=quality if outcome.uncertain else Message("all of good quality"),
    )


def _clock(time: int, zone: ZoneInfo, form: str) -> str:
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)


def _written(number: float, point: Point) -> str:
    """Return a setpoint with the decimals of the sensor, or with six digits if it does not fit these."""
    digits = decimals(point)
    shown = f"{number:.{digits or 0}f}"
    return shown if digits is not None and float(shown) == number else f"{number:.6g}"
