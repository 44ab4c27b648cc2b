"""Offers 200,000 samples/s from one source in batches of 20, a fifth of them across a limit, beside a calm source."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from alarms import Record, events_of
from hazwatch.assemble import SWITCH, calm_collector
from hazwatch.cli.kernel import compile_kernel
from hazwatch.live.clock import ScaledClock
from hazwatch.site.config import Config, load
from plant import SampleBatch, State
from plant.units import SECOND
from tests import sites
from tests.system.live_engine import Given, LiveEngine, NoPast, live

RATE: Final = 200_000
IN_BATCH: Final = 20
POINTS: Final = 2000
CROSSING: Final = 0.2


class Torrent(NoPast):
    """A source that offers RATE samples a second, whether they are taken or not; what it skips, it counts."""

    def __init__(self, clock: ScaledClock, seconds: int) -> None:
        self.name: str = "ua"
        self.lost = self.yielded = 0
        self.ended = False
        self._clock, self._seconds = clock, seconds

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        begin, number = self._clock.now(), 0
        rng = np.random.default_rng(1)
        while number < self._seconds * RATE // IN_BATCH:
            due = (self._clock.now() - begin) * RATE // (IN_BATCH * SECOND)
            # The device keeps a second; what nobody took by then is gone.
            late = max(0, due - RATE // IN_BATCH - number)
            self.lost += late * IN_BATCH
            number += late
            if number >= due:
                await asyncio.sleep(0.001)
                continue
            at = begin + number * IN_BATCH * SECOND // RATE
            columns = (number * IN_BATCH + np.arange(IN_BATCH)) % POINTS
            values = np.where(rng.random(IN_BATCH) < CROSSING, 1.5, 0.5)
            number += 1
            self.yielded += IN_BATCH
            yield SampleBatch.of(columns, at, values)
        self.ended = True
        await asyncio.Event().wait()


def site_in(folder: Path) -> Config:
    """Return a site with POINTS points of one source, each with a limit, and one point of another."""
    sensor = {"resolution": 0.01, "range": [0.0, 4.0]}
    tables = [sites.HEAD, sites.opcua(4840), sites.modbus(1502, id="field")]
    for name in (f"P{number}" for number in range(POINTS)):
        tables += [
            sites.point(name, **sensor, source="ua", address=f"ns=2;s={name}", stale_after="5s"),
            sites.limit(f"{name}.alarm", name, high=1.0, level="orange"),
        ]
    calm = sites.point("CALM", **sensor, source="field", address="unit=1;holding=0;type=int16", stale_after="60s")
    tables += [calm, sites.limit("CALM.alarm", "CALM", high=1.0, level="red")]
    (folder / "site.toml").write_text(sites.text(*tables), encoding="utf-8")
    return load(folder / "site.toml")


async def beats(engine: LiveEngine, gaps: list[float]) -> None:
    """Append the time between every two beats of a page. [s]."""
    last = time.monotonic()
    with engine.hub.subscribed() as page:
        while True:
            text = await engine.hub.next(page, engine.desk)
            if orjson.loads(text)["kind"] == "beat":
                gaps.append(time.monotonic() - last)
                last = time.monotonic()


class Seen:
    """What an observer sees: the events of the calm point, and how often a point of the torrent was called stale."""

    def __init__(self) -> None:
        self.calm = 0
        self.stale = 0
        self.came = asyncio.Event()

    def take(self, records: Sequence[Record]) -> None:
        """Count the events among records that are on disk."""
        for event in events_of(records):
            self.stale += event.transition == "raise" and event.condition.startswith("stale:P")
            if event.condition == "CALM.alarm":
                self.calm += 1
                self.came.set()


async def alarms(clock: ScaledClock, calm: Given, seen: Seen, delays: list[float]) -> None:
    """Cross the limit of the calm point again and again; append how long the alarm takes. [s]."""
    while True:
        for value in (1.5, 0.5):
            seen.came.clear()
            begun = time.monotonic()
            calm.give(SampleBatch.of([POINTS], [clock.now()], [value]))
            await seen.came.wait()
            delays.append(time.monotonic() - begun)
            await asyncio.sleep(0.5)


async def attack(folder: Path, seconds: int) -> int:
    """Run the attack; return how many claims do not hold."""
    config = site_in(folder)
    compile_kernel(config)
    # As `hazwatch run` does.
    calm_collector()
    sys.setswitchinterval(SWITCH)
    clock, calm = ScaledClock(), Given()
    torrent = Torrent(clock, seconds)
    gaps: list[float] = []
    delays: list[float] = []
    seen = Seen()
    async with live(config, folder, clock, [torrent, calm]) as engine:
        engine.runtime.observers.append(seen.take)
        tasks = [
            asyncio.create_task(engine.hub.serve(engine.desk.now)),
            asyncio.create_task(beats(engine, gaps)),
            asyncio.create_task(alarms(clock, calm, seen, delays)),
        ]
        await engine.until(lambda: torrent.ended, within=10.0 * seconds)
        refused = engine.runtime.inbox.refused["ua"]
        for task in tasks:
            task.cancel()
    stored = sum(int((engine.recorded(f"P{number}").state != State.NOT_SCANNED).sum()) for number in range(POINTS))
    offered = seconds * RATE
    print(f"offered {offered:,}: stored {stored:,}, refused {refused:,}, left in the device {torrent.lost:,}")
    print(f"false stale: {seen.stale}; longest time between beats: {max(gaps[1:]):.2f} s")
    print(f"alarms of the other source: {len(delays)}, median {np.median(delays):.3f} s, longest {max(delays):.3f} s")
    silent = offered - torrent.lost - refused - stored
    return (silent != 0) + bool(seen.stale) + (max(gaps[1:]) > 1.5)


def main(times: int) -> int:
    """Attack for a time; a hundred attacks are a second."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(attack(Path(folder), max(5, times // 100)))
