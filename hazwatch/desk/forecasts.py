"""Forecasts as people read them: from the samples that are kept, in both languages."""

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
"""An interval that ends sooner is written in seconds. [ns]"""
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
    """Return what the engine accepted of a point.

    Parameters
    ----------
    config : Config
        Says which times are trusted.
    point : Point
        Whose samples they are.
    samples : SampleBatch
        As they were kept; a sample without an arrival came at its source time.

    """
    return accepted(samples_log(samples, config.arrival_timed(), config.site.max_clock_skew), point)


def forecast_view(found: Forecast | NoForecast, limit: Limit, point: Point, zone: ZoneInfo) -> ForecastView:
    """Return a forecast for the page."""
    early, late = (found.early // MS, found.late // MS) if isinstance(found, Forecast) else (None, None)
    return {
        "limit": limit.id,
        "at": None if found.at is None else found.at // MS,
        "early": early,
        "late": late,
        "samples": found.samples,
        "uncertain": found.uncertain,
        "reason": found.reason if isinstance(found, NoForecast) else None,
        "sentence": text(sentence(found, limit, point, zone)),
    }


def sentence(found: Forecast | NoForecast, limit: Limit, point: Point, zone: ZoneInfo) -> Message:
    """Return a forecast in words; rounding only widens its interval."""
    if isinstance(found, NoForecast):
        why = FALL if found.reason == "flat" and limit.direction == "low" else REASONS[found.reason]
        return Message("No forecast: {reason}.", reason=why)
    begin, end = found.early - found.at, found.late - found.at
    unit, name, form = (SECOND, "s", "%H:%M:%S") if end < IN_SECONDS else (MINUTE, "min", "%H:%M")
    lasts = f"{begin // unit}–{-(-end // unit)} {name}"
    first, last = (_clock(time, zone, form) for time in (found.early // unit * unit, -(-found.late // unit) * unit))
    setpoint = f"{_written(limit.setpoint, point)} {point.unit}".rstrip()
    at = _clock(found.at, zone, "%H:%M:%S")
    quality = Message("{count} of them uncertain", count=found.uncertain)
    return Message(
        "At this rate there is a 90 % chance to reach {setpoint} in {duration} ({first}–{last}). "
        "Based on {samples} samples up to {at}, {quality}.",
        setpoint=setpoint,
        duration=lasts,
        first=first,
        last=last,
        samples=found.samples,
        at=at,
        quality=quality if found.uncertain else Message("all of good quality"),
    )


def _clock(time: int, zone: ZoneInfo, form: str) -> str:
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)


def _written(number: float, point: Point) -> str:
    """Write a setpoint in the resolution of the sensor."""
    digits = decimals(point)
    shown = f"{number:.{digits or 0}f}"
    return shown if digits is not None and float(shown) == number else f"{number:.6g}"
