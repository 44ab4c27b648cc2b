"""The order of the log of a trace."""

import numpy as np
import pytest

from ingest import TICK, Log, replay_log
from ingest.tick import MOST_TICKS
from plant import NO_ARRIVAL, Point, PointTable, Quality, SampleBatch, Trace
from tests.sites import MINE

S = 1_000_000_000
POINTS = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("A", "B")])
SOURCE_TIMED = np.zeros(2, dtype=np.bool_)


def _trace(*rows: tuple[str, float], arrival: list[int] | None = None) -> Trace:
    point = np.array(["-AB".index(name) - 1 for name, _ in rows], dtype=np.int32)
    time = np.array([round(time * S) for _, time in rows], dtype=np.int64)
    stamps = np.full(len(rows), NO_ARRIVAL) if arrival is None else np.array(arrival)
    tick = point == -1
    samples = SampleBatch.of(point[~tick], time[~tick], np.flatnonzero(~tick), arrival=stamps[~tick])
    return Trace(samples, time[tick], stamps[tick], np.cumsum(~tick)[tick], has_arrivals=arrival is not None)


def _text(log: Log) -> str:
    return " ".join(
        f"t{time / S:g}" if kind == TICK else f"{'AB'[point]}{time / S:g}"
        for kind, point, time in zip(log.kind, log.point, log.time, strict=True)
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([("A", 1), ("A", 2)], "A1 t1 A2 t2", id="ticks follow the samples of their time"),
        pytest.param([("A", 1.5), ("A", 3.2)], "A1.5 t2 t3 A3.2 t3.2", id="no tick before the first entry"),
        pytest.param([("B", 1), ("A", 1)], "A1 B1 t1", id="points in the order of the site file"),
        pytest.param([("-", 1), ("B", 1)], "B1 t1 t1", id="samples before ticks of the trace"),
        pytest.param([("-", 0.5), ("A", 2.5), ("A", 0.7)], "t0.5 A0.7 t1 t2 A2.5 t2.5", id="rows are sorted"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_a_trace_without_arrivals_is_ordered_by_time(rows: list[tuple[str, float]], expected: str) -> None:
    assert _text(replay_log(POINTS, MINE, SOURCE_TIMED, _trace(*rows))) == expected


def test_a_trace_with_arrivals_is_ordered_by_batch_and_its_ticks_wait_for_the_allowance() -> None:
    trace = _trace(("-", 9), ("A", 8), ("B", 7), ("A", 9.5), arrival=[10 * S, 10 * S, 10 * S, 13 * S + 1])
    assert _text(replay_log(POINTS, MINE, SOURCE_TIMED, trace)) == "B7 A8 t9 t8 t9 t10 t11 A9.5 t13"


def test_without_arrivals_no_sample_runs_ahead() -> None:
    trace = _trace(("A", 1), ("A", 500))
    log = replay_log(POINTS, MINE, SOURCE_TIMED, trace)
    assert set(log.quality) == {Quality.GOOD}


def test_an_arrival_timed_point_in_a_trace_without_arrivals_steps_by_nanoseconds() -> None:
    log = replay_log(POINTS, MINE, np.array([True, False]), _trace(("A", 1), ("A", 1), ("B", 1)))
    assert list(log.time[log.kind != TICK]) == [S, S, S + 1]


def test_rows_as_logged_keep_their_order() -> None:
    trace = _trace(("A", 3), ("-", 2), ("B", 1))
    assert _text(replay_log(POINTS, MINE, SOURCE_TIMED, trace, as_logged=True)) == "A3 t2 B1"


def test_starts_without_arrivals_are_an_error() -> None:
    with pytest.raises(ValueError, match="every row"):
        replay_log(POINTS, MINE, SOURCE_TIMED, _trace(("A", 3)), starts=np.array([1]))


def test_a_gap_of_centuries_takes_one_tick() -> None:
    log = replay_log(POINTS, MINE, SOURCE_TIMED, _trace(("A", 1.5), ("A", 2.5), ("A", 2 * MOST_TICKS + 0.5)))
    assert _text(log) == f"A1.5 t2 A2.5 t{2 * MOST_TICKS:g} A{2 * MOST_TICKS + 0.5:g} t{2 * MOST_TICKS + 0.5:g}"
