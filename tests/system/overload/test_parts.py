"""Many events at once: their records are made part by part, with turns for the page between, and a stop loses none."""

import asyncio
from pathlib import Path

import pytest

from adapters.stores import JournalReader
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.live.restart import EVENTS, Snapshot
from hazwatch.site.config import Config
from plant import SampleBatch
from tests.field_sites import BEGIN, OPC_UA, point, site
from tests.hazwatch.live.walked_logs import journaled, rebuilt
from tests.system.live_engine import Given, LiveEngine, live

POINTS = 40
PART = 3


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A site of which all points can cross their limits at once."""
    monkeypatch.setattr("hazwatch.live.pipeline.EVENTS_OF_PART", PART)
    monkeypatch.setattr("hazwatch.live.turns.telling.TOLD_AT_ONCE", PART)
    config = site(tmp_path, OPC_UA.format(port=4840), *(point(f"T{n}", f"ns=2;s=T{n}") for n in range(POINTS)))
    compile_kernel(config)
    return config


def all_cross(engine: LiveEngine) -> SampleBatch:
    return SampleBatch.of(range(POINTS), [engine.clock.now()] * POINTS, [1.2] * POINTS)


async def first_part(engine: LiveEngine) -> None:
    """Return when some of the events have their records."""
    for _ in range(100_000):
        if len(engine.runtime.pipeline.ledger.alarms) >= PART:
            return
        await asyncio.sleep(0)


async def test_others_get_their_turn_between_the_parts_of_a_batch(config: Config, tmp_path: Path) -> None:
    told: list[int] = []
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        engine.runtime.observers.append(lambda records: told.append(len(records)))
        source.give(all_cross(engine))
        numbers = set()
        ledger = engine.runtime.pipeline.ledger
        while len(ledger.alarms) < POINTS:
            numbers.add(len(ledger.alarms))
            await asyncio.sleep(0)
        await engine.until(lambda: len(engine.events) == POINTS)
    assert len(numbers) >= POINTS // PART
    assert len(told) > POINTS // PART / 4


async def test_a_stop_amid_a_batch_loses_no_event(config: Config, tmp_path: Path) -> None:
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        source.give(all_cross(engine))
        await first_part(engine)
        assert len(engine.runtime.pipeline.ledger.alarms) < POINTS
    folder = DataFolder(tmp_path / "data")
    assert len(journaled(folder)) == POINTS
    assert rebuilt(config, Past(config, folder).log()) == journaled(folder)
    snapshot = Snapshot.read(folder.snapshot)
    assert snapshot is not None
    assert snapshot.record == JournalReader(folder.journal).head()[0]


async def test_a_snapshot_waits_for_the_last_part(config: Config, tmp_path: Path) -> None:
    source = Given()
    async with live(config, tmp_path, ScaledClock(1, origin=BEGIN), [source]) as engine:
        source.give(all_cross(engine))
        await first_part(engine)
        await engine.runtime._snapshot()
        snapshot = Snapshot.read(engine.folder.snapshot)
        assert snapshot is not None
        assert list(JournalReader(engine.folder.journal).read(snapshot.record, kinds=EVENTS)) == []
