"""The OPC UA source against a real server: nothing lost, nothing made up, and a lost link said and mended."""

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest
from asyncua import ua

from adapters.sources.opcua.access import Access
from adapters.sources.opcua.source import _Source
from plant import Quality, SampleBatch, State
from simulators.opcua import OpcUaSimulator, serve, stamp
from tests.system.opcua.limited_server import limit
from tests.system.opcua.listening import MS, NOTHING_TRUSTED, START, Heard, S, TraceClock, listening, open_source, spec

pytestmark = pytest.mark.live

NOTHING = SampleBatch.of([], [], [])
ANY_PORT = "opc.tcp://127.0.0.1:0"
T1 = (0, "ns=2;s=3101.瓦斯.T1")
SERVICE_LEVEL = (99, "i=2267")  # every server has it, so its first value shows that the source has subscribed


class Last:
    """Whether the last sample of a point is of this quality."""

    def __init__(self, quality: Quality, point: int = 0) -> None:
        self.quality = quality
        self.point = point

    def __call__(self, heard: Heard) -> bool:
        samples = heard.of(self.point)
        return len(samples) > 0 and int(samples.quality[-1]) == self.quality


@asynccontextmanager
async def wire(endpoint: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A cable to the server that goes dead without a sign while the event is not set."""
    alive = asyncio.Event()
    alive.set()
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await alive.wait()
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(endpoint.rsplit(":", 1)[1]))
        tasks.update((asyncio.create_task(carry(there, writer)), asyncio.create_task(carry(reader, back))))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"opc.tcp://127.0.0.1:{listener.sockets[0].getsockname()[1]}", alive
    finally:
        listener.close()
        alive.set()
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0)), *tasks], timeout=2)


async def add(server: OpcUaSimulator, address: str, value: ua.Variant) -> ua.NodeId:
    objects = server.server.nodes.objects
    return (await objects.add_variable(ua.NodeId.from_string(address), address, value)).nodeid


def steady(nodes: Iterable[int]) -> SampleBatch:
    columns = [*nodes]
    return SampleBatch.of(columns, [START] * len(columns), [0.5] * len(columns))


async def test_every_row_of_a_burst_arrives_once_with_its_own_source_time() -> None:
    clock = TraceClock()
    nodes = {0: "ns=2;s=3101.瓦斯.T1", 1: "ns=3;i=7", 2: "ns=2;g=09087e75-8e5e-499b-954f-f2a9603db28a"}
    times = START + np.arange(2000) * MS // 2 + 100 * MS
    rows = SampleBatch.of(np.tile([0, 1, 2], 2000), np.repeat(times, 3), np.repeat(np.arange(2000) // 2, 3))
    async with serve(ANY_PORT, nodes, rows, clock) as server:
        source = open_source(spec(server.endpoint, publishing="100ms"), [*nodes.items(), SERVICE_LEVEL], clock)
        async with listening(source) as heard:
            await heard.until(Last(Quality.GOOD, 99))
            clock.begin()
            await heard.until(lambda heard: len(heard.all) >= 6001)
    for point in nodes:
        samples = heard.of(point)
        assert samples.time.tolist() == times.tolist()
        assert samples.value.tolist() == (np.arange(2000) // 2).tolist()
    assert len(heard.batches) < 60


async def test_a_listener_that_does_not_take_holds_the_server_back_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.sources.opcua.source.MOST_WAITING", 2)
    monkeypatch.setattr("adapters.sources.opcua.session.stream.MOST_UNDELIVERED", 3)
    clock = TraceClock()
    times = START + np.arange(500) * 4 * MS + 100 * MS
    rows = SampleBatch.of([0] * 500, times, np.arange(500))
    async with serve(ANY_PORT, dict([T1]), rows, clock) as server:
        asked = spec(server.endpoint, scan="100ms")
        source = _Source(asked, [T1, SERVICE_LEVEL], clock, Access(asked, NOTHING_TRUSTED))
        async with aclosing(source.samples()) as samples:
            taken = [await anext(samples)]
            clock.begin()
            most = 0
            while clock.now() < times[-1] + 500 * MS:
                await asyncio.sleep(0.02)
                assert source._link is not None
                most = max(most, source._batches.qsize() + source._link.stream._results.qsize())
            assert 3 <= most <= 5
            async with asyncio.timeout(60):
                while times[-1] not in taken[-1].time:
                    taken.append(await anext(samples))
    of = SampleBatch.concatenate(taken)
    assert np.isin(times, of.time[of.point == 0]).all()


async def test_at_600_times_real_time_every_row_arrives_and_no_scan_makes_one_late() -> None:
    clock = TraceClock(600)
    nodes = {0: "ns=2;s=MM116", 1: "ns=2;s=MM31", 2: "ns=2;s=steady"}
    times = START + (np.arange(60) + 1) * 30 * S
    values = {0: np.arange(60), 1: np.arange(60) // 4}
    moving = [SampleBatch.of([point] * 60, times, value) for point, value in values.items()]
    rows = SampleBatch.concatenate([SampleBatch.of([2], [START + 30 * S], [7.0]), *moving])
    async with serve(ANY_PORT, nodes, rows, clock) as server:
        source = open_source(spec(server.endpoint, publishing="100ms"), [*nodes.items(), SERVICE_LEVEL], clock)
        async with listening(source) as heard:
            await heard.until(Last(Quality.GOOD, 99))
            clock.begin()
            await heard.until(lambda heard: times[-1] in heard.of(1).time)
    for point, value in values.items():
        samples = heard.of(point)
        assert (np.diff(samples.time) > 0).all(), "a row is late"
        assert set(times.tolist()) <= set(samples.time.tolist()), "a row is lost"
        row = np.searchsorted(times, samples.time, side="right") - 1
        assert samples.value.tolist() == value[row].tolist(), "a change is made up"
    steady = heard.of(2)
    assert set(steady.value.tolist()) == {7.0}
    assert len(steady) > 3, "a steady point is not scanned"


async def test_values_of_all_types_and_statuses_come_through() -> None:
    clock = TraceClock()
    clock.begin()
    answers = {
        "flag": ua.DataValue(ua.Variant(True, ua.VariantType.Boolean)),
        "count": ua.DataValue(ua.Variant(-3, ua.VariantType.Int16)),
        "single": ua.DataValue(ua.Variant(0.5, ua.VariantType.Float)),
        "text": ua.DataValue(ua.Variant("1.0", ua.VariantType.String)),
        "many": ua.DataValue(ua.Variant([1.0, 2.0], ua.VariantType.Double)),
        "nan": ua.DataValue(ua.Variant(math.nan, ua.VariantType.Double)),
        "failed": ua.DataValue(ua.Variant(1.0), StatusCode=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadSensorFailure))),
        "unstamped": ua.DataValue(ua.Variant(2.0), ServerTimestamp=stamp(START - 2 * S)),
    }
    nodes = [(point, f"ns=2;s={name}") for point, name in enumerate(answers)]
    async with serve(ANY_PORT, {}, NOTHING, clock) as server:
        for (_, address), answer in zip(nodes, answers.values(), strict=True):
            node = await add(server, address, answer.Value or ua.Variant())
            if answer.ServerTimestamp is None:
                answer.SourceTimestamp = stamp(START - S)
            await server.put(node, answer)
        async with listening(open_source(spec(server.endpoint), nodes, clock)) as heard:
            await heard.until(lambda heard: len(heard.all) >= len(nodes))
    samples = heard.all
    assert samples.point.tolist() == list(range(8))
    assert samples.quality.tolist() == [0, 0, 0, 2, 2, 2, 2, 0]
    assert samples.value[[0, 1, 2, 7]].tolist() == [1.0, -3.0, 0.5, 2.0]
    assert np.isnan(samples.value[3:7]).all()
    assert samples.state.tolist() == [0, 0, 0, 0, 0, 0, State.SENSOR_FAULT, 0]
    assert samples.time.tolist() == [START - S] * 7 + [START - 2 * S]


async def test_an_address_that_does_not_exist_is_bad_and_said_once_until_it_exists(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = TraceClock()
    missing = (7, "ns=2;s=missing")
    rows = SampleBatch.of([0], [START], [1.0])
    async with serve(ANY_PORT, dict([T1]), rows, clock) as server:
        source = open_source(spec(server.endpoint, scan="100ms"), [T1, missing], clock)
        async with listening(source) as heard:
            clock.begin()
            await heard.until(lambda heard: Last(Quality.BAD, 7)(heard) and Last(Quality.GOOD)(heard))
            node = await add(server, missing[1], ua.Variant(5.0))
            await server.put(node, ua.DataValue(ua.Variant(5.0), SourceTimestamp=stamp(START + 3600 * S)))
            await heard.until(Last(Quality.GOOD, 7))
    assert (np.diff(heard.of(7).time) > 0).all()
    assert heard.of(7).value[-1] == 5.0
    refused = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert refused == ["address refused source=kj-ua address=ns=2;s=missing status=BadNodeIdUnknown"]


async def test_a_namespace_that_the_server_gets_while_the_link_stands_is_found() -> None:
    clock = TraceClock()
    late = (7, "nsu=urn:kj:late;s=T7")
    async with (
        serve(ANY_PORT, dict([T1]), SampleBatch.of([0], [START], [1.0]), clock) as server,
        listening(open_source(spec(server.endpoint, scan="100ms"), [T1, late], clock)) as heard,
    ):
        clock.begin()
        await heard.until(lambda heard: Last(Quality.BAD, 7)(heard) and Last(Quality.GOOD)(heard))
        index = await server.server.register_namespace("urn:kj:late")
        await add(server, f"ns={index};s=T7", ua.Variant(5.0))
        await heard.until(Last(Quality.GOOD, 7), within=10.0)
    assert heard.of(7).value[-1] == 5.0


@pytest.mark.parametrize("limits", [{"read": 50, "monitor": 100}, {"read": 1, "monitor": 1}], ids=str)
async def test_a_server_that_takes_few_nodes_at_once_is_asked_in_pieces(
    limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = {point: f"ns=2;i={1000 + point}" for point in range(130)}
    async with serve(ANY_PORT, nodes, steady(nodes), clock := TraceClock()) as server:
        limit(monkeypatch, server, **limits)
        async with listening(open_source(spec(server.endpoint, scan="300ms"), [*nodes.items()], clock)) as heard:
            clock.begin()
            await heard.until(lambda heard: all(len(heard.of(point)) > 2 for point in nodes))
    assert (heard.all.quality == Quality.GOOD).all()


@pytest.mark.parametrize("room", [0, 100])
async def test_what_a_server_does_not_monitor_is_read(
    room: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nodes = {point: f"ns=2;i={1000 + point}" for point in range(130)}
    async with serve(ANY_PORT, nodes, steady(nodes), clock := TraceClock()) as server:
        limit(monkeypatch, server, room=room)
        async with listening(open_source(spec(server.endpoint, scan="300ms"), [*nodes.items()], clock)) as heard:
            clock.begin()
            await heard.until(lambda heard: all(Last(Quality.GOOD, point)(heard) for point in nodes))
            await server.write(SampleBatch.of([*nodes], [START + S] * 130, [7.0] * 130))
            await heard.until(lambda heard: all(heard.of(point).value[-1] == 7.0 for point in nodes))
    assert (heard.all.quality == Quality.GOOD).all()
    for point in nodes:
        samples = heard.of(point)
        assert samples.time[samples.value == 7.0][0] == START + S
    warned = [record.getMessage() for record in caplog.records if "does not monitor" in record.getMessage()]
    assert warned == [
        "the server does not monitor all addresses: the others are read source=kj-ua "
        f"addresses={130 - room} status=BadTooManyMonitoredItems"
    ]


async def test_namespaces_that_a_restart_renumbers_never_give_another_sensors_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = TraceClock()
    clock.begin()
    points = [(0, "ns=2;i=1011"), (1, "nsu=urn:kj:gas;i=1011")]
    before = {0: "nsu=urn:kj:gas;i=1011", 1: "nsu=urn:kj:wind;i=1011"}
    after = {1: before[1], 0: before[0]}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"opc.tcp://127.0.0.1:{taken.getsockname()[1]}"
    values = SampleBatch.of([0, 1], [START, START], [0.5, 3.0])
    async with listening(open_source(spec(endpoint, scan="300ms"), points, clock)) as heard:
        async with serve(endpoint, before, values, clock):
            await heard.until(lambda heard: Last(Quality.GOOD, 0)(heard) and Last(Quality.GOOD, 1)(heard))
        await heard.until(Last(Quality.BAD, 1))
        async with serve(endpoint, after, values, clock):
            await heard.until(lambda heard: Last(Quality.BAD, 0)(heard) and Last(Quality.GOOD, 1)(heard))
    assert not (heard.all.value == 3.0).any()
    assert "namespace 2 was urn:kj:gas and is urn:kj:wind" in caplog.text


async def test_a_cut_link_is_bad_and_good_after_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = TraceClock()
    points = [T1, (1, "ns=2;s=3101.T2")]
    rows = SampleBatch.of([0, 1], [START, START], [1.0, 2.0])
    async with serve(ANY_PORT, dict(points), rows, clock) as server:
        source = open_source(spec(server.endpoint, scan="300ms"), points, clock)
        async with listening(source) as heard:
            clock.begin()
            await heard.until(lambda heard: Last(Quality.GOOD, 0)(heard) and Last(Quality.GOOD, 1)(heard))
            await server.drop_link()
            await heard.until(Last(Quality.BAD))
            first = next(batch for batch in heard.batches if (batch.quality == Quality.BAD).any())
            await server.restore_link()
            await heard.until(lambda heard: Last(Quality.GOOD, 0)(heard) and Last(Quality.GOOD, 1)(heard))
    assert (heard.of(0).quality == Quality.BAD).sum() == 1
    assert first.point.tolist() == [0, 1]
    assert first.quality.tolist() == [Quality.BAD, Quality.BAD]
    assert np.isnan(first.value).all()
    said = [record.getMessage().split(" source=")[0] for record in caplog.records if record.name.startswith("adapters")]
    assert said == ["source lost", "source back"]


async def test_a_server_that_comes_later_and_one_that_is_restarted_are_found() -> None:
    clock = TraceClock()
    clock.begin()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"opc.tcp://127.0.0.1:{taken.getsockname()[1]}"
    async with listening(open_source(spec(endpoint), [T1], clock)) as heard:
        await heard.until(Last(Quality.BAD))
        for value in (1.0, 2.0):
            rows = SampleBatch.of([0], [clock.now()], [value])
            async with serve(endpoint, dict([T1]), rows, clock):
                await heard.until(Last(Quality.GOOD))
            assert heard.of(0).value[-1] == value
            await heard.until(Last(Quality.BAD))


async def test_a_server_that_answers_no_more_is_noticed_and_found_again() -> None:
    clock = TraceClock()
    rows = SampleBatch.of([0], [START], [1.0])
    async with (
        serve(ANY_PORT, dict([T1]), rows, clock) as server,
        wire(server.endpoint) as (endpoint, alive),
        listening(open_source(spec(endpoint, timeout="2s"), [T1], clock)) as heard,
    ):
        clock.begin()
        await heard.until(Last(Quality.GOOD))
        alive.clear()
        await heard.until(Last(Quality.BAD))
        alive.set()
        await heard.until(Last(Quality.GOOD))


async def test_a_steady_point_is_scanned_until_the_servers_data_stand_still() -> None:
    clock = TraceClock(10)
    rows = SampleBatch.of([0], [START], [1.0])
    async with serve(ANY_PORT, dict([T1]), rows, clock) as server:
        source = open_source(spec(server.endpoint, scan="1s"), [T1], clock)
        async with listening(source) as heard:
            clock.begin()
            await heard.until(lambda heard: len(heard.of(0)) >= 6)
            steady = heard.of(0)
            server.freeze()
            frozen_at = clock.now()
            count = len(heard.of(0))
            await heard.until(lambda _: clock.now() > frozen_at + 8 * S)
            assert len(heard.of(0)) <= count + 2
            server.resume()
            await heard.until(lambda heard: len(heard.of(0)) >= count + 5)
    assert set(steady.value.tolist()) == {1.0}
    gaps = np.diff(steady.time)
    assert (gaps > 0).all()
    assert np.median(gaps) > S / 2, "a scan comes more often than asked"
    assert (heard.of(0).time <= clock.now()).all()


async def test_a_device_whose_clock_lags_by_minutes_is_not_blinded_by_the_scan() -> None:
    clock = TraceClock(10)
    lag = 300 * S
    due = START + (np.arange(12) + 1) * S
    rows = SampleBatch.of([0] * 12, due - lag, np.arange(12) // 3, arrival=due)
    async with serve(ANY_PORT, dict([T1]), rows, clock) as server:
        source = open_source(spec(server.endpoint, scan="500ms"), [T1, SERVICE_LEVEL], clock)
        async with listening(source) as heard:
            await heard.until(Last(Quality.GOOD, 99))
            clock.begin()
            await heard.until(lambda heard: (due[-1] - lag + 2 * S < heard.of(0).time).any())
    samples = heard.of(0)
    late = samples.time[1:] <= np.maximum.accumulate(samples.time)[:-1]
    changes = np.isin(samples.time, due - lag)
    assert changes.sum() == 12
    assert not late[changes[1:]][2:].any()
    assert len(samples) > 13


async def test_cancelling_ends_the_session_and_leaves_nothing_behind() -> None:
    clock = TraceClock()
    clock.begin()
    rows = SampleBatch.of([0], [START], [1.0])
    async with serve(ANY_PORT, dict([T1]), rows, clock) as server:
        before = asyncio.all_tasks()
        async with listening(open_source(spec(server.endpoint), [T1], clock)) as heard:
            await heard.until(Last(Quality.GOOD))
            assert server.clients == 1
        await heard.until(lambda _: server.clients == 0)
        async with aclosing(open_source(spec(server.endpoint), [T1], clock).samples()) as samples:
            async for batch in samples:
                assert len(batch) == 1
                break
        await heard.until(lambda _: server.clients == 0 and asyncio.all_tasks() <= before)


async def test_cancelling_while_a_lost_link_is_being_closed_is_heeded() -> None:
    async with serve(ANY_PORT, dict([T1]), SampleBatch.of([0], [START], [1.0]), TraceClock()) as server:
        for steps in range(12):
            begun = time.monotonic()
            async with listening(open_source(spec(server.endpoint, timeout="60s"), [T1], TraceClock())) as heard:
                await heard.until(Last(Quality.GOOD))
                await server.drop_link()
                for _ in range(steps):
                    await asyncio.sleep(0)
            assert time.monotonic() - begun < 30, "it waits for its time-out"
            await server.restore_link()


async def test_cancelling_while_the_server_does_not_answer_is_quick() -> None:
    clock = TraceClock()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        writer.close()

    async with asyncio.timeout(30):
        listener = await asyncio.start_server(mute, "127.0.0.1", 0)
        endpoint = f"opc.tcp://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        began = time.monotonic()
        async with listening(open_source(spec(endpoint, timeout="60s"), [T1], clock)) as heard:
            await heard.until(lambda _: time.monotonic() > began + 0.3)
        listener.close()
    assert heard.batches == []
