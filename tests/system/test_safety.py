"""What is broken, silent or wrong about its time neither clears an alarm nor keeps one from being raised."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from alarms import ConditionEvent
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock, wall
from hazwatch.site.config import Config
from plant import Quality, SampleBatch, write_trace
from rules import Event
from simulators.opcua import OpcUaSimulator
from tests.field_sites import BEGIN, MODBUS, OPC_UA, S, point, rows, site
from tests.ports import free_port
from tests.system.live_engine import Given, LiveEngine, live, mine
from tests.system.processes import listens, running

RATE = 50.0
"""Log seconds in a real one."""
STALE_AFTER = 60 * S
ALLOWANCE = 2 * S
SLACK = ALLOWANCE + S + round(RATE) * S
"""Allowance, a tick, and a second of a busy machine. [ns]"""
FIELDS = [pytest.param(OPC_UA, "ns=2;s=T1", id="opcua"), pytest.param(MODBUS, "holding=0;type=float32", id="modbus")]


def field(folder: Path, source: str, *points: str) -> Config:
    return site(folder, source.format(port=free_port()), *points)


def constant(value: float, columns: int = 1, *, every: float = 5.0) -> SampleBatch:
    """Points that say the same for an hour."""
    at = np.arange(0, 3600, every)
    return rows(*((column, float(second), value) for second in at for column in range(columns)))


async def told_in_time(engine: LiveEngine, name: str, since: int) -> None:
    """Fail unless a point is said to be silent or at fault when no sample came for `stale_after`. [ns, UTC]."""

    def raises() -> list[tuple[int, Event]]:
        events = ((r.time, r.entry.event) for r in engine.published if isinstance(r.entry, ConditionEvent))
        return [
            (time, event)
            for time, event in events
            if time >= since and event.transition == "raise" and event.condition in (f"stale:{name}", f"fault:{name}")
        ]

    await engine.until(raises)
    recorded, first = raises()[0]
    assert first.time <= since + STALE_AFTER
    assert recorded <= since + STALE_AFTER + SLACK
    assert engine.in_doubt(name)


@asynccontextmanager
async def told(folder: Path, limit: str = "high = 1.0") -> AsyncIterator[tuple[LiveEngine, "Teller"]]:
    """Run an engine whose one point T1 has the samples that the test tells."""
    config = site(folder, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1", limit=limit))
    compile_kernel(config)
    source = Given()
    async with live(config, folder, ScaledClock(RATE, origin=BEGIN), [source]) as engine:
        yield engine, Teller(engine, source)


class Teller:
    def __init__(self, engine: LiveEngine, source: Given) -> None:
        self._engine = engine
        self._source = source

    async def say(self, value: float, *, ahead: float = 0.0, quality: Quality = Quality.GOOD) -> int:
        """Send a sample of T1 whose device's clock is so many seconds ahead; return its time when it is recorded."""
        time = self._engine.clock.now() + round(ahead * S)
        count = self._engine.runtime.arrivals[0]
        self._source.give(SampleBatch.of([0], [time], [value], quality=[quality]))
        await self._engine.until(lambda: self._engine.runtime.arrivals[0] != count)
        await self._engine.settled()
        return time


@pytest.mark.parametrize(("source", "address"), FIELDS)
async def test_a_broken_wire_does_not_clear_a_standing_alarm(tmp_path: Path, source: str, address: str) -> None:
    repaired = 80
    trace = rows((0, 0, 0.5), (0, 10, 1.2), (0, 30, -1.0), (0, repaired, 0.5))
    async with mine(field(tmp_path, source, point("T1", address)), tmp_path, trace, RATE) as (engine, _):
        await engine.until(lambda: engine.stands("over_range:T1"))
        assert engine.stands("T1.alarm")
        await engine.until(lambda: engine.said("T1.alarm") == ["raise", "clear"])
        assert engine.last("T1.alarm").time >= BEGIN + repaired * S
        assert engine.last("over_range:T1").transition == "clear"
        assert -1.0 in engine.recorded("T1").value


async def test_missing_and_bad_data_do_not_clear_an_alarm_with_an_off_delay(tmp_path: Path) -> None:
    async with told(tmp_path, 'high = 1.0\noff_delay = "20s"') as (engine, teller):
        await teller.say(1.2)
        await teller.say(0.5)
        await engine.until(lambda: engine.stands("stale:T1"))
        await engine.pass_by(22)
        while engine.stands("stale:T1"):  # on a busy machine a sample may come too late to end it
            await teller.say(0.5)
        await engine.pass_by(10)
        await teller.say(float("nan"), quality=Quality.BAD)
        await engine.pass_by(15)
        since = await teller.say(0.5)
        assert engine.said("T1.alarm") == ["raise"]
        await engine.pass_by(21)
        end = await teller.say(0.5)
        await engine.until(lambda: engine.said("T1.alarm") == ["raise", "clear"])
        assert engine.last("T1.alarm").time == end >= since + 20 * S


async def test_a_frozen_opc_ua_server_makes_its_points_stale_in_time(tmp_path: Path) -> None:
    config = field(tmp_path, OPC_UA, point("T1", "ns=2;s=T1"))
    async with mine(config, tmp_path, constant(1.2), RATE) as (engine, server):
        assert isinstance(server, OpcUaSimulator)
        await engine.until(lambda: engine.stands("T1.alarm"))
        server.freeze()
        frozen = engine.clock.now()
        await told_in_time(engine, "T1", frozen)
        assert engine.stands("stale:T1")
        assert engine.stands("T1.alarm")
        server.resume()
        await engine.until(lambda: engine.said("stale:T1") == ["raise", "clear"])
        assert engine.said("T1.alarm") == ["raise"]


async def test_a_frozen_modbus_device_is_found_by_a_value_that_does_not_move(tmp_path: Path) -> None:
    flat = 'flatline = { window = "60s", epsilon = 0.0 }'
    config = field(tmp_path, MODBUS, point("T1", "holding=0;type=float32", flat))
    trace = rows(*((0, at, 1.2 + 0.01 * (at // 5 % 2)) for at in range(0, 3600, 5)))
    async with mine(config, tmp_path, trace, RATE) as (engine, server):
        assert not isinstance(server, OpcUaSimulator)
        await engine.pass_by(100)
        assert engine.said("flatline:T1") == []
        server.freeze()
        await engine.until(lambda: engine.stands("flatline:T1"))
        assert engine.stands("T1.alarm")
        server.resume()
        await engine.until(lambda: engine.said("flatline:T1") == ["raise", "clear"])
        assert engine.said("T1.alarm") == ["raise"]


@pytest.mark.parametrize(("source", "address"), FIELDS)
async def test_a_server_that_hangs_is_told_in_time_and_found_again(tmp_path: Path, source: str, address: str) -> None:
    config = field(tmp_path, source, point("T1", address))
    port = int(config.sources[0].model_dump()["endpoint"].rpartition(":")[2])
    with (tmp_path / "trace.csv").open("w", encoding="utf-8") as file:
        file.writelines(write_trace(constant(1.2), config.points))
    compile_kernel(config)
    epoch = wall()
    clock = ScaledClock(RATE, origin=BEGIN, epoch=epoch)
    words = ("simulate", config.path, "--trace", tmp_path / "trace.csv", "--rate", RATE)
    with running(*words, "--origin", BEGIN, "--epoch", epoch, log=tmp_path / "field.log") as process:
        async with live(config, tmp_path, clock) as engine:
            await engine.until(lambda: listens(port))
            await engine.until(lambda: engine.stands("T1.alarm") and not engine.in_doubt("T1"))
            process.send_signal(signal.SIGSTOP)
            try:
                stopped = clock.now()
                await told_in_time(engine, "T1", stopped)
                await engine.until(lambda: engine.stands("stale:T1"))
                assert engine.said("T1.alarm") == ["raise"]
            finally:
                process.send_signal(signal.SIGCONT)
            await engine.until(lambda: not engine.in_doubt("T1"))
            assert engine.said("T1.alarm") == ["raise"]


@pytest.mark.parametrize(("source", "address"), FIELDS)
async def test_a_device_that_dies_is_told_in_time_and_found_again(tmp_path: Path, source: str, address: str) -> None:
    config = field(tmp_path, source, point("T1", address))
    async with mine(config, tmp_path, constant(1.2), RATE) as (engine, server):
        await engine.until(lambda: engine.stands("T1.alarm"))
        await server.drop_link()
        died = engine.clock.now()
        await told_in_time(engine, "T1", died)
        assert engine.stands("fault:T1")
        await engine.pass_by(STALE_AFTER / S + 10)
        assert engine.stands("stale:T1")
        assert not engine.desk.snapshot()["sources"][0]["fresh"]
        await server.restore_link()
        await engine.until(lambda: not engine.in_doubt("T1"))
        assert engine.said("T1.alarm") == ["raise"]
        assert len(engine.events) <= 5


async def test_a_point_that_never_spoke_goes_stale_in_time(tmp_path: Path) -> None:
    config = field(tmp_path, OPC_UA, point("T1", "ns=2;s=T1"), point("T2", "ns=2;s=T2"))
    async with mine(config, tmp_path, constant(0.5), RATE) as (engine, _):
        await engine.until(lambda: engine.stands("stale:T2"))
        start = engine.published[0]
        assert start.kind == "start"
        assert engine.last("stale:T2").time == start.time - ALLOWANCE + STALE_AFTER
        assert engine.last("stale:T2").quality == "BAD"
        assert not engine.in_doubt("T1")


POINTS = 10
CROSSING = ((0, 0.5), (70, 1.2), (90, 0.5))
"""All points exceed 1.00 for twenty seconds; otherwise only the scans say that they live."""


def device(clock: float, *before: tuple[float, float]) -> SampleBatch:
    """The crossing, and changes before it, as a device serves them whose clock is so many seconds ahead."""
    true = rows(*((column, at, value) for at, value in sorted((*CROSSING, *before)) for column in range(POINTS)))
    return SampleBatch.of(true.point, true.time + round(clock * S), true.value, arrival=true.time)


def crossing(folder: Path, stale_after: str) -> Config:
    points = (point(f"T{n}", f"ns=2;s=T{n}").replace('"60s"', f'"{stale_after}"') for n in range(POINTS))
    return field(folder, OPC_UA, *points)


CHANGES = ((1, 0.51), (2, 0.5))
"""They show how far the clock is behind."""


async def test_a_clock_that_is_minutes_behind_neither_floods_nor_blinds(tmp_path: Path) -> None:
    async with mine(crossing(tmp_path, "60s"), tmp_path, device(-300, *CHANGES), RATE) as (engine, _):
        await engine.until(lambda: all(engine.stands(f"T{n}.alarm") for n in range(POINTS)))
        await engine.until(lambda: engine.clock.now() > BEGIN + 110 * S)
        for n in range(POINTS):
            assert engine.said(f"T{n}.alarm") == ["raise"], "a value of five minutes ago is no evidence of safety"
            assert engine.said(f"stale:T{n}") == ["raise"]
            assert engine.last(f"T{n}.alarm").time == BEGIN + (70 - 300) * S
        assert len(engine.events) == 2 * POINTS
        assert (engine.recorded("T0").time < BEGIN).all(), "recorded as it arrived"


async def test_a_clock_that_is_behind_by_less_than_goes_stale_changes_nothing(tmp_path: Path) -> None:
    async with mine(crossing(tmp_path, "10m"), tmp_path, device(-300, *CHANGES), RATE) as (engine, _):
        await engine.until(lambda: all(engine.said(f"T{n}.alarm") == ["raise", "clear"] for n in range(POINTS)))
        assert {event.time for event in engine.events} == {BEGIN + (at - 300) * S for at in (70, 90)}
        assert len(engine.events) == 2 * POINTS


async def test_the_first_change_of_a_device_whose_clock_is_behind_is_not_lost(tmp_path: Path) -> None:
    async with mine(crossing(tmp_path, "10m"), tmp_path, device(-300), RATE) as (engine, _):
        await engine.until(lambda: all(engine.stands(f"T{n}.alarm") for n in range(POINTS)))
        assert max(record.time for record in engine.published) < BEGIN + 70 * S + SLACK
        await engine.until(lambda: all(engine.said(f"T{n}.alarm") == ["raise", "clear"] for n in range(POINTS)))
        assert len(engine.events) == 2 * POINTS
        assert (engine.recorded("T0").time == BEGIN + (70 - 300) * S).any(), "recorded as it arrived"


async def test_a_clock_that_is_minutes_ahead_neither_floods_nor_blinds(tmp_path: Path) -> None:
    async with mine(crossing(tmp_path, "60s"), tmp_path, device(300), RATE) as (engine, _):
        await engine.until(lambda: all(engine.stands(f"T{n}.alarm") for n in range(POINTS)))
        arrived = engine.clock.now()
        for n in range(POINTS):
            raised = engine.last(f"T{n}.alarm")
            assert raised.quality == "UNCERTAIN"
            assert BEGIN + 70 * S <= raised.time <= arrived
        await engine.until(lambda: all(engine.said(f"T{n}.alarm") == ["raise", "clear"] for n in range(POINTS)))
        assert len(engine.events) == 2 * POINTS
        assert (engine.recorded("T0").time == BEGIN + (70 + 300) * S).any(), "recorded as it arrived"


async def test_a_clock_that_was_set_back_blinds_no_longer_than_stale_after(tmp_path: Path) -> None:
    async with told(tmp_path) as (engine, teller):
        last = await teller.say(0.5)
        while not engine.stands("T1.alarm"):
            await teller.say(1.2, ahead=-300)
            await engine.pass_by(2)
        assert engine.last("stale:T1").time == last + STALE_AFTER
        recorded = next(
            record
            for record in engine.published
            if isinstance(record.entry, ConditionEvent) and record.entry.event.condition == "T1.alarm"
        )
        assert recorded.time <= last + STALE_AFTER + SLACK
        assert len(engine.events) == 2


async def test_a_clock_that_was_ahead_and_is_put_right_leaves_nothing_late(tmp_path: Path) -> None:
    async with told(tmp_path) as (engine, teller):
        await teller.say(0.5, ahead=600)
        time = await teller.say(1.2)
        await engine.until(lambda: engine.stands("T1.alarm"))
        assert (engine.last("T1.alarm").time, engine.last("T1.alarm").quality) == (time, "GOOD")


@pytest.mark.parametrize(("seconds", "zh", "en"), [(-300, "慢", "behind"), (300, "快", "ahead")])
async def test_a_clock_that_is_minutes_off_is_said_on_the_page_and_in_the_log_until_it_is_right(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seconds: int, zh: str, en: str
) -> None:
    async with told(tmp_path) as (engine, teller):

        async def say(ahead: int, enough: Callable[[], bool]) -> None:
            while not enough():
                await teller.say(0.5, ahead=ahead)
                await engine.pass_by(10)

        await say(0, lambda: engine.desk.snapshot()["sources"][0]["skew"] is not None)
        assert abs(engine.desk.snapshot()["sources"][0]["skew"] or 0) < 2 * RATE * 1000
        assert engine.desk.snapshot()["notices"] == []
        await say(seconds, lambda: len(engine.desk.snapshot()["notices"]) == 1)
        (notice,) = engine.desk.snapshot()["notices"]
        assert (notice["id"], notice["level"]) == ("clock field", "yellow")
        assert zh in notice["message"].zh
        assert en in notice["message"].en
        assert [record.getMessage() for record in caplog.records if "clock" in record.getMessage()] == [
            notice["message"].en
        ]
        await say(0, lambda: engine.desk.snapshot()["notices"] == [])


async def test_a_clock_that_is_months_behind_is_no_lost_link(tmp_path: Path) -> None:
    async with told(tmp_path) as (engine, teller):
        assert not engine.desk.snapshot()["sources"][0]["connected"]
        await teller.say(0.5, ahead=-270 * 86400)
        await engine.until(lambda: engine.desk.snapshot()["sources"][0]["connected"])
        await engine.until(lambda: not engine.desk.snapshot()["sources"][0]["fresh"])
        assert engine.desk.snapshot()["sources"][0]["connected"]
        await teller.say(0.5, quality=Quality.BAD)
        await engine.until(lambda: not engine.desk.snapshot()["sources"][0]["connected"])
