"""The OPC UA source against a server that is not ours: what it says comes through, and its restart is survived."""

import logging
import math
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest

from hazwatch.live.clock import ScaledClock
from plant import Quality, State
from tests.system.opcua.listening import MS, START, Heard, S, TraceClock, listening, open_source, spec
from tests.system.opcua.node_peer.peer import peer

pytestmark = pytest.mark.live

T1, T2 = "ns=1;s=3101.瓦斯.T1", "ns=1;i=7"
ROWS = 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers keep their certificate: making one takes longer than all else."""
    return tmp_path_factory.mktemp("peer")


def good(heard: Heard) -> bool:
    return len(heard.of(0)) > 0 and int(heard.of(0).quality[-1]) == Quality.GOOD


def bad(heard: Heard) -> bool:
    return len(heard.of(0)) > 0 and int(heard.of(0).quality[-1]) == Quality.BAD


async def test_every_row_of_a_burst_arrives_once_with_its_own_source_time(folder: Path) -> None:
    clock = TraceClock()
    times = START + np.arange(ROWS) * 7 * MS
    values = (np.arange(ROWS) / 2, np.arange(ROWS) // 2)
    rows = [
        list(zip([node] * ROWS, column.tolist(), times.tolist(), strict=True))
        for node, column in zip((T1, T2), values, strict=True)
    ]
    async with peer(folder, {T1: "Double", T2: "UInt16"}) as server:
        await server.put(rows[0][0], rows[1][0])
        async with listening(open_source(spec(server.endpoint), [(0, T1), (1, T2)], clock)) as heard:
            await heard.until(lambda heard: len(heard.all) >= 2)
            await server.put(*rows[0][1:], *rows[1][1:])
            await heard.until(lambda heard: min(len(heard.of(0)), len(heard.of(1))) >= ROWS)
    for point, column in enumerate(values):
        samples = heard.of(point)
        assert samples.time.tolist() == times.tolist()
        assert samples.value.tolist() == column.tolist()
        assert not samples.quality.any()


async def test_types_statuses_and_quality_come_through(folder: Path) -> None:
    said = {
        "flag": ("Boolean", True, "Good", 1.0, Quality.GOOD, 0),
        "count": ("Int16", -3, "Good", -3.0, Quality.GOOD, 0),
        "single": ("Float", 0.5, "Good", 0.5, Quality.GOOD, 0),
        "text": ("String", "1.0", "Good", math.nan, Quality.BAD, 0),
        "sensor": ("Double", 1.0, "BadSensorFailure", 1.0, Quality.BAD, State.SENSOR_FAULT),
        "device": ("Double", 1.0, "BadDeviceFailure", 1.0, Quality.BAD, State.SUBSTATION_FAULT),
        "old": ("Double", 2.5, "UncertainLastUsableValue", 2.5, Quality.UNCERTAIN, State.NOT_SCANNED),
        "unsure": ("Double", 2.5, "UncertainSubNormal", 2.5, Quality.UNCERTAIN, 0),
    }
    nodes = {f"ns=1;s={name}": kind for name, (kind, *_) in said.items()}
    clock = TraceClock()
    clock.begin()
    async with peer(folder, nodes) as server:
        for node, (_, value, status, *_) in zip(nodes, said.values(), strict=True):
            await server.put((node, value, START - S), status=status)
        async with listening(open_source(spec(server.endpoint), list(enumerate(nodes)), clock)) as heard:
            await heard.until(lambda heard: len(heard.all) >= len(nodes))
    for point, (name, (_, _, _, value, quality, state)) in enumerate(said.items()):
        samples = heard.of(point)
        assert samples.time[0] == START - S, name
        assert np.array_equal(samples.value[:1], [value], equal_nan=True), name
        assert (samples.quality[0], samples.state[0]) == (quality, state), name


async def test_a_restart_is_bad_at_once_and_good_with_the_new_value_soon_after(folder: Path) -> None:
    clock = ScaledClock()  # a node without a value bears the server's time
    async with AsyncExitStack() as stack:
        async with peer(folder, {T1: "Double"}) as server:
            await server.put((T1, 1.0, clock.now()))
            source = open_source(spec(server.endpoint), [(0, T1)], clock)
            heard = await stack.enter_async_context(listening(source))
            await heard.until(good)
        await heard.until(bad, within=2)
        async with peer(folder, {T1: "Double"}, port=server.port) as server:
            await server.put((T1, 2.0, clock.now()))
            await heard.until(good, within=10)
            changed = clock.now() // MS * MS
            await server.put((T1, 3.0, changed))
            await heard.until(lambda heard: heard.of(0).value[-1] == 3.0)
    samples = heard.of(0)
    assert (np.diff(samples.time) > 0).all()
    assert list(dict.fromkeys(samples.value[samples.quality == Quality.GOOD].tolist())) == [1.0, 2.0, 3.0]
    assert changed in samples.time


async def test_a_value_that_stands_still_is_scanned_and_an_unknown_address_is_bad(folder: Path) -> None:
    clock = TraceClock(10)
    async with peer(folder, {T1: "Double"}) as server:
        await server.put((T1, 1.0, START))
        points = [(0, T1), (1, "ns=1;s=missing")]
        async with listening(open_source(spec(server.endpoint, scan="1s"), points, clock)) as heard:
            clock.begin()
            await heard.until(lambda heard: len(heard.of(0)) >= 6 and len(heard.of(1)) >= 2)
    steady = heard.of(0)
    assert set(steady.value.tolist()) == {1.0}
    assert (np.diff(steady.time) > 0).all()
    assert (heard.of(1).quality == Quality.BAD).all()


async def test_a_server_that_samples_says_how_often(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapters")
    async with peer(folder, {T1: "Double"}, sampling=200) as server:
        await server.put((T1, 1.0, START))
        async with listening(open_source(spec(server.endpoint), [(0, T1)], TraceClock())) as heard:
            await heard.until(good)
    said = [record.getMessage() for record in caplog.records if "samples" in record.getMessage()]
    assert said == [
        "the server samples every 0.2 s: changes that follow each other faster may come as one source=kj-ua"
    ]
