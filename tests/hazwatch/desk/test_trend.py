"""The curve of a point: steps, gaps, bands, and nothing that stands out is lost when it is reduced."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console import TrendView
from hazwatch.desk.trend import FOLD, TrendCurve, trend
from plant import Quality, SampleBatch
from plant.units import SECOND


def curve(
    values: list[float], *, pixels: int = 1000, stale_after: int = 0, quality: object = 0, step: int = SECOND
) -> TrendView:
    time = np.arange(len(values), dtype=np.int64) * step
    samples = SampleBatch.of(np.zeros(len(values)), time, values, quality=quality)
    end = int(time[-1]) + step
    return trend(samples, point="T1", start=0, end=end, pixels=pixels, stale_after=stale_after, limits=[])


def test_with_room_every_sample_is_a_row() -> None:
    found = curve([0.5, 0.6, 0.7])
    assert found["raw"]
    assert found["time"] == [0, 1000, 2000]
    assert found["last"] == found["minimum"] == found["maximum"] == [0.5, 0.6, 0.7]


def test_a_bad_value_is_a_hole_with_a_band() -> None:
    found = curve([0.5, 0.6, 0.7], quality=[Quality.GOOD, Quality.BAD, Quality.GOOD])
    assert found["last"] == [0.5, None, 0.7]
    assert found["bands"] == [{"start": 1000, "end": 2000, "kind": "bad"}]


def test_silence_is_a_gap_from_the_moment_at_which_nothing_is_known_any_more() -> None:
    found = curve([0.5, 0.6], stale_after=20 * SECOND, step=60 * SECOND)
    assert found["last"] == [0.5, None, 0.6, None]
    assert found["time"] == [0, 20_000, 60_000, 80_000]
    assert [band["kind"] for band in found["bands"]] == ["stale", "stale"]


def test_no_samples_give_an_empty_curve() -> None:
    empty = SampleBatch.of([], [], [])
    found = trend(empty, point="T1", start=0, end=SECOND, pixels=10, stale_after=SECOND, limits=[])
    assert found["time"] == []


@given(
    st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=30, max_size=300),
    st.integers(min_value=4, max_value=29),
)
def test_reducing_keeps_the_extremes_and_the_width(values: list[float], pixels: int) -> None:
    found = curve(values, pixels=pixels)
    assert len(found["time"]) <= pixels + 2
    seen = [value for value in found["maximum"] if value is not None]
    low = [value for value in found["minimum"] if value is not None]
    known = [value for value in values if not np.isnan(value)]
    if known:
        assert max(seen) == max(known)
        assert min(low) == min(known)
    else:
        assert not seen


@given(
    st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=2, max_size=60),
    st.lists(st.integers(0, 60), max_size=4),
    st.integers(min_value=2, max_value=70),
)
def test_a_curve_is_the_same_in_whatever_pieces_its_samples_come(
    values: list[float], cuts: list[int], pixels: int
) -> None:
    time = np.arange(len(values), dtype=np.int64) ** 2 * SECOND
    samples = SampleBatch.of(np.zeros(len(values)), time, values)
    end = int(time[-1]) + 99 * SECOND
    pieces = TrendCurve(0, end, pixels, 20 * SECOND)
    for first, after in pairwise([0, *sorted(cuts), len(values)]):
        pieces.add(samples.take(slice(first, after)))
    whole = trend(samples, point="T1", start=0, end=end, pixels=pixels, stale_after=20 * SECOND, limits=[])
    assert pieces.view("T1", []) == whole


def test_a_long_curve_keeps_no_more_rows_than_it_needs_and_every_extreme() -> None:
    rng = np.random.default_rng(1)
    count, pixels = 5 * FOLD, 100
    values = rng.normal(1.0, 0.1, count)
    values[[7, count // 2]] = 9.0, -9.0
    quality = np.where(np.arange(count) % 3 == 1, Quality.BAD, Quality.GOOD)
    samples = SampleBatch.of(np.zeros(count), np.arange(count) * SECOND, values, quality=quality)
    curve = TrendCurve(0, count * SECOND, pixels, 0)
    for first in range(0, count, FOLD // 2):
        curve.add(samples.take(slice(first, first + FOLD // 2)))
        assert sum(len(rows[0]) for rows in curve.kept) <= FOLD + FOLD // 2
    view = curve.view("T1", [])
    assert not view["raw"]
    assert len(view["time"]) <= pixels + 2
    assert len(view["bands"]) <= pixels
    known = [value for value in (*view["minimum"], *view["maximum"]) if value is not None]
    good = values[quality == Quality.GOOD]
    assert (min(known), max(known)) == (good.min(), good.max())


def test_a_damage_is_a_gap_with_a_band_as_far_as_it_is_in_the_picture() -> None:
    samples = SampleBatch.of([0, 0, 0], np.array([0, 1, 9]) * SECOND, [0.5, 0.6, 0.7])
    lost = [(2 * SECOND, 8 * SECOND), (9 * SECOND, 99 * SECOND), (50 * SECOND, 60 * SECOND)]
    answer = trend(samples, point="T1", start=0, end=10 * SECOND, pixels=100, stale_after=0, limits=[], damaged=lost)
    assert answer["last"] == [0.5, 0.6, None, 0.7, None]
    assert answer["bands"] == [
        {"start": 2000, "end": 8000, "kind": "damaged"},
        {"start": 9000, "end": 10_000, "kind": "damaged"},
    ]


def unevaluated(samples: SampleBatch, cut: int, starts: list[int]) -> list[tuple[int, int]]:
    """Return the bands of what was not evaluated in time, of samples that come in two pieces. [s]."""
    made = TrendCurve(0, 20 * SECOND, 1000, 10**15)
    made.started([start * SECOND for start in starts])
    made.add(samples.take(slice(cut)))
    made.add(samples.take(slice(cut, None)))
    bands = made.view("T1", [])["bands"]
    return [(band["start"] // 1000, band["end"] // 1000) for band in bands if band["kind"] == "unevaluated"]


@given(st.integers(0, 9))
def test_what_came_too_late_for_the_rules_is_a_band_around_it(cut: int) -> None:
    late = [0, 0, 0, 1, 1, 1, 0, 0, 0]
    samples = SampleBatch.of([0] * 9, np.arange(9) * SECOND, np.ones(9), backfilled=late)
    assert unevaluated(samples, cut, []) == [(2, 6)]


@given(st.integers(0, 5))
def test_the_time_without_an_engine_lies_between_what_arrived_before_a_start_and_after_it(cut: int) -> None:
    # The third run begins at 12 and has no sample yet. What the second one read first is older than its start.
    arrival = np.array([0, 1, 2, 8, 9]) * SECOND
    samples = SampleBatch.of([0] * 5, np.array([0, 1, 2, 6, 9]) * SECOND, np.ones(5), arrival=arrival)
    assert unevaluated(samples, cut, [7, 12]) == [(2, 6), (9, 12)]
    assert unevaluated(samples.take(slice(0)), 0, [7]) == []
