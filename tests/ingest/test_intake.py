"""The order of the log of a live run, and that its history rebuilds it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import START, TICK, IllegalArrivalError, Intake, Log, replay_log
from plant import Point, PointTable, Quality, SampleBatch, Trace
from tests.sites import MINE

S = 1_000_000_000
POINTS = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("A", "B")])
SOURCE_TIMED = np.zeros(2, dtype=np.bool_)


def _intake(arrival_timed: np.ndarray = SOURCE_TIMED, now: int = 100 * S) -> Intake:
    intake = Intake(POINTS, MINE, arrival_timed)
    intake.start(now)
    return intake


def _seconds(log: Log) -> list[tuple[int, int, float]]:
    return [(int(k), int(p), t / S) for k, p, t in zip(log.kind, log.point, log.time, strict=True)]


def test_a_run_begins_with_a_start_of_its_time_less_the_allowance() -> None:
    log = Intake(POINTS, MINE, SOURCE_TIMED).start(100 * S)
    assert _seconds(log) == [(START, -1, 98.0)]


def test_ticks_enter_before_the_first_batch_later_than_their_time_and_allowance() -> None:
    intake = _intake()
    assert _seconds(intake.accept(SampleBatch.of([0], [101 * S], [1.0], arrival=101 * S))) == [
        (TICK, -1, 98.0),
        (0, 0, 101.0),
    ]
    assert _seconds(intake.clock(102 * S)) == [(TICK, -1, 99.0)]
    assert _seconds(intake.clock(102 * S + 1)) == [(TICK, -1, 100.0)]


def test_a_batch_stands_by_time_then_point_then_as_it_came() -> None:
    batch = SampleBatch.of([1, 0, 0, 1], np.array([101, 101, 100, 101]) * S, [1.0, 2.0, 3.0, 4.0], arrival=102 * S)
    log = _intake().accept(batch)
    assert list(log.value[log.kind == 0]) == [3.0, 2.0, 1.0, 4.0]


def test_a_source_that_runs_ahead_gets_its_arrivals_a_nanosecond_apart_and_uncertain() -> None:
    batch = SampleBatch.of([0, 0, 1], np.array([109, 108, 107]) * S, [1.0, 2.0, 3.0], arrival=102 * S)
    log = _intake().accept(batch)
    samples = log[np.flatnonzero(log.kind == 0)]
    assert list(samples.time - 102 * S) == [0, 1, 5 * S]
    assert list(samples.quality) == [Quality.UNCERTAIN, Quality.UNCERTAIN, Quality.GOOD]


def test_an_arrival_timed_source_keeps_its_quality() -> None:
    log = _intake(np.array([True, False])).accept(SampleBatch.of([0, 0], [5, 900 * S], [1.0, 2.0], arrival=102 * S))
    samples = log[np.flatnonzero(log.kind == 0)]
    assert list(samples.time - 102 * S) == [0, 1]
    assert list(samples.quality) == [Quality.GOOD, Quality.GOOD]


def test_stamps_grow_when_the_clock_goes_back_and_pass_every_tick_that_is_in() -> None:
    intake = _intake()
    assert intake.stamp(101 * S) == 101 * S
    assert intake.stamp(50 * S) == 101 * S + 1
    intake.clock(110 * S + 1)
    assert intake.stamp(60 * S) == 110 * S + 1


@pytest.mark.parametrize("arrival", [[100 * S], [99 * S], [101 * S, 102 * S]])
def test_an_illegal_arrival_is_refused(arrival: list[int]) -> None:
    n = len(arrival)
    with pytest.raises(IllegalArrivalError):
        _intake().accept(SampleBatch.of([0] * n, [1] * n, [1.0] * n, arrival=arrival))


ROW = st.tuples(st.integers(0, 1), st.integers(0, 40), st.integers(0, 2))
STEP = st.tuples(st.integers(0, 3_000), st.lists(ROW, max_size=4), st.booleans())


@given(st.lists(STEP, min_size=1, max_size=12), st.booleans())
def test_the_history_of_runs_rebuilds_their_log(
    steps: list[tuple[int, list[tuple[int, int, int]], bool]], timed: bool
) -> None:
    arrival_timed = np.array([timed, False])
    intake, now, starts = Intake(POINTS, MINE, arrival_timed), 100 * S, [100 * S]
    live, history = [intake.start(now)], []
    for elapsed, rows, stopped in steps:
        now += elapsed * 1_000_000
        if stopped:
            now = max(now, intake.stamp(now)) + 1
            intake = Intake(POINTS, MINE, arrival_timed)
            live.append(intake.start(now))
            starts.append(now)
        point = [row[0] for row in rows]
        time = [90 * S + row[1] * S // 2 for row in rows]
        batch = SampleBatch.of(point, time, [float(row[2]) for row in rows]).stamped(intake.stamp(now))
        live.append(intake.accept(batch))
        if rows:
            history.append(batch)
    none = np.empty(0, dtype=np.int64)
    trace = Trace(SampleBatch.concatenate(history), none, none, none, has_arrivals=True)
    log = Log.concatenate(live)
    rebuilt = replay_log(POINTS, MINE, arrival_timed, trace, starts=np.array(starts))
    assert _seconds(rebuilt)[:-1] == _seconds(log)
    assert np.array_equal(rebuilt.value[:-1], log.value, equal_nan=True)


batches = st.lists(
    st.tuples(
        st.sampled_from([1, 300_000_000, S, 3 * S, 40 * S]),
        st.lists(st.tuples(st.integers(0, 1), st.integers(-9, 9)), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=20,
)


@given(batches, st.integers(0, 20), st.booleans())
def test_many_batches_at_once_enter_as_one_after_the_other(
    given: list[tuple[int, list[tuple[int, int]]]], cut: int, by_arrival: bool
) -> None:
    arrival, stamped = 100 * S, []
    for wait, rows in given:
        arrival += wait
        points, offsets = zip(*rows, strict=True)
        stamped.append(
            SampleBatch.of(points, arrival + np.array(offsets) * S, 1.0 * np.arange(len(rows)), arrival=arrival)
        )
    timed = np.array([by_arrival, False])
    one, many = _intake(timed), _intake(timed)
    expected = Log.concatenate([one.accept(batch) for batch in stamped])
    halves = [SampleBatch.concatenate(half) for half in (stamped[:cut], stamped[cut:])]
    found = Log.concatenate([many.accept_all(half) for half in halves])
    for name in ("kind", "point", "time", "quality"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    np.testing.assert_array_equal(found.value, expected.value)
    assert many.next_due == one.next_due
    with pytest.raises(IllegalArrivalError):
        many.accept_all(stamped[-1])
