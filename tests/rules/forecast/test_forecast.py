"""Forecasts: 90 % intervals that hold what they say, and silence where the samples do not carry one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest import Log
from plant import Point, Quality, SampleBatch, State
from rules import Accepted, Episode, Forecast, Limit, NoForecast, accepted, forecast, moments_of, score
from rules.forecast.forecast import FARTHEST, _crossing
from rules.forecast.trend_line import line_through

S = 1_000_000_000
BEGIN = 1_800_000_000 * S
POINT = Point(id="T1", hazard_source="gas", name="T1", resolution=0.01, range=(0.0, 4.0), stale_after="60s")
LIMIT = Limit.model_validate(
    {"id": "T1.soon", "point": "T1", "feature": "projected", "window": "10m", "horizon": "10m", "high": 1.0}
    | {"clear": 0.9, "level": "yellow"}
)


def samples(values: Any, every: int = 10, **columns: Any) -> Log:
    batch = SampleBatch.of([0] * len(values), BEGIN + every * S * np.arange(len(values)), values, **columns)
    return Log.of_samples(batch, batch.time, batch.quality)


def ramp(
    count: int = 60, *, last: float = 0.9, pace: float = 0.002, noise: float = 0.008, seed: int = 7
) -> NDArray[np.float64]:
    """Values every 10 s that rise by `pace` a sample, in steps of 0.01."""
    line = last + pace * np.arange(1 - count, 1)
    return (line + noise * np.random.default_rng(seed).standard_normal(count)).round(2)


def after_calm(log: Log, point: Point = POINT) -> Accepted:
    """Return what was accepted of a point that was calm for six windows before."""
    calm = (0.5 + 0.005 * np.random.default_rng(3).standard_normal(360)).round(2)
    before = samples(calm)
    return accepted(Log.concatenate((replace(before, time=before.time - 3600 * S), log)), point)


def of(log: Log, limit: Limit = LIMIT, point: Point = POINT, at: int | None = None) -> Forecast | NoForecast:
    seen = after_calm(log, point)
    return forecast(seen, limit, point, int(seen.time[-1]) if at is None else at)


def reason(*words: Any, **named: Any) -> str:
    found = of(*words, **named)
    assert isinstance(found, NoForecast)
    return found.reason


def test_a_ramp_is_forecast_with_the_samples_behind_it() -> None:
    found = of(samples(ramp()))
    assert isinstance(found, Forecast)
    reaches = BEGIN + (59 + 0.095 / 0.002) * 10 * S  # 0.995 is 1.00 on a sensor of 0.01
    assert found.at < found.early < reaches < found.late
    assert found.late - found.early < 300 * S
    assert (found.at, found.samples, found.uncertain) == (BEGIN + 590 * S, 60, 0)
    assert found.independent <= 60


def test_a_fall_to_a_low_limit_is_the_mirror_of_a_rise() -> None:
    low = LIMIT.model_copy(update={"high": None, "low": 1.0, "clear": 1.1})
    rise, fall = of(samples(ramp())), of(samples((2.0 - ramp()).round(2)), low)
    assert isinstance(rise, Forecast)
    assert isinstance(fall, Forecast)
    assert abs(rise.early - fall.early) < S // 1000
    assert abs(rise.late - fall.late) < S // 1000


def test_the_level_before_the_window_does_not_count() -> None:
    calm, high = of(samples(ramp())), forecast(risen(), LIMIT, POINT, BEGIN + 590 * S)
    assert isinstance(calm, Forecast)
    assert (high, calm.samples) == (calm, 60)


def risen() -> Accepted:
    seen = after_calm(samples(ramp()))
    return replace(seen, value=np.where(seen.time < BEGIN, seen.value + 3.0, seen.value))


def test_without_three_and_a_half_windows_before_nothing_is_known_of_how_far_off_lines_are() -> None:
    seen = after_calm(samples(ramp()))
    for windows, known in ((3.4, False), (3.6, True)):
        begin = BEGIN + 590 * S - round((1 + windows) * 600) * S
        part = Accepted(*(getattr(seen, name)[seen.time > begin] for name in Accepted.__slots__))
        found = forecast(part, LIMIT, POINT, BEGIN + 590 * S)
        assert isinstance(found, Forecast) is known
        assert known or (isinstance(found, NoForecast) and found.reason == "few")


def test_what_comes_later_is_not_looked_at() -> None:
    log = samples(np.concatenate((ramp(), np.full(50, 3.0))))
    assert of(log, at=BEGIN + 595 * S) == of(samples(ramp()), at=BEGIN + 595 * S)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(np.full(60, 0.9), "few", id="a sensor that stays on one step"),
        pytest.param(ramp(last=1.05), "reached", id="at the setpoint"),
        pytest.param(ramp(pace=0.0, noise=0.03, seed=3), "flat", id="noise without a rise"),
        pytest.param(ramp(pace=-0.002), "flat", id="the other way"),
        pytest.param(ramp(last=0.5), "far", id="more than two horizons away"),
        pytest.param(np.append(ramp(), np.nan), "doubt", id="the last value is no number"),
        pytest.param(np.append(ramp(), 4.5), "doubt", id="the last value is over range"),
        pytest.param(np.append(4.5, ramp(59)), "one_sided", id="a value of the window is over range"),
    ],
)
def test_there_is_no_forecast_where_the_samples_carry_none(values: NDArray[np.float64], expected: str) -> None:
    assert reason(samples(values)) == expected


def test_less_than_half_a_window_carries_no_forecast() -> None:
    found = forecast(accepted(samples(ramp(29)), POINT), LIMIT, POINT, BEGIN + 280 * S)
    assert found == NoForecast("few", BEGIN + 280 * S, 29, 0)


def test_uncertain_samples_are_counted_and_too_many_are_no_ground() -> None:
    quality = np.zeros(60, np.uint8)
    quality[:15] = Quality.UNCERTAIN
    few = of(samples(ramp(), quality=quality))
    assert isinstance(few, Forecast)
    assert few.uncertain == 15
    quality[15] = Quality.UNCERTAIN
    assert reason(samples(ramp(), quality=quality)) == "uncertain"


def test_a_point_that_is_stale_or_calibrating_has_no_forecast() -> None:
    log = samples(ramp())
    assert isinstance(of(log, at=BEGIN + 650 * S), Forecast)
    assert reason(log, at=BEGIN + 651 * S) == "doubt"
    state = np.zeros(60, np.uint16)
    state[-1] = State.CALIBRATING
    assert reason(samples(ramp(), state=state)) == "doubt"
    assert forecast(accepted(log, POINT), LIMIT, POINT, BEGIN - 1) == NoForecast("doubt", None, 0, 0)
    assert forecast(accepted(samples([]), POINT), LIMIT, POINT, BEGIN) == NoForecast("doubt", None, 0, 0)


def test_late_samples_and_duplicates_do_not_count() -> None:
    log = samples(ramp())
    twice = Log.concatenate((log[:30], log[20:]))
    assert of(twice) == of(log)
    backfilled = samples([3.0] * 5, backfilled=True)
    assert of(Log.concatenate((log[:30], backfilled, log[30:]))) == of(log)


def test_after_a_device_whose_clock_was_set_back_is_right_again_there_are_forecasts_again() -> None:
    calm, time = samples(np.random.default_rng(4).normal(0.5, 0.005, 420).round(2)), 10 * S * np.arange(420)
    back = np.where((time >= 600 * S) & (time < 1500 * S), time - 300 * S, time)
    log = Log.concatenate((replace(calm, time=BEGIN - 4200 * S + back), samples(ramp())))
    seen = accepted(log, POINT)
    assert seen.time.tolist() == sorted(seen.time)
    assert isinstance(forecast(seen, LIMIT, POINT, BEGIN + 590 * S), Forecast)


def test_bad_samples_in_between_are_left_out() -> None:
    values = ramp()
    values[20:25] = np.nan
    found = of(samples(values))
    assert isinstance(found, Forecast)
    assert found.samples == 55


def test_samples_on_an_exact_line_are_forecast_to_their_spacing() -> None:
    line = line_through(np.arange(-600.0, 1.0, 10.0), np.arange(0.0, 61.0), None)
    assert line is not None
    assert (line.pace, line.level) == pytest.approx((0.1, 60.0))
    assert line.noise < 1e-9
    assert line_through(np.array([0.0, 0.0, 0.0]), np.arange(3.0), None) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize("pace", [0.001, 0.1, 1e-9])
def test_a_line_whose_noise_is_rounding_alone_is_forecast(pace: float) -> None:
    point = POINT.model_copy(update={"resolution": None, "range": None})
    values = 0.5 + pace * np.arange(600)
    limit = LIMIT.model_copy(update={"high": float(values[-1] + 5.5 * pace), "clear": None})
    found = of(samples(values), limit, point)
    assert isinstance(found, Forecast)
    assert found.early - found.at <= 60 * S <= found.late - found.at


def test_noise_is_never_smaller_than_the_steps_of_the_sensor() -> None:
    line = line_through(np.arange(-600.0, 1.0, 10.0), np.arange(0.0, 61.0), 1.0)
    assert line is not None
    assert line.noise == pytest.approx(1.0 / 12**0.5)


def test_noise_with_a_memory_is_worth_fewer_samples() -> None:
    time = np.arange(-599.0, 1.0)
    white, slow = (line_through(time, noise(600, memory, 1), None) for memory in (0.0, 0.9))
    assert white is not None
    assert slow is not None
    assert white.independent > 400
    assert slow.independent < 100


def test_the_ends_of_an_interval_are_where_the_line_may_as_well_reach_the_target() -> None:
    time = np.arange(-590.0, 1.0, 10.0)
    line = line_through(time, 0.8 + 0.0002 * time + 0.01 * noise(60, 0.3, 5), 0.01)
    assert line is not None
    target, lead, deviation = 1.0, 0.01, 0.02
    for end in _crossing(line, target, lead, deviation):
        variance = line.var_level + 2 * end * line.covariance + end**2 * line.var_pace + deviation**2
        distance = abs(target - lead - line.level - end * line.pace)
        assert distance == pytest.approx(line.quantile * variance**0.5, rel=1e-9)


def test_a_slow_wave_under_the_noise_is_seen() -> None:
    time = np.arange(-599.0, 1.0)
    wave = line_through(time, noise(600, 0.0, 2) + np.sin(time / 40), None)
    assert wave is not None
    assert wave.independent < 60


def test_a_setpoint_that_no_sensor_reaches_is_far() -> None:
    assert reason(samples(ramp()), LIMIT.model_copy(update={"high": 1e200, "clear": None})) == "far"


@pytest.mark.parametrize("memory", [0.0, 0.7])
def test_the_variances_of_a_line_are_those_of_least_squares(memory: float) -> None:
    time = np.arange(-1990.0, 1.0, 10.0)
    lines = [line_through(time, noise(200, memory, seed), None) for seed in range(400)]
    found = [line for line in lines if line is not None]
    levels, paces = np.array([line.level for line in found]), np.array([line.pace for line in found])
    assert np.mean([line.var_level for line in found]) == pytest.approx(levels.var(), rel=0.35)
    assert np.mean([line.var_pace for line in found]) == pytest.approx(paces.var(), rel=0.35)
    assert np.mean([line.covariance for line in found]) == pytest.approx(np.cov(levels, paces)[0, 1], rel=0.35)


def noise(count: int, memory: float, seed: int) -> NDArray[np.float64]:
    """Noise of standard deviation 1 with a correlation from one sample to the next."""
    fresh = np.random.default_rng(seed).standard_normal(count)
    rest = np.empty(count)
    rest[0] = fresh[0]
    for k in range(1, count):
        rest[k] = memory * rest[k - 1] + (1 - memory**2) ** 0.5 * fresh[k]
    return rest


@pytest.mark.parametrize(
    ("every", "deviation", "memory", "resolution"),
    [
        pytest.param(1, 0.02, 0.0, None, id="white"),
        pytest.param(10, 0.02, 0.0, 0.01, id="white, in steps"),
        pytest.param(30, 0.02, 0.0, 0.01, id="white, twenty samples"),
        pytest.param(10, 0.0, 0.0, 0.01, id="steps alone"),
        pytest.param(1, 0.02, 0.0, 0.1, id="steps that hide the noise"),
        pytest.param(10, 0.02, 0.5, 0.01, id="AR(1), 0.5"),
        pytest.param(1, 0.02, 0.9, 0.01, id="AR(1), 0.9"),
    ],
)
@pytest.mark.parametrize("pace", [0.02, 0.06], ids="{} a minute".format)
def test_nine_of_ten_crossings_come_inside(
    every: int, deviation: float, memory: float, resolution: float | None, pace: float
) -> None:
    point = POINT.model_copy(update={"resolution": resolution, "range": None})
    limit = LIMIT.model_copy(update={"horizon": 1200 * S})
    inside = judged = 0
    for seed in range(120):
        count, before = 5700 // every, 3900 // every
        moment = BEGIN + (before - 1) * every * S
        start = 1.0 - 10 * pace - np.random.default_rng(seed).uniform(0.0, resolution or 0.01)
        values = start + pace / 60 * every * (np.arange(count) - before) + deviation * noise(count, memory, seed)
        if resolution is not None:
            values = (np.rint(values / resolution) * resolution).round(2)
        found = score(accepted(samples(values, every), point), limit, point, [moment])
        judged += found.judged
        inside += found.inside
    assert judged >= 40
    assert inside / judged >= 0.85


WINDOW = 60
"""Samples. [1]"""


def rising(random: np.random.Generator) -> NDArray[np.float64]:
    """A steady rise of 1.5 to 6 standard deviations of the noise a window, for 24 windows."""
    pace = random.uniform(1.5, 6.0) / WINDOW
    return np.array(pace * (np.arange(24 * WINDOW) - random.uniform(10, 16) * WINDOW), dtype=np.float64)


def rising_late(random: np.random.Generator) -> NDArray[np.float64]:
    """Calm, and then a rise to the setpoint within one and a half to four windows."""
    windows, begin = random.uniform(1.5, 4.0), random.uniform(8.0, 14.0) * WINDOW
    pace = random.uniform(4.0, 12.0) / (windows * WINDOW)
    return np.array(pace * (np.maximum(np.arange(24 * WINDOW) - begin, 0) - windows * WINDOW), dtype=np.float64)


def calm_below(random: np.random.Generator) -> NDArray[np.float64]:
    """No rise at all, so near to the setpoint that noise alone raises."""
    return np.full(24 * WINDOW, -random.uniform(2.5, 4.0))


def walk(seed: int) -> NDArray[np.float64]:
    """A random walk of one standard deviation a window."""
    steps = np.random.default_rng(seed).standard_normal(24 * WINDOW)
    return np.array(steps.cumsum() / WINDOW**0.5, dtype=np.float64)


def asked_at_the_raise(
    shape: Callable[[np.random.Generator], NDArray[np.float64]], windows: float, step: float | None
) -> tuple[int, int, int]:
    """Raise, ask for a forecast, see what came, 160 times: asked, given, inside. The memory is so many windows."""
    asked = given = inside = 0
    point = POINT.model_copy(update={"resolution": step, "range": None})
    away = np.arange(WINDOW) - (WINDOW - 1) / 2
    for seed in range(160):
        memory = float(np.exp(-1 / (windows * WINDOW))) if windows else 0.0
        drawn = noise(24 * WINDOW, memory, seed) if np.isfinite(windows) else walk(seed)
        deviation = 0.02 if step != 0.1 else 0.05
        values = 1.0 + deviation * (shape(np.random.default_rng((1, seed))) + drawn)
        if step is not None:
            values = (np.rint(values / step) * step).round(2)
        slope = np.convolve(values, away[::-1], "valid") / (away @ away)
        ahead = values[WINDOW - 1 :] + slope * WINDOW
        raised = np.flatnonzero((ahead >= 1.0) & (values[WINDOW - 1 :] < 1.0)) + WINDOW - 1
        if not (raised >= 9 * WINDOW).any():
            continue
        moment = BEGIN + int(raised[raised >= 9 * WINDOW][0]) * 10 * S
        found = score(accepted(samples(values), point), LIMIT, point, [moment])
        asked, given, inside = asked + found.asked, given + found.judged, inside + found.inside
    return asked, given, inside


@pytest.mark.parametrize("step", [None, 0.01, 0.1], ids="steps of {}".format)
@pytest.mark.parametrize(("shape", "least"), [(rising, 0.45), (rising_late, 0.3)], ids=["a rise", "a late rise"])
def test_a_rise_through_white_noise_is_forecast_when_it_is_raised(
    shape: Callable[[np.random.Generator], NDArray[np.float64]], least: float, step: float | None
) -> None:
    asked, given, inside = asked_at_the_raise(shape, 0.0, step)
    assert given >= least * asked
    assert inside >= 0.85 * given


@pytest.mark.slow
@pytest.mark.parametrize("windows", [1 / 20, 1 / 7, 1 / 4, 1 / 2, 1.0, 2.0, np.inf], ids="{:.2} windows".format)
def test_noise_with_a_long_memory_seldom_has_a_forecast_and_it_holds(windows: float) -> None:
    runs = [asked_at_the_raise(shape, windows, None) for shape in (rising, rising_late, calm_below)]
    asked, given, inside = np.sum(runs, axis=0)
    assert given <= (0.1 if windows > 0.1 else 0.3) * asked
    assert inside >= 0.85 * given - 2


@pytest.mark.parametrize("windows", [0.0, 1 / 20, 1 / 4, 1.0, np.inf], ids="{:.2} windows".format)
def test_noise_without_a_rise_has_no_forecast_though_it_raises(windows: float) -> None:
    asked, given, _ = asked_at_the_raise(calm_below, windows, None)
    assert asked > 50
    assert given <= 0.02 * asked


def test_a_rise_that_began_among_the_windows_before_is_forecast() -> None:
    calm = (0.5 + 0.005 * np.random.default_rng(3).standard_normal(500)).round(2)
    rise = ramp(90)
    assert isinstance(of(samples(np.concatenate((calm + rise[0] - 0.5, rise)).round(2))), Forecast)


def test_lines_that_were_far_off_before_make_the_interval_wider_or_none() -> None:
    turns = 0.6 + 0.1 * np.sin(np.arange(480) / 25)
    alone = of(samples(ramp()))
    after = of(samples(np.concatenate((turns, ramp())).round(2)))
    assert isinstance(alone, Forecast)
    assert isinstance(after, NoForecast)
    assert after.reason in {"flat", "far"}


def test_windows_before_that_are_no_evidence_say_nothing() -> None:
    silent = np.random.default_rng(2).uniform(0.0, 0.9, 480)
    log = samples(np.concatenate((silent, ramp())), quality=[Quality.BAD] * 480 + [Quality.GOOD] * 60)
    assert reason(log) == "few"


def test_forecasts_are_scored_against_what_came() -> None:
    moment = BEGIN + 590 * S
    log = samples(np.concatenate((ramp(), ramp(100, last=1.1))))
    right = score(after_calm(log), LIMIT, POINT, [moment])
    assert (right.asked, right.given, right.inside, right.crossed, right.without) == (1, 1, 1, 1, 0)
    jumps = score(after_calm(samples(np.append(ramp(), [1.2] * 100))), LIMIT, POINT, [moment])
    assert (jumps.earlier, jumps.crossed) == (1, 1)
    stays = score(after_calm(samples(np.append(ramp(), [0.9] * 200))), LIMIT, POINT, [moment])
    assert (stays.later, stays.crossed) == (1, 0)
    ends = score(after_calm(samples(ramp())), LIMIT, POINT, [moment])
    assert (ends.unknown, ends.given, ends.judged) == (1, 1, 0)


@pytest.mark.parametrize("gap", [[np.nan], [-1.0], None], ids=["bad", "one-sided", "silence"])
def test_what_came_after_a_doubt_tells_nothing(gap: list[float] | None) -> None:
    after = ramp(100, last=1.1)
    log = samples(np.concatenate((ramp(), [0.9], gap or [], after)))
    if gap is None:
        log = replace(log, time=log.time + np.where(np.arange(len(log)) > 60, 100 * S, 0))
    found = score(after_calm(log), LIMIT, POINT, [BEGIN + 590 * S])
    assert (found.unknown, found.crossed) == (1, 0)


def test_a_crossing_without_a_forecast_is_counted_and_one_that_is_there_is_not_asked_for() -> None:
    flat = ramp(pace=0.0, noise=0.03, seed=3)
    found = score(after_calm(samples(np.append(flat, [1.2] * 10))), LIMIT, POINT, [BEGIN + s * S for s in (590, 605)])
    assert (found.asked, found.given, found.crossed, found.without) == (1, 0, 1, 1)
    assert found.reasons == {"flat": 1}


def test_a_forecast_is_asked_for_at_each_raise_and_every_window_while_it_stands() -> None:
    first = Episode("T1.soon", "gas", "T1", "yellow", BEGIN, BEGIN + 1300 * S)
    last = Episode("T1.soon", "gas", "T1", "yellow", BEGIN + 3000 * S, None)
    found = moments_of([first, last], LIMIT, BEGIN + 1, BEGIN + 3700 * S)
    assert [(moment - BEGIN) // S for moment in found] == [600, 1200, 3000, 3600]


def test_a_limit_that_chatters_does_not_hold_up_the_others() -> None:
    raises = [Episode("T1.soon", "gas", "T1", "yellow", BEGIN + k * S, BEGIN + k * S) for k in range(5000)]
    found = moments_of(raises, LIMIT, BEGIN, BEGIN + 9000 * S)
    assert len(set(found)) == 500
    assert max(found) > BEGIN + 4900 * S
    assert moments_of([], LIMIT, BEGIN, BEGIN + S) == []


def test_no_forecast_looks_farther_than_two_horizons() -> None:
    for last in np.arange(0.5, 0.99, 0.02):
        found = of(samples(ramp(last=last)))
        if isinstance(found, Forecast):
            assert found.late - found.at <= FARTHEST * 600 * S


def test_over_range_by_its_bit_is_one_sided_evidence() -> None:
    seen: Accepted = accepted(samples([0.5, 0.5], quality=[2, 2], state=[8, 0]), POINT)
    assert (seen.evidence.tolist(), seen.one_sided.tolist()) == ([True, False], [True, False])


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=80),
    st.floats(-1e200, 1e200),
    st.sampled_from([None, 1e-6, 0.01, 1e6]),
)
def test_no_numbers_break_it(values: list[float], setpoint: float, resolution: float | None) -> None:
    point = POINT.model_copy(update={"resolution": resolution, "range": None})
    limit = LIMIT.model_copy(update={"high": setpoint, "clear": None})
    found = of(samples(values), limit, point)
    if isinstance(found, Forecast):
        assert found.at <= found.early <= found.late
