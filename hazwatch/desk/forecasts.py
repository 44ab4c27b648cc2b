"""Forecasts as people read them: from the samples that are kept, in both languages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from console import ForecastView, TextView
from hazwatch.desk.rules import decimals
from hazwatch.site.config import Config
from ingest import Log, trusted_time
from plant import NO_ARRIVAL, Point, SampleBatch
from plant.units import MINUTE, MS, SECOND
from rules import Accepted, Forecast, Limit, NoForecast, NoForecastReason, accepted

IN_SECONDS: Final = 2 * MINUTE
"""An interval that ends sooner is written in seconds. [ns]"""
REASONS: Final[Mapping[NoForecastReason, TextView]] = {
    "calculated": {"zh": "计算测点的样本不保存", "en": "samples of calculated points are not kept"},
    "doubt": {"zh": "测点存疑", "en": "the point is in doubt"},
    "few": {"zh": "独立样本太少或记录太短", "en": "too few independent samples, or too short a record"},
    "reached": {"zh": "已经达到", "en": "it is there already"},
    "one_sided": {"zh": "时间窗内有超量程样本", "en": "a sample of the window is over range"},
    "uncertain": {"zh": "可疑样本太多", "en": "too many samples are uncertain"},
    "flat": {"zh": "上升不显著", "en": "the rise is not significant"},
    "far": {"zh": "可能晚于两倍前瞻时间", "en": "it may as well take longer than twice the horizon"},
}
FALL: Final[TextView] = {"zh": "下降不显著", "en": "the fall is not significant"}


def accepted_of(config: Config, point: Point, samples: SampleBatch) -> Accepted:
    """Return what the engine accepted of a point.

    Parameters
    ----------
    config : Config
        Says which times are trusted.
    point : Point
        Whose samples they are.
    samples : SampleBatch
        As they were kept; one without an arrival came at its source time.

    """
    arrival = np.where(samples.arrival == NO_ARRIVAL, samples.time, samples.arrival)
    time, quality = trusted_time(
        replace(samples, arrival=arrival), config.arrival_timed(), config.site.max_clock_skew
    )  # fmt: skip
    return accepted(Log.of_samples(samples, time, quality)[np.lexsort((time, arrival))], point)


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
        "sentence": sentence(found, limit, point, zone),
    }


def sentence(found: Forecast | NoForecast, limit: Limit, point: Point, zone: ZoneInfo) -> TextView:
    """Say a forecast; an interval is rounded to both sides, never narrower than it is."""
    if isinstance(found, NoForecast):
        why = FALL if found.reason == "flat" and limit.direction == "low" else REASONS[found.reason]
        return {"zh": f"无法预测: {why['zh']}.", "en": f"No forecast: {why['en']}."}
    begin, end = found.early - found.at, found.late - found.at
    unit, name, form = (SECOND, "s", "%H:%M:%S") if end < IN_SECONDS else (MINUTE, "min", "%H:%M")
    lasts = f"{begin // unit}–{-(-end // unit)} {name}"
    first, last = (_clock(time, zone, form) for time in (found.early // unit * unit, -(-found.late // unit) * unit))
    setpoint = f"{_written(limit.setpoint, point)} {point.unit}".rstrip()
    at = _clock(found.at, zone, "%H:%M:%S")
    good = found.uncertain == 0
    zh = "质量全部好" if good else f"其中 {found.uncertain} 个可疑"
    en = "all of good quality" if good else f"{found.uncertain} of them uncertain"
    return {
        "zh": f"若照此发展, 有 90 % 的可能在 {lasts} 后 ({first}–{last}) 达到 {setpoint}. "
        f"依据截至 {at} 的 {found.samples} 个样本, {zh}.",
        "en": f"If it goes on like this, 90 % likely to reach {setpoint} in {lasts} ({first}–{last}). "
        f"From {found.samples} samples up to {at}, {en}.",
    }


def _clock(time: int, zone: ZoneInfo, form: str) -> str:
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)


def _written(number: float, point: Point) -> str:
    """Write a setpoint in the resolution of the sensor."""
    digits = decimals(point)
    shown = f"{number:.{digits or 0}f}"
    return shown if digits is not None and float(shown) == number else f"{number:.6g}"
