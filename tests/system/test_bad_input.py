"""What is wrong outside is said clearly, costs only what it touches, and is over when it is put right."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from adapters.stores import JournalReader
from alarms import Acknowledge
from console import NotDurableError
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.main import main
from hazwatch.live.clock import ScaledClock
from hazwatch.live.simulated_field import served
from hazwatch.site.config import Config
from plant import Quality, SampleBatch
from simulators import Faults
from simulators.modbus import ModbusSimulator, Trouble
from tests.field_sites import BEGIN, MODBUS, OPC_UA, S, point, rows, site
from tests.ports import free_port
from tests.system.live_engine import Given, LiveEngine, live, mine

RATE = 20.0
"""Log seconds in a second: points become stale after 3 s, which no stall of a busy machine lasts."""
FIELDS = [pytest.param(OPC_UA, "ns=2;s={}", id="opcua"), pytest.param(MODBUS, "holding={};type=float32", id="modbus")]
ROOM = 400_000
"""How long a file may get on the disk that is full. [bytes]"""
BEFORE_THE_RUN = {"rules", "presentation"}
"""Kinds of the records that a start writes before the run begins."""


def seen(caplog: pytest.LogCaptureFixture, *words: str) -> list[str]:
    """Return the lines of the log that hold all of these words."""
    lines = (record.getMessage() for record in caplog.records)
    return [line for line in lines if all(word in line for word in words)]


def standing(*columns: int) -> SampleBatch:
    """Points that stand above 1.00 for ten minutes."""
    return rows(*((column, at, 1.2) for at in range(0, 600, 5) for column in columns))


TRACE = """time,point,value
2026-11-22T08:00:00Z,T1,1.5
2026-11-22T08:00:05Z,T1,1.6
2026-11-22T08:00:10Z,T1,one point seven
2026-11-22T08:00:15Z,T7,1.8
"""


@pytest.mark.parametrize("command", ["replay", "simulate"])
def test_a_trace_with_broken_rows_is_refused_whole_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config = site(tmp_path, OPC_UA.format(port=free_port()), point("T1", "ns=2;s=T1"))
    trace, out = tmp_path / "trace.csv", tmp_path / "events.jsonl"
    trace.write_text(TRACE, encoding="utf-8")
    words = {
        "replay": ["replay", "--site", str(config.path), "--trace", str(trace), "--events", str(out)],
        "simulate": ["simulate", str(config.path), "--trace", str(trace)],
    }
    assert main(words[command]) == 1
    said = capsys.readouterr()
    fourth, fifth = said.err.splitlines()
    assert f"{trace}: 第 4 行：" in fourth
    assert " / line 4: " in fourth
    assert "one point seven" in fourth
    assert f"{trace}: 第 5 行：" in fifth
    assert " / line 5: " in fifth
    assert "T7" in fifth
    assert said.out == ""
    assert not out.exists()


@pytest.mark.parametrize(
    ("source", "address", "nowhere", "words"),
    [
        pytest.param(OPC_UA, "ns=2;s=T1", "ns=2;s=T2", ("ns=2;s=T2", "BadNodeIdUnknown"), id="opcua"),
        pytest.param(MODBUS, "holding=0", "holding=500", ("holding 500..500", "exception 2"), id="modbus"),
    ],
)
async def test_an_address_that_does_not_exist_costs_its_point_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str, address: str, nowhere: str, words: tuple[str, ...]
) -> None:
    told = source.format(port=free_port())
    (tmp_path / "device").mkdir()
    device = site(tmp_path / "device", told, point("T1", address))
    config = site(tmp_path, told, point("T1", address), point("T2", nowhere))
    async with mine(config, tmp_path, rows((0, 0, 0), (0, 10, 2), (0, 70, 0)), RATE, served_as=device) as (engine, _):
        await engine.until(lambda: engine.said("T1.alarm") == ["raise", "clear"])
        assert engine.said("fault:T1") == []
        assert engine.said("fault:T2") == ["raise"]
        assert engine.said("T2.alarm") == []
        assert set(engine.recorded("T2").quality) == {Quality.BAD}
        assert len(seen(caplog, *words)) == 1
        assert engine.desk.snapshot()["sources"][0]["fresh"]


@pytest.mark.parametrize(("source", "address"), FIELDS)
async def test_a_server_that_is_not_there_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str, address: str
) -> None:
    port = free_port()
    config = site(tmp_path, source.format(port=port), point("T1", address.format(0)))
    compile_kernel(config)
    clock = ScaledClock(RATE, origin=BEGIN)
    async with live(config, tmp_path, clock) as engine:
        await engine.until(lambda: engine.stands("fault:T1"))
        await engine.until(lambda: engine.stands("stale:T1"))
        await engine.pass_by(100)
        assert len(engine.events) == 2
        assert len(seen(caplog, "lost", f"127.0.0.1:{port}")) == 1
        assert not engine.desk.snapshot()["sources"][0]["fresh"]
        async with served(config, standing(0), clock, Faults.of((), config.points, [], origin=BEGIN)):
            await engine.until(lambda: engine.stands("T1.alarm"))
            await engine.until(lambda: engine.said("fault:T1") == ["raise", "clear"])


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("short", "2 bytes of function 3; asked for 4 of function 3"),
        ("exception", "exception 4"),
        ("garbage", "lost unit 1"),
        ("silent", "no answer in time"),
    ],
)
async def test_a_modbus_unit_that_answers_wrongly_is_at_fault_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, trouble: Trouble, words: str
) -> None:
    points = (point(f"T{unit}", f"unit={unit};holding=0;type=float32") for unit in (1, 2))
    config = site(tmp_path, MODBUS.format(port=free_port()), *points)
    async with mine(config, tmp_path, standing(0, 1), RATE) as (engine, server):
        assert isinstance(server, ModbusSimulator)
        await engine.until(lambda: engine.stands("T1.alarm") and engine.stands("T2.alarm"))
        server.trouble(1, trouble)
        await engine.until(lambda: engine.stands("fault:T1"))
        await engine.pass_by(60)
        assert len(seen(caplog, words)) == 1
        assert engine.in_doubt("T1")
        assert not engine.in_doubt("T2")
        server.trouble(1, None)
        await engine.until(lambda: not engine.in_doubt("T1"))
        assert (engine.said("T1.alarm"), engine.said("T2.alarm")) == (["raise"], ["raise"])
        assert {event.point for event in engine.events if event.condition.startswith("fault")} == {"T1"}


NO_NUMBERS = (float("nan"), float("inf"), float("-inf"))


@pytest.mark.parametrize(
    ("source", "address"),
    [
        pytest.param(OPC_UA, "ns=2;s=T1", id="opcua"),
        pytest.param(MODBUS, "holding=0;type=float32;status=10", id="modbus"),
    ],
)
async def test_nan_and_infinities_are_bad_and_clear_nothing(tmp_path: Path, source: str, address: str) -> None:
    config = site(tmp_path, source.format(port=free_port()), point("T1", address))
    trace = rows(*((0, at, value) for at, value in zip((0, 20, 30, 40, 60), (1.2, *NO_NUMBERS, 0.5), strict=True)))
    async with mine(config, tmp_path, trace, RATE) as (engine, _):
        await engine.until(lambda: engine.stands("fault:T1"))
        json.loads(engine.hub.snapshot(engine.desk))
        assert engine.stands("T1.alarm")
        await engine.until(lambda: engine.said("T1.alarm") == ["raise", "clear"])
        assert engine.last("T1.alarm").time >= BEGIN + 60 * S
        assert engine.said("fault:T1") == ["raise", "clear"]
        samples = engine.recorded("T1")
        strange = ~np.isfinite(samples.value)
        assert (samples.quality[strange] == Quality.BAD).all()
        assert {repr(value) for value in samples.value[strange].tolist()} == {"nan", "inf", "-inf"}


async def test_what_is_no_number_is_kept_to_its_last_bit(tmp_path: Path) -> None:
    config = site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"))
    compile_kernel(config)
    bits = [0x7FF0000000000000, -0x10000000000000, 0x7FF8000000000ABC, -0x7FFFFFFFFFF00, 0x7FF0000000000001, 1]
    source, values = Given(), np.array(bits, dtype=np.int64).view(np.float64)
    async with live(config, tmp_path, ScaledClock(RATE, origin=BEGIN), [source]) as engine:
        source.give(SampleBatch.of(np.zeros(len(values)), BEGIN + np.arange(len(values)), values))
        await engine.until(lambda: len(engine.recorded("T1")) == len(values))
        samples = engine.recorded("T1")
        assert samples.value.view(np.int64).tolist() == bits
        assert set(samples.quality.tolist()) == {Quality.GOOD}, "recorded as it arrived"
        assert engine.said("fault:T1") == ["raise", "clear"]


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow beyond a few hundred kilobytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def has_arrived(engine: LiveEngine, since: int) -> bool:
    return bool(engine.runtime.arrivals[1] > since)


def crowded(folder: Path) -> Config:
    points = (point(f"T{n}", f"ns=2;s=T{n}").replace('"60s"', '"never"') for n in range(3))
    return site(folder, OPC_UA.format(port=4840), *points)


async def test_a_full_disk_is_said_stops_nothing_and_loses_nothing(tmp_path: Path) -> None:
    config = crowded(tmp_path)
    compile_kernel(config)
    source, rng = Given(), np.random.default_rng(3101)
    noise = 0
    async with live(config, tmp_path, ScaledClock(RATE, origin=BEGIN), [source]) as engine:
        with engine.hub.subscribed() as page:
            with full_disk():
                while set(engine.runtime.troubles()) != {"journal", "historian"}:
                    now = engine.clock.now()
                    every = np.arange(20_000)
                    source.give(SampleBatch.of(np.zeros(100), now + every[:100], 0.5 + every[:100] % 2))
                    source.give(SampleBatch.of(np.ones(20_000), now + every, rng.uniform(0.1, 0.9, 20_000)))
                    noise += 20_000
                    await engine.until(partial(has_arrived, engine, now))
                source.give(SampleBatch.of([2], [engine.clock.now()], [1.2]))
                await engine.until(lambda: engine.stands("T2.alarm"))
                snapshot = engine.desk.snapshot()
                assert "T2.alarm" in {alarm["id"] for alarm in snapshot["alarms"]}
                notices = {notice["id"]: notice for notice in snapshot["notices"]}
                assert set(notices) == {"journal", "historian"}
                for notice in notices.values():
                    assert "无法写入" in notice["message"].zh
                    assert "cannot be written" in notice["message"].en
                episode = next(alarm["episode"] for alarm in snapshot["alarms"] if alarm["id"] == "T2.alarm")
                with pytest.raises(NotDurableError):
                    await engine.desk.command(Acknowledge(alarm="T2.alarm", episode=episode, by="王班长", key="1"))
            await engine.until(lambda: not engine.runtime.troubles())
            await engine.until(lambda: engine.desk.snapshot()["notices"] == [])
            heard = [json.loads(page.messages.get_nowait()) for _ in range(page.messages.qsize())]
        assert any("T2.alarm" in {a["id"] for a in message["change"].get("alarms", ())} for message in heard)
    assert engine.runtime.historian.refused == 0
    assert len(engine.recorded("T1")) == noise
    reader = JournalReader(engine.folder.journal)
    assert reader.verify() is None
    journaled = [record.number for record in reader.read() if record.kind not in BEFORE_THE_RUN]
    assert journaled == [record.number for record in engine.published]
