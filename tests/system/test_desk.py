"""Pages on a running engine: none takes anything from the others, and each learns of damage by itself."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import orjson

from adapters.stores import HistoryCheck
from adapters.stores.historian.day_list import read_list
from adapters.stores.historian.folder import day_of_date
from bench.attacks.history import entries, keep
from console.clients import READINGS, Client
from hazwatch.assemble import check_history
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from plant import Quality, SampleBatch, State
from plant.units import HOUR
from tests.field_sites import BEGIN, OPC_UA, point, site
from tests.system.live_engine import Given, LiveEngine, live

DAY_BEFORE = day_of_date("2024-10-04")


def shows(engine: LiveEngine, value: float) -> bool:
    return bool(engine.runtime.pipeline.engine.readings().value[0] == value)


def has_heard(engine: LiveEngine, page: Client, value: float) -> bool:
    """Whether a value is among the readings that wait for a page."""
    engine.hub.flush()
    waiting = [page.messages.get_nowait() for _ in range(page.messages.qsize())]
    messages = [orjson.loads(text) for text in waiting if text != READINGS]
    return value in [row["value"] for message in messages for row in message.get("readings", ())]


async def test_a_page_that_opens_takes_no_reading_from_the_others(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        with engine.hub.subscribed() as page:
            engine.hub.show(page, ["T1"])
            for value in (0.5, 0.6, 0.7):
                source.give(SampleBatch.of([0], [engine.clock.now()], [value]))
                await engine.until(partial(shows, engine, value))
                engine.hub.snapshot(engine.desk)
                assert [reading["value"] for reading in engine.desk.readings_of(["T1"])] == [value]
                await engine.until(partial(has_heard, engine, page, value))


def cause_of_t1(engine: LiveEngine) -> list[str]:
    return [alarm["message"].en for alarm in engine.desk.snapshot()["alarms"] if alarm["id"] == "fault:T1"]


async def test_a_restart_tells_the_cause_of_a_fault_that_was_gone_before_it(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        for value, state in ((0.5, 0), (0.5, State.PAUSED), (0.6, 0)):
            quality = Quality.BAD if state else Quality.GOOD
            source.give(SampleBatch.of([0], [engine.clock.now()], [value], quality=[quality], state=[state]))
            await asyncio.sleep(0.01)
        await engine.until(lambda: engine.said("fault:T1") == ["raise", "clear"])
        await engine.settled()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN + HOUR), [Given()]) as engine:
        assert cause_of_t1(engine) == ["Point fault (cause no longer known)"]
        with engine.hub.subscribed() as page:
            await engine.desk.recall()
            engine.hub.flush()
            assert cause_of_t1(engine) == ["Paused"]
            messages = [orjson.loads(page.messages.get_nowait()) for _ in range(page.messages.qsize())]
        told = [alarm["message"]["en"] for message in messages for alarm in message["change"].get("alarms", ())]
        assert told[-1:] == ["Paused"]


def noticed(engine: LiveEngine) -> list[str]:
    return [notice["id"] for notice in engine.desk.snapshot()["notices"]]


async def test_the_notice_of_a_damaged_day_comes_without_a_reader_and_ends_with_the_damage(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    day_file = keep(tmp_path / "data" / "history", entries())
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [Given()]) as engine:
        # The first entry of the run ends the day before, and its file changes once more.
        await engine.until(lambda: (read_list(day_file.parent) or {}).get(DAY_BEFORE) is not None)
        content = day_file.read_bytes()
        with closing(sqlite3.connect(day_file)) as database:
            database.execute("UPDATE page SET samples = zeroblob(50) WHERE page = (SELECT min(page) FROM page)")
            database.commit()
        check = HistoryCheck(day_file.parent, engine.desk._history.damages)
        task = asyncio.create_task(check_history(check))
        await engine.until(lambda: "history 2024-10-04" in noticed(engine))
        day_file.write_bytes(content)
        await engine.until(lambda: "history 2024-10-04" not in noticed(engine))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
