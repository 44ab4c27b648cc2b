"""Holes that a server with an odd history cannot fill, or fills in its own order, are filled or noted as gaps."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress

import pytest
from asyncua import ua

from adapters.sources.opcua.gaps import backfill
from adapters.sources.opcua.gaps.backfill import Backfill, RecordedRow
from adapters.sources.opcua.gaps.history import HistoryPage, ServerHistory
from adapters.sources.opcua.gaps.holes import Hole, SourceRow
from adapters.sources.rate import Rate
from plant import Gap

T = 1_400_000_000_000_000_000


def row(time: int) -> SourceRow:
    return SourceRow(T + time, float(time), 0, 0)


class OddHistory(ServerHistory):
    """A history that answers with the same pages, or breaks the connection."""

    def __init__(self, *pages: Sequence[int]) -> None:
        self.asked = 0
        self._pages = pages

    async def pages(self, nodes: Mapping[int, ua.NodeId], start: int, until: int) -> AsyncGenerator[HistoryPage, None]:
        self.asked += 1
        if not self._pages:
            raise ConnectionError
        for page in self._pages:
            yield HistoryPage(0, [row(time) for time in page])


class NotedBackfill(Backfill):
    """Lets a test wait for the gaps."""

    noted: asyncio.Semaphore

    def note(self, gap: Gap) -> None:
        super().note(gap)
        self.noted.release()


async def fill(history: OddHistory, *holes: Hole, gaps: int = 1) -> tuple[Backfill, list[float]]:
    filled: list[float] = []

    async def emit(rows: Sequence[RecordedRow]) -> None:
        filled.extend(each.value for _, each in rows)

    async def reader() -> tuple[OddHistory, Mapping[int, ua.NodeId]]:
        return history, {0: ua.NodeId()}

    filling = NotedBackfill("kj", Rate(), active=lambda: 1, reader=reader, emit=emit)
    filling.noted = asyncio.Semaphore(0)
    filling.add(holes)
    running = asyncio.create_task(filling.run())
    async with asyncio.timeout(20):
        for _ in range(gaps):
            await filling.noted.acquire()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return filling, filled


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "PAUSE", 0.0)
    monkeypatch.setattr(backfill, "GATHER", 0.0)


async def test_a_server_that_dies_of_the_question_is_asked_no_more_and_the_gap_is_noted() -> None:
    history = OddHistory()
    filling, _ = await fill(history, Hole(0, row(0), row(9)))
    assert history.asked == backfill.BREAKS_IN_VAIN
    assert filling.gaps[0].how == "none"
    assert str(filling.gaps[0].reason) == "the connection breaks whenever the history is read"


@pytest.mark.parametrize(("pages", "rows"), [([[]], 0), ([[0, 2, 4]], 2)], ids=["empty", "ends before the gap does"])
async def test_a_history_that_does_not_reach_the_end_of_the_gap_has_not_filled_it(
    pages: list[list[int]], rows: int
) -> None:
    filling, filled = await fill(OddHistory(*pages), Hole(0, row(0), row(9)))
    assert (filling.gaps[0].how, filling.gaps[0].filled_rows, len(filled)) == ("none", rows, rows)
    assert str(filling.gaps[0].reason) == "the history of the server does not reach the end of the gap"


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([[0, 2, 4, 6, 9]], id="oldest first"),
        pytest.param([[9, 6, 4, 2, 0]], id="newest first"),
        pytest.param([[9, 6], [4, 2, 0]], id="newest first, in pages"),
        pytest.param([[0, 6, 2, 4, 9]], id="in no order"),
        pytest.param([[9], [6], [4], [2], [0]], id="newest first, a row a page"),
        pytest.param([[6], [4], [2], [0, 9]], id="newest first, the ends last"),
        pytest.param([[0, 4], [2, 6], [9]], id="pages that overlap"),
        pytest.param([[4, 6, 9], [0, 2]], id="the later page first"),
        pytest.param([[0, 2], [2, 4], [4, 6, 9]], id="the last row again in the next page"),
    ],
)
async def test_a_hole_is_filled_whole_whatever_the_order_of_the_server(pages: list[list[int]]) -> None:
    filling, filled = await fill(OddHistory(*pages), Hole(0, row(0), row(9)))
    assert sorted(filled) == [2.0, 4.0, 6.0]
    assert filling.gaps[0].filled_rows == 3


async def test_holes_beyond_the_bound_are_noted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "MOST_HOLES", 1)
    holes = [Hole(0, row(0), row(9)), Hole(0, row(10), row(19)), Hole(0, row(20), row(29))]
    filling, _ = await fill(OddHistory([0, 5, 9]), *holes, gaps=2)
    assert [(gap.how, gap.points) for gap in filling.gaps] == [("none", 1), ("history", 1)]
    assert str(filling.gaps[0].reason) == "too many gaps wait to be filled"
