"""What a forecast says in both languages: never narrower than it is, never without what is behind it."""

from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from console.views import ForecastReason
from hazwatch.desk.forecasts import REASONS, accepted_of, forecast_view, sentence
from hazwatch.site.config import load
from hazwatch.words.messages import chinese
from plant import Point, SampleBatch
from rules import Forecast, Limit, NoForecast, NoForecastReason, forecast
from simulators.demo import SITE, demo_trace
from tests.hazwatch.live.live_runs import BEGIN, S, config_in

ZONE = ZoneInfo("Asia/Shanghai")  # BEGIN is 2027-01-15 16:00:00 there
POINT = Point(id="T1", hazard_source="gas", name="T1", unit="%", resolution=0.01)
LIMIT = Limit.model_validate(
    {"id": "T1.soon", "point": "T1", "feature": "projected", "window": "10m", "horizon": "10m", "high": 1}
    | {"level": "yellow"}
)


def interval(early: float, late: float, uncertain: int = 0) -> Forecast:
    return Forecast(BEGIN, BEGIN + round(early * S), BEGIN + round(late * S), 58, uncertain, 40.0)


def test_an_interval_is_rounded_to_both_sides() -> None:
    words = sentence(interval(419, 481), LIMIT, POINT, ZONE)
    assert chinese(words) == (
        "若照此发展，有 90 % 的可能在 6–9 min 后（16:06–16:09）达到 1.00 %。"
        "依据截至 16:00:00 的 58 个样本，质量全部正常。"
    )
    assert words == (
        "At this rate there is a 90 % chance to reach 1.00 % in 6–9 min (16:06–16:09). "
        "Based on 58 samples up to 16:00:00, all of good quality."
    )


def test_what_is_near_is_said_in_seconds() -> None:
    assert "in 12–99 s (16:00:12–16:01:39)" in sentence(interval(12.9, 98.1), LIMIT, POINT, ZONE)


def test_uncertain_samples_are_said() -> None:
    words = sentence(interval(419, 481, 3), LIMIT, POINT, ZONE)
    assert "其中 3 个可疑" in chinese(words)
    assert "3 of them uncertain" in words


@pytest.mark.parametrize(
    ("resolution", "setpoint", "written"), [(0.01, 1.005, "1.005"), (None, 1.0, "1"), (0.1, 2, "2.0")]
)
def test_a_setpoint_is_as_exact_as_it_was_written(resolution: float | None, setpoint: float, written: str) -> None:
    limit = LIMIT.model_copy(update={"high": setpoint})
    point = POINT.model_copy(update={"resolution": resolution})
    assert f"to reach {written} %" in sentence(interval(419, 481), limit, point, ZONE)


def test_every_reason_has_its_words_and_the_page_knows_it() -> None:
    assert set(REASONS) == set(get_args(NoForecastReason)) == set(get_args(ForecastReason))
    low = LIMIT.model_copy(update={"high": None, "low": 1.0})
    none = NoForecast("flat", BEGIN, 58, 0)
    words = sentence(none, LIMIT, POINT, ZONE)
    assert (chinese(words), words) == ("无法预测：上升不显著。", "No forecast: the rise is not significant.")
    assert chinese(sentence(none, low, POINT, ZONE)) == "无法预测：下降不显著。"
    view = forecast_view(none, LIMIT, POINT, ZONE)
    assert (view["reason"], view["at"], view["early"], view["late"]) == ("flat", BEGIN // 10**6, None, None)


def test_samples_count_under_the_times_that_the_engine_trusts(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    point = config.points.points[0]
    arrival = BEGIN + S * np.arange(3)
    ahead = accepted_of(config, point, SampleBatch.of([0] * 3, arrival + 60 * S, [0.1, 0.2, 0.3], arrival=arrival))
    assert ahead.time.tolist() == arrival.tolist()
    assert ahead.quality.tolist() == [1, 1, 1]
    late = accepted_of(config, point, SampleBatch.of([0] * 3, arrival[::-1], [0.1, 0.2, 0.3], arrival=arrival))
    assert late.value.tolist() == [0.1]
    trace = accepted_of(config, point, SampleBatch.of([0] * 3, arrival, [0.1, 0.2, 0.3]))
    assert trace.value.tolist() == [0.1, 0.2, 0.3]


def test_the_water_of_the_demo_is_forecast_to_when_it_comes() -> None:
    config = load(SITE)
    limit = next(limit for limit in config.rules.limits if limit.id == "SW-1.soon")
    column = config.points.column("SW-1")
    point = config.points.points[column]
    inside = 0
    for seed in range(10):
        story = demo_trace(config.points, BEGIN, seed=seed, cycles=1)
        seen = accepted_of(config, point, story.take(story.point == column))
        assert isinstance(forecast(seen, limit, point, BEGIN + 190 * S), NoForecast), "the bend is in the window"
        comes = int(seen.time[np.flatnonzero(seen.value >= 2.995)[0]])
        for second in (205, 215):
            found = forecast(seen, limit, point, BEGIN + second * S)
            assert isinstance(found, Forecast)
            assert found.late - found.early < 15 * S
            inside += found.early <= comes <= found.late
    assert inside >= 18
