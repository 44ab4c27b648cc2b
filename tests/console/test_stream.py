"""The hub and the stream: a snapshot, then numbered deltas; who falls behind gets the present, nobody waits."""

import asyncio
import json
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.clients import PRESENT, QUEUE
from console.hub import Hub
from tests.console.conftest import Console
from tests.console.fake_desk import FakeDesk


async def hear(socket: ClientConnection, kind: str) -> Any:
    async with asyncio.timeout(5):
        while True:
            message = json.loads(await socket.recv())
            if message["kind"] == kind:
                return message


def stream(console: Console) -> connect:
    return connect(f"ws://127.0.0.1:{console.port}/api/stream", compression=None)


async def test_a_page_gets_a_snapshot_and_then_what_changes(console: Console) -> None:
    console.desk.raise_alarm("T2.alarm", 1.1)
    async with stream(console) as socket:
        first = await hear(socket, "snapshot")
        assert [alarm["id"] for alarm in first["snapshot"]["alarms"]] == ["T2.alarm"]
        console.desk.raise_alarm("W1.high", 3.4)
        delta = await hear(socket, "delta")
        assert delta["number"] == first["number"] + 1
        assert [alarm["id"] for alarm in delta["change"]["alarms"]] == ["W1.high"]


async def test_a_snapshot_and_the_deltas_after_it_are_the_present(console: Console) -> None:
    async with stream(console) as socket:
        for step in range(20):
            console.desk.read("T1", step / 10)
            console.desk.raise_alarm("T2.alarm", 1.0 + step / 10)
            await asyncio.sleep(0)
        await socket.send("resync")
        numbers = []
        snapshots = 0
        while snapshots < 2:
            message = json.loads(await socket.recv())
            snapshots += message["kind"] == "snapshot"
            numbers.append(message["number"])
        assert numbers == sorted(numbers)
        assert message["snapshot"] == orjson.loads(orjson.dumps(console.desk.snapshot()))


async def test_every_second_the_page_hears_the_clock_of_the_engine(console: Console) -> None:
    async with stream(console) as socket:
        await hear(socket, "beat")
        console.desk.clock += 600_000
        beat = await hear(socket, "beat")
        assert beat["now"] == console.desk.clock
        assert beat["number"] == console.hub.number


async def test_a_page_that_says_nonsense_does_no_harm(console: Console) -> None:
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        await socket.send("hello")
        await socket.send("resync")
        await hear(socket, "snapshot")


async def test_a_desk_that_fails_closes_the_stream_instead_of_leaving_it_silent(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        monkeypatch.delattr(FakeDesk, "snapshot")
        await socket.send("resync")
        with pytest.raises(ConnectionClosed):
            await hear(socket, "never")


async def test_a_page_that_goes_is_forgotten(console: Console) -> None:
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        assert console.hub.clients == 1
    async with asyncio.timeout(5):
        while console.hub.clients:  # noqa: ASYNC110  # polls with a deadline
            await asyncio.sleep(0)


async def test_a_page_that_accepts_nothing_is_let_go_and_others_are_not_kept_waiting(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.stream.SEND_PATIENCE", 0.5)
    big = {"id": "n", "level": "blue", "message": {"zh": "满" * 20_000, "en": ""}, "since": 0}
    async with stream(console) as slow, stream(console) as good:
        await hear(slow, "snapshot")
        slow.transport.pause_reading()
        await hear(good, "snapshot")
        async with asyncio.timeout(10):
            while console.hub.clients == 2:
                console.hub.publish({"notices": [big]})  # type: ignore[list-item]  # as the desk would
                await hear(good, "delta")
        slow.transport.resume_reading()
        with pytest.raises(ConnectionClosed):
            await hear(slow, "never")


async def test_a_flood_in_one_turn_closes_no_page_and_ends_in_the_present(console: Console) -> None:
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        for step in range(4 * QUEUE):
            console.desk.raise_alarm("T2.alarm", 1.0 + step / 100)
        present = await hear(socket, "snapshot")
        assert present["number"] == console.hub.number >= 4 * QUEUE
        assert present["snapshot"] == orjson.loads(orjson.dumps(console.desk.snapshot()))
        console.desk.raise_alarm("W1.high", 3.4)
        assert (await hear(socket, "delta"))["number"] == present["number"] + 1


async def test_the_oldest_page_that_never_said_a_word_gives_way_when_there_are_too_many(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.hub.CLIENT_STREAMS", 3)
    async with stream(console) as page, stream(console) as silent, stream(console) as newer:
        await page.send("resync")
        for socket in (page, page, silent, newer):
            await hear(socket, "snapshot")
        async with stream(console) as newcomer:
            await hear(newcomer, "snapshot")
            with pytest.raises(ConnectionClosed):
                await hear(silent, "never")
            assert console.hub.clients == 3
            for socket in (page, newer):
                await hear(socket, "beat")


def test_pages_that_spoke_give_way_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.STREAMS", 2)
    hub = Hub()
    with hub.subscribed("a") as first, hub.subscribed("b") as second:
        first.is_silent = second.is_silent = False
        assert not hub.make_room("c")
        second.is_silent = True
        assert hub.make_room("c")
        assert (first.dismissed.is_set(), second.dismissed.is_set()) == (False, True)


def test_readings_are_sent_together_and_of_one_point_only_the_last() -> None:
    hub = Hub()
    desk = FakeDesk(hub)
    with hub.subscribed() as client:
        hub.show(client, ["T1", "T2"])
        client.messages.get_nowait()
        for step in range(5):
            desk.read("T1", step / 10)
        desk.read("T2", 1.2)
        desk.read("W1", 3.0)
        assert client.messages.empty()
        hub.flush()
        hub.flush()
        message = json.loads(client.messages.get_nowait())
        assert client.messages.empty()
    assert {reading["point"]: reading["value"] for reading in message["readings"]} == {"T1": 0.4, "T2": 1.2}


def test_an_alarm_does_not_wait_for_the_readings() -> None:
    hub = Hub()
    desk = FakeDesk(hub)
    with hub.subscribed() as client:
        desk.raise_alarm("T2.cut", 1.6)
        assert "alarms" in json.loads(client.messages.get_nowait())["change"]


def test_numbers_have_no_gap_and_the_queue_has_an_end() -> None:
    hub = Hub()
    with hub.subscribed() as client:
        for _ in range(QUEUE):
            hub.publish({"annunciated": 1})
        numbers = [json.loads(client.messages.get_nowait())["number"] for _ in range(QUEUE)]
        assert numbers == list(range(1, QUEUE + 1))
        for _ in range(QUEUE + 1):
            hub.publish({"annunciated": 1})
        assert (client.behind, client.messages.qsize()) == (True, 0)
        hub.beat(0)
        hub.flush()
        hub.flush()
        hub.publish({"annunciated": 2})
        assert [client.messages.get_nowait() for _ in range(client.messages.qsize())] == [PRESENT]


def test_a_number_that_does_not_exist_is_null_and_not_broken_json() -> None:
    hub = Hub()
    desk = FakeDesk(hub)
    with hub.subscribed() as client:
        hub.show(client, ["T1"])
        client.messages.get_nowait()
        desk.read("T1", float("nan"))
        hub.flush()
        text = client.messages.get_nowait()
    assert json.loads(text, parse_constant=pytest.fail)["readings"][0]["value"] is None
