"""Queries of the history: long periods are read in pieces, and few queries run at once."""

import asyncio
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from adapters.stores import Historian, HistoryReader
from console import BusyError
from hazwatch.desk import lane, pieces
from hazwatch.desk.lane import MOST_QUERIES, Deadline, Lane
from hazwatch.desk.pieces import in_pieces
from plant import Point, PointTable, SampleBatch
from plant.units import DAY, HOUR, SECOND

BEGIN = 20_000 * DAY + 20 * HOUR
POINTS = PointTable([Point(id="T1", hazard_source="gas", name="T1")])


def test_a_period_is_read_in_pieces_of_which_none_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MANY_IN_PIECE", 40)
    monkeypatch.setattr(pieces, "FEW_IN_PIECE", 10)
    times = BEGIN + np.arange(600) ** 2 * SECOND
    with closing(Historian(tmp_path, POINTS, retention_days=None, synchronous="normal")) as historian:
        for time in times.tolist():
            historian.append(SampleBatch.of([0], [time], [0.5], arrival=time + SECOND))
    found = list(in_pieces(HistoryReader(tmp_path, POINTS), "T1", 0, 4 * BEGIN, []))
    assert np.array_equal(np.concatenate([piece.time for piece in found]), times)
    assert sum(len(piece) > 0 for piece in found) > 5


def test_a_history_with_nothing_in_it_is_read_at_once(tmp_path: Path) -> None:
    found = list(in_pieces(HistoryReader(tmp_path, POINTS), "T1", 0, 4 * BEGIN, []))
    assert [len(piece) for piece in found] == [0]


async def test_one_query_runs_few_wait_and_more_are_refused() -> None:
    queries, running, most = Lane(), 0, 0
    held = asyncio.Event()

    async def query() -> None:
        nonlocal running, most
        async with queries.turn():
            running += 1
            most = max(most, running)
            await held.wait()
            running -= 1

    tasks = [asyncio.create_task(query()) for _ in range(MOST_QUERIES)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="too many queries"):
        await query()
    held.set()
    await asyncio.gather(*tasks)
    assert most == 1
    await query()


def test_a_query_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    Deadline().heed()
    monkeypatch.setattr(lane, "QUERY_TIME", -1.0)
    with pytest.raises(BusyError, match="shorter"):
        Deadline().heed()
