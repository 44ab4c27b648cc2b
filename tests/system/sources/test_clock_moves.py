"""When the machine's clock is set, or the machine slept, the engine goes on by the rules of a restart, and says so."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.stores import JournalReader
from console import listen
from hazwatch.assemble import Live
from hazwatch.live.clock import ScaledClock, wall
from hazwatch.live.clock_watch import ClockWatch
from hazwatch.live.data_folder import DataFolder
from plant.units import HOUR, SECOND
from tests.field_sites import MODBUS, point, site


class Machine:
    """A machine whose time of day the test sets."""

    def __init__(self) -> None:
        self.ahead = 0
        self.slept = 0

    def read(self) -> int:
        return wall() + self.ahead

    def asleep(self) -> int:
        return self.slept


@asynccontextmanager
async def engine_on(machine: Machine, folder: Path) -> AsyncIterator[str]:
    """Run an engine with its page; yield the address of that."""
    config = site(folder, MODBUS.format(port=1), point("T1", "unit=1;holding=0;type=int16"))
    listener = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    live = Live(config, DataFolder(folder / "data"), ScaledClock(read=machine.read), listener)
    running = asyncio.create_task(live.run())
    try:
        yield address
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def notice(address: str) -> dict[str, str] | None:
    """Return what the page says of a moved clock, as soon as it answers."""

    def ask() -> Any:
        with urllib.request.urlopen(f"{address}/api/snapshot", timeout=30) as answer:
            return json.load(answer)["snapshot"]["notices"]

    notices = await asyncio.to_thread(ask)
    return next((one["message"] for one in notices if one["id"] == "clock moved"), None)


async def moved(address: str) -> dict[str, str]:
    """Ask again and again, for a minute at most, until the page says that the clock was moved."""
    for _ in range(600):
        if (said := await notice(address)) is not None:
            return said
        await asyncio.sleep(0.1)
    raise TimeoutError


def starts(folder: Path) -> list[int]:
    reader = JournalReader(folder / "data" / "journal.db")
    return [begin for begin, _ in reader.runs()]


@pytest.mark.live
@pytest.mark.parametrize(
    ("ahead", "zh", "en"),
    [
        (8 * HOUR, "被拨快 8 小时", "set ahead by 8 hours"),
        (-8 * HOUR, "被拨慢 8 小时", "set back by 8 hours"),
    ],
)
async def test_a_clock_that_is_set_begins_a_run_on_the_new_time(tmp_path: Path, ahead: int, zh: str, en: str) -> None:
    machine = Machine()
    async with engine_on(machine, tmp_path) as address:
        assert await notice(address) is None
        machine.ahead = ahead
        said = await moved(address)
    first, second = starts(tmp_path)
    assert abs(second - first - ahead) < 60 * SECOND
    assert zh in said["zh"]
    assert en in said["en"]


async def test_a_sleep_is_told_from_a_clock_that_was_set() -> None:
    machine = Machine()
    clock = ScaledClock(read=machine.read)
    watch = ClockWatch(clock, machine.asleep)
    machine.ahead = machine.slept = HOUR
    move = await watch.moved(rested=True)
    assert move.is_sleep
    assert abs(move.by - HOUR) < SECOND
    machine.slept = 0
    assert not (await watch.moved(rested=True)).is_sleep
