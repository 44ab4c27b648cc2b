"""Large sites and many pages: a page gets what it shows, in messages of bounded length."""

import asyncio
import json
from contextlib import ExitStack
from typing import Any
from urllib.request import urlopen

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.changes import joined
from console.hub import FEW_PAGES, Hub
from console.views import Change
from tests.console.conftest import Console
from tests.console.fake_desk import FakeDesk

ALARMS = 8


def stream(console: Console) -> connect:
    return connect(f"ws://127.0.0.1:{console.port}/api/stream", compression=None)


async def hear(socket: ClientConnection, kind: str) -> Any:
    async with asyncio.timeout(5):
        while (message := json.loads(await socket.recv()))["kind"] != kind:
            pass
        return message


@pytest.fixture
def many(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A console with more alarms than a message may have; the last one is the most urgent."""
    monkeypatch.setattr("console.picture.ALARMS_AT_ONCE", 3)
    for number in range(ALARMS):
        console.desk.raise_alarm("D1.alarm", 4.2, suffix=f"#{number}")
    console.desk.raise_alarm("T2.cut", 1.6)
    return console


async def test_a_page_gets_the_readings_of_the_points_that_it_shows(console: Console) -> None:
    points = [point["id"] for point in console.desk.site()["points"]]
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        await socket.send(f"show [{points.index('T1')}]")
        assert [reading["point"] for reading in (await hear(socket, "readings"))["readings"]] == ["T1"]
        console.desk.read("W1", 3.1)
        console.desk.read("T1", 0.7)
        news = (await hear(socket, "readings"))["readings"]
        assert [(reading["point"], reading["value"]) for reading in news] == [("T1", 0.7)]
        await socket.send("resync")
        assert (await hear(socket, "readings"))["readings"][0]["value"] == 0.7


@pytest.mark.parametrize("word", ["show", "show ", "show {", "show 3", 'show ["T1"]', "show [-1, 99, 1.0, null, true]"])
async def test_a_page_that_names_no_point_gets_no_reading(console: Console, word: str) -> None:
    async with stream(console) as socket:
        await hear(socket, "snapshot")
        await socket.send(word)
        await socket.send("resync")
        await hear(socket, "snapshot")
        assert console.hub.shown == frozenset()


async def test_of_many_alarms_the_most_urgent_come_first_and_then_all(many: Console) -> None:
    async with stream(many) as socket:
        first = (await hear(socket, "snapshot"))["snapshot"]["alarms"]
        shown = {alarm["id"] for alarm in first}
        assert len(first) == 3
        assert "T2.cut" in shown
        while len(shown) < ALARMS + 1:
            more = (await hear(socket, "alarms"))["alarms"]
            assert 0 < len(more) <= 3
            shown |= {alarm["id"] for alarm in more}
        assert shown == many.desk.alarms.keys()


async def test_an_alarm_that_ends_meanwhile_does_not_come_after_all(many: Console) -> None:
    hub = many.hub
    with hub.subscribed() as client:
        client.renew()
        shown = {alarm["id"] for alarm in json.loads(await hub.next(client, many.desk))["snapshot"]["alarms"]}
        late = next(name for name in many.desk.alarms if name not in shown)
        many.desk.alarms[late]["state"] = "acked"
        many.desk.return_alarm(late, 1.0)
        after = [json.loads(await hub.next(client, many.desk)) for _ in range(3)]
    assert [message["kind"] for message in after] == ["alarms", "delta", "alarms"]
    assert late not in {alarm["id"] for message in after for alarm in message.get("alarms", ())}


def answer_of(url: str) -> Any:
    with urlopen(url) as answer:
        return json.load(answer)


async def test_a_program_gets_the_whole_snapshot_in_parts(many: Console) -> None:
    for _ in range(2):
        answer = await asyncio.to_thread(answer_of, f"{many.url}/api/snapshot")
        assert answer["number"] == many.hub.number
        assert answer["snapshot"] == orjson.loads(orjson.dumps(many.desk.snapshot()))


async def say(socket: ClientConnection, times: int) -> None:
    for _ in range(times):
        await socket.send("here")
        await asyncio.sleep(0)


async def test_a_page_that_says_too_much_is_let_go(console: Console) -> None:
    async with stream(console) as socket:
        with pytest.raises(ConnectionClosed):
            await say(socket, 10_000)


async def test_many_pages_get_the_changes_of_a_moment_as_one(console: Console) -> None:
    hub, values = console.hub, [1 + step / 100 for step in range(200)]
    with ExitStack() as stack:
        # So many pages that a slow machine, too, raises most of the values within one pause.
        page, *_ = (stack.enter_context(hub.subscribed()) for _ in range(40 * FEW_PAGES))
        for value in values:
            console.desk.raise_alarm("T2.alarm", value)
        deltas: list[Any] = []
        async with asyncio.timeout(30):
            while not deltas or deltas[-1]["change"]["alarms"][0]["value"] != values[-1]:
                message = json.loads(await page.messages.get())
                deltas += [message] if message["kind"] == "delta" else []
    assert deltas[0]["change"]["alarms"][0]["value"] == values[0]
    assert len(deltas) < len(values) / 2
    assert [delta["number"] for delta in deltas] == list(range(1, hub.number + 1))


def test_joined_changes_have_the_last_of_each_entry_and_of_each_notice_whether_it_stands() -> None:
    hub = Hub()
    desk = FakeDesk(hub)
    desk.raise_alarm("T2.alarm", 1.1)
    desk.raise_alarm("W1.high", 3.4)
    alarm, other = desk.alarms["T2.alarm"], desk.alarms["W1.high"]
    notice: Any = {"id": "disk", "level": "red", "message": {"zh": "", "en": ""}, "since": 0}
    old: Change = {"alarms": [alarm, other], "notices": [notice], "withdrawn": ["clock"], "annunciated": 1}
    news = {**alarm, "value": 2.0}
    both = joined(old, {"alarms": [news], "notices": [], "withdrawn": ["disk"]})  # type: ignore[list-item]  # a copy
    assert both == {"alarms": [news, other], "notices": [], "withdrawn": ["clock", "disk"], "annunciated": 1}
    back = joined(both, {"notices": [notice]})
    assert (back["notices"], back["withdrawn"]) == ([notice], ["clock"])
