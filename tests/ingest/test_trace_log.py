"""A log in pieces has the entries of the whole log, wherever it is cut."""

import random

import numpy as np
import pytest

from ingest import Log, TraceLog, replay_log
from ingest.log import LOG_COLUMNS
from plant import NO_ARRIVAL, Point, PointTable, SampleBatch, Trace
from tests.sites import MINE

S = 1_000_000_000
POINTS = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("A", "B", "C")])


def trace(chance: random.Random, *, arrivals: bool, ticks: bool) -> Trace:
    """Return a random trace with equal times, long gaps and rows out of order."""
    count = chance.randrange(1, 60)
    point = np.array([chance.randrange(-1 if ticks else 0, 3) for _ in range(count)], np.int32)
    time = np.array([chance.choice((1, 3, 90)) * chance.randrange(5 * S) // S * (S // 2) for _ in range(count)])
    stamps = np.sort(time + 2 * S) if arrivals else np.full(count, NO_ARRIVAL)
    tick = point == -1
    samples = SampleBatch.of(point[~tick], time[~tick], np.arange(count)[~tick], arrival=stamps[~tick])
    return Trace(samples, time[tick], stamps[tick], np.cumsum(~tick)[tick], has_arrivals=arrivals)


def columns(log: Log) -> list[list[object]]:
    return [np.nan_to_num(getattr(log, name), nan=-1).tolist() for name in LOG_COLUMNS]


@pytest.mark.parametrize("seed", range(60))
def test_pieces_are_the_whole_log(seed: int) -> None:
    chance = random.Random(seed)
    given = trace(chance, arrivals=seed % 2 == 0, ticks=seed % 3 == 0)
    timed = np.array([False, seed % 5 == 0, False])
    whole = replay_log(POINTS, MINE, timed, given)
    log = TraceLog(POINTS, MINE, timed, given)
    for size in (1, 2, 7, 100):
        pieces = [piece for piece, _ in log.pieces(size)]
        assert columns(Log.concatenate(pieces)) == columns(whole), size
    assert log.end == whole.time.max()
    shares = [share for _, share in log.pieces(7)]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_an_empty_trace_has_no_pieces() -> None:
    nothing = np.empty(0, np.int64)
    empty = Trace(SampleBatch.of([], [], []), nothing, nothing, nothing, has_arrivals=False)
    log = TraceLog(POINTS, MINE, np.zeros(3, np.bool_), empty)
    assert (list(log.pieces(5)), log.end) == ([], None)
