"""A source that is faster than the engine starves no other source, and every sample of it is kept or counted."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import orjson
import pytest

from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from hazwatch.live.waiting import inbox, line
from hazwatch.site.config import Config, load
from plant import SampleBatch, State
from tests import sites
from tests.field_sites import BEGIN
from tests.system.live_engine import Given, NoPast, live

IN_BATCH = 20
MOST = 64
"""Batches in a line: the kernel may run as plain Python here."""


class Torrent(NoPast):
    """A source that yields batches of 20 without ever waiting, a number of samples in all."""

    def __init__(self, clock: Callable[[], int], most: int) -> None:
        self.name: str = "ua"
        self.lost = 0
        self.offered = 0
        self._clock = clock
        self._most = most

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        before = 0
        while self.offered < self._most:
            before = max(self._clock(), before + IN_BATCH)
            self.offered += IN_BATCH
            yield SampleBatch.of([0] * IN_BATCH, [before - step for step in range(IN_BATCH)], [0.5] * IN_BATCH)
        await asyncio.Event().wait()


def site_in(folder: Path) -> Config:
    sensor = {"resolution": 0.01, "range": [0.0, 4.0]}
    tables = (
        sites.opcua(4840),
        sites.modbus(1502, id="field"),
        sites.point("FAST", **sensor, source="ua", address="ns=2;s=T1", stale_after="20s"),
        sites.point("CALM", **sensor, source="field", address="unit=1;holding=0;type=int16", stale_after="60s"),
        sites.limit("CALM.alarm", "CALM", high=1.0, level="red"),
    )
    (folder / "site.toml").write_text(sites.text(sites.HEAD, *tables), encoding="utf-8")
    return load(folder / "site.toml")


async def test_a_torrent_starves_no_other_source_and_loses_nothing_without_a_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "HOLD_BACK", 0.0)
    monkeypatch.setattr(line, "MOST_BATCHES", MOST)
    config = site_in(tmp_path)
    compile_kernel(config)
    clock, calm = ScaledClock(1, origin=BEGIN), Given()
    torrent = Torrent(clock.now, 3 * MOST * IN_BATCH)
    async with live(config, tmp_path, clock, [torrent, calm]) as engine:
        await engine.until(lambda: torrent.offered >= MOST * IN_BATCH)
        calm.give(SampleBatch.of([1], [clock.now()], [1.5]))
        await engine.until(lambda: engine.stands("CALM.alarm"))
        await engine.until(lambda: torrent.offered >= 3 * MOST * IN_BATCH)
        assert engine.said("stale:FAST") == []
        engine.runtime.inbox.account()
        await engine.until(lambda: engine.stands("fault:FAST"))
        refused = engine.runtime.lost("ua")
        assert refused > 0
        notices = {notice["id"]: notice["message"] for notice in engine.desk.snapshot()["notices"]}
        assert str(refused) in orjson.dumps(notices["lost ua"]).decode()
    stored = engine.recorded("FAST")
    gaps = stored.state == State.NOT_SCANNED
    assert int((~gaps).sum()) + refused == torrent.offered
    assert int(gaps.sum()) == 1
