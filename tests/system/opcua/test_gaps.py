"""A foreign server behind a link that breaks: every row that it still has comes once, the others are named."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from asyncua import ua

from adapters.sources import Source
from adapters.sources.opcua.session.link import OpcUaLink
from hazwatch.live.clock import ScaledClock, wall
from plant import Gap, Quality, SampleBatch
from tests.system.opcua.cable import Cable, cable
from tests.system.opcua.listening import MS, Heard, S, listening, open_source, spec
from tests.system.opcua.node_peer.peer import Peer, peer

pytestmark = pytest.mark.live

T1, T2 = "ns=1;s=T1", "ns=1;s=T2"
NODES = {T1: "Double", T2: "Double"}
POINTS = [(0, T1), (1, T2)]
EVERY = 0.02
"""How often the server has new values. [s]"""


class Play:
    """A server whose two nodes change all the time."""

    def __init__(self, server: Peer) -> None:
        self.server = server
        self.times: list[int] = []

    async def run(self) -> None:
        while True:
            now = wall() // MS * MS
            if not self.times or now > self.times[-1]:
                number = float(len(self.times))
                await self.server.put((T1, number, now), (T2, -number, now))
                self.times.append(now)
            await asyncio.sleep(EVERY)


@asynccontextmanager
async def playing(folder: Path, **options: int) -> AsyncIterator[tuple[Play, Cable]]:
    async with peer(folder, NODES, **options) as server, cable(server.endpoint) as laid:
        play = Play(server)
        task = asyncio.create_task(play.run())
        try:
            yield play, laid
        finally:
            task.cancel()
            await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peer")


def source_of(laid: Cable, **keys: object) -> Source:
    given = {"timeout": "500ms", "scan": "60s"} | keys
    return open_source(spec(laid.endpoint, **given), POINTS, ScaledClock())


def changes(samples: SampleBatch) -> SampleBatch:
    """Return the samples without what the adapter itself says of a lost link."""
    return samples.take(~np.isnan(samples.value))


def assert_every_row_came_once(heard: Heard, play: Play) -> None:
    for point in (0, 1):
        samples = changes(heard.of(point))
        begin, end = samples.time[0], samples.time.max()
        due = [at for at in play.times if begin <= at <= end]
        assert sorted(samples.time.tolist()) == due
        numbers = samples.value[np.argsort(samples.time)] * (1 - 2 * point)
        assert (np.diff(numbers) == 1).all()


def beyond(at: int) -> Callable[[Heard], object]:
    """Whether both points have a sample behind a time."""
    return lambda heard: all(len(heard.of(point)) and heard.of(point).time.max() > at for point in (0, 1))


async def break_of(laid: Cable, heard: Heard, seconds: float) -> int:
    """Cut the cable for a time; return the time of the machine at its end."""
    await heard.until(beyond(wall() + S // 2))
    laid.cut()
    await asyncio.sleep(seconds)
    laid.mend()
    return wall()


def rows_in(gap: Gap, play: Play) -> int:
    """Return how many rows the server had within a gap."""
    return 2 * sum(gap.start < at < gap.until for at in play.times)


def gap_of(source: Source) -> Gap:
    (gap,) = source.report.gaps
    return gap


async def test_a_subscription_goes_on_whatever_breaks_the_link_and_locks_nobody_out(folder: Path) -> None:
    async with playing(folder, sessions=2) as (play, laid):
        source = source_of(laid)
        async with listening(source) as heard:
            for seconds in (0.5, 0.1, 0.1, 2.0):
                await break_of(laid, heard, seconds)
            await heard.until(beyond(wall() + S // 2))
            laid.freeze()  # a link that goes dead without a sign
            await heard.until(lambda heard: heard.all.quality[-1] == Quality.BAD, within=10)
            laid.cut()
            laid.thaw()
            laid.mend()
            await heard.until(beyond(wall() + S // 2))
            play.server.stop()
            await heard.until(lambda heard: heard.all.quality[-1] == Quality.BAD, within=10)
            play.server.go_on()
            await heard.until(beyond(wall() + S), within=20)
    assert_every_row_came_once(heard, play)
    assert not heard.all.backfilled.any()
    assert laid.connections >= 7
    gaps = source.report.gaps
    assert {gap.how for gap in gaps} == {"queue"}
    for gap in gaps:
        assert gap.filled_rows >= rows_in(gap, play) - 4


async def test_history_fills_what_no_queue_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sources.opcua.session.connection.LIFETIME", 0.0)
    async with playing(folder, history=100_000) as (play, laid):
        source = source_of(laid)
        async with listening(source) as heard:
            mended = await break_of(laid, heard, 1.5)
            await heard.until(beyond(mended + 2 * S), within=20)
            await heard.until(lambda _: source.report.gaps, within=20)
    assert_every_row_came_once(heard, play)
    late = heard.all.take(heard.all.backfilled)
    gap = gap_of(source)
    assert len(late) == gap.filled_rows == rows_in(gap, play)
    assert (gap.how, gap.points, gap.reason) == ("history", 2, None)
    assert gap.start < late.time.min() <= late.time.max() <= gap.until
    assert gap.filled_rows / 3 < gap.expected_rows < gap.filled_rows * 3


async def test_what_no_queue_and_no_history_has_is_counted_and_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("adapters.sources.opcua.session.connection.LIFETIME", 0.0)
    async with playing(folder) as (play, laid):
        source = source_of(laid)
        async with listening(source) as heard:
            mended = await break_of(laid, heard, 1.5)
            await heard.until(beyond(mended + S), within=20)
            await heard.until(lambda _: source.report.gaps, within=20)
    gap = gap_of(source)
    assert gap.how == "none"
    assert gap.until - gap.start > 1.5 * S
    assert rows_in(gap, play) / 3 < gap.missing_rows < rows_in(gap, play) * 3
    assert "gap, rows may be lost source=kj-ua" in caplog.text
    assert "BadHistoryOperationUnsupported" in caplog.text


async def test_the_gap_of_our_own_down_time_is_filled(folder: Path) -> None:
    async with playing(folder, history=100_000) as (play, laid):
        async with listening(source_of(laid)) as before:
            await before.until(beyond(wall() + S // 2))
        last = changes(before.all)
        known = SampleBatch.concatenate([last.take(np.flatnonzero(last.point == point)[-1:]) for point in (0, 1)])
        await asyncio.sleep(1.0)
        source = source_of(laid)
        source.resume(known, 100.0)
        async with listening(source) as heard:
            await heard.until(lambda _: source.report.gaps, within=20)
    heard.batches[:0] = before.batches
    assert_every_row_came_once(heard, play)
    gap = gap_of(source)
    assert gap.how == "history"
    assert gap.start == known.time.max()
    assert gap.expected_rows == round((gap.until - gap.start) / S * 100)


async def test_a_node_that_is_deleted_and_created_again_is_monitored_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with peer(folder, NODES) as server:
        source = open_source(spec(server.endpoint, scan="300ms"), POINTS, clock := ScaledClock())
        await server.put((T1, 1.0, clock.now()), (T2, 1.0, clock.now()))
        async with listening(source) as heard:
            await heard.until(lambda heard: len(heard.of(0)) and heard.of(0).quality[-1] == Quality.GOOD)
            await server.delete(T1)
            await heard.until(lambda heard: heard.of(0).quality[-1] == Quality.BAD, within=5)
            await server.create(T1, "Double")
            await server.put((T1, 2.0, clock.now()))
            await heard.until(lambda heard: heard.of(0).value[-1] == 2.0, within=5)
            times = [clock.now() // MS * MS + number * 10 * MS for number in range(20)]
            await server.put(*((T1, 3.0 + number, at) for number, at in enumerate(times)))
            await heard.until(lambda heard: np.isin(times, heard.of(0).time).all(), within=5)
    assert (heard.of(1).quality == Quality.GOOD).all()
    assert "address refused source=kj-ua address=ns=1;s=T1 status=BadNodeId" in caplog.text
    assert "addresses are back" in caplog.text


async def test_a_subscription_without_all_nodes_is_not_gone_on_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = OpcUaLink.subscribe, []

    async def interrupted(link: OpcUaLink, nodes: dict[int, ua.NodeId]) -> dict[int, str]:
        calls.append(len(nodes))
        if len(calls) > 1:
            return await whole(link, nodes)
        await whole(link, {0: nodes[0]})
        await asyncio.sleep(0.5)
        raise ConnectionError

    monkeypatch.setattr(OpcUaLink, "subscribe", interrupted)
    async with playing(folder) as (play, laid), listening(source_of(laid)) as heard:
        await heard.until(beyond(wall() + S), within=20)
    assert calls == [2, 2]
    assert_every_row_came_once(heard, play)
