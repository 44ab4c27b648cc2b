"""Measures an engine of many points: its start, what a page gets, an outage of all sources, and the return of them.

A field of made-up sources runs within the engine's process, so nothing but the engine is measured. `python -m
bench.size [points]`.
"""

import asyncio
import math
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
import orjson
from websockets.asyncio.client import connect

import hazwatch.cli.main
from adapters.sources import Source, SourceReport
from bench.floors import CONTEXT, HOST
from bench.latency_rig import until_it_listens
from console import listen
from hazwatch import assemble
from hazwatch.live.clock import ScaledClock
from plant import Quality, SampleBatch
from tests import sites

SOURCES: Final = 4
SHARES: Final = 10
"""Batches of a source in a second."""
OUTAGE: Final = 24.0
"""Time for which no source answers. [s]"""
QUIET: Final = 6.0
"""Time before the outage. [s]"""
PATIENCE: Final = 120.0
"""Longest time to wait for the last point. [s]"""
PROBE: Final = 0.002
"""Time between two looks at the loop. [s]"""


def site(points: int) -> str:
    """Return a site of points with one limit each, spread over SOURCES sources."""
    tables = [sites.HEAD]
    tables += [sites.opcua(4840 + number, id=f"ua{number}") for number in range(SOURCES)]
    sensor = {"unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "stale_after": "20s"}
    for number in range(points):
        name = f"P{number}"
        tables.append(sites.point(name, **sensor, source=f"ua{number % SOURCES}", address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, high=1.0, level="orange", message="甲烷超限"))
    return sites.text(*tables)


class Field:
    """The sources: each sends its points once a second in SHARES batches; in an outage, one batch of BAD quality."""

    def __init__(self) -> None:
        self.is_out = False

    def sources(self, points: int) -> list[Source]:
        """Return the sources of a site."""
        return [MadeUp(self, f"ua{number}", np.arange(number, points, SOURCES)) for number in range(SOURCES)]


class MadeUp:
    """A source of a field."""

    lost = 0
    report = SourceReport()

    def __init__(self, field: Field, name: str, columns: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        self.name: Final = name
        self._field: Final = field
        self._columns: Final = columns

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Take nothing up again."""

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield samples, until cancelled."""
        clock, was_out = ScaledClock(), True
        for number in range(10**9):
            await asyncio.sleep(1 / SHARES)
            if self._field.is_out != was_out:
                was_out = self._field.is_out
                yield self._batch(self._columns, clock.now(), number)
            elif not was_out:
                yield self._batch(self._columns[number % SHARES :: SHARES], clock.now(), number)

    def _batch(self, columns: "np.ndarray[tuple[int], np.dtype[np.int64]]", now: int, number: int) -> SampleBatch:
        if self._field.is_out:
            return SampleBatch.of(columns, now, math.nan, quality=Quality.BAD)
        return SampleBatch.of(columns, now + np.arange(len(columns)), 0.5 + (columns + number) % 40 / 100)


class Probe:
    """The longest time for which the loop was blocked, since the last look. [s]."""

    def __init__(self, field: Field, pipe: Connection) -> None:
        self._field: Final = field
        self._pipe: Final = pipe
        self._longest = 0.0

    async def run(self) -> None:
        """Watch the loop; at each message begin or end the outage, and send the longest time."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._pipe.fileno(), self._told)
        while True:
            begun = time.monotonic()
            await asyncio.sleep(PROBE)
            self._longest = max(self._longest, time.monotonic() - begun - PROBE)

    def _told(self) -> None:
        self._field.is_out = self._pipe.recv()
        self._pipe.send(self._longest)
        self._longest = 0.0


def engine(words: Sequence[str], log: Path, points: int, pipe: Connection) -> None:
    """Run `hazwatch run` on a made-up field, with a probe in its loop."""
    sys.stderr = log.open("a", encoding="utf-8", buffering=1)
    field = Field()
    tasks = []
    calm = assemble.calm_collector

    def begin() -> None:
        calm()
        tasks.append(asyncio.get_running_loop().create_task(Probe(field, pipe).run()))

    with (
        patch.object(assemble, "calm_collector", begin),
        patch.object(assemble, "open_sources", lambda *_: field.sources(points)),
    ):
        sys.exit(hazwatch.cli.main.main(words))


class Page:
    """A page: its messages, and how many points are in doubt."""

    def __init__(self) -> None:
        self.first = 0
        self.longest = 0
        self.alarms: set[str] = set()
        self.doubtful = -1
        self.beats: list[float] = []
        self._came: Final = asyncio.Event()

    async def watch(self, port: int) -> None:
        """Watch until cancelled."""
        async with connect(
            f"ws://{HOST}:{port}/api/stream", compression=None, open_timeout=None, max_size=None
        ) as stream:
            async for text in stream:
                self.first = self.first or len(text)
                self.longest = max(self.longest, len(text))
                message = orjson.loads(text)
                if message["kind"] == "beat":
                    self.beats.append(time.monotonic())
                of_message = message.get("snapshot") or message.get("change") or message
                for alarm in of_message.get("alarms", ()):
                    (self.alarms.discard if alarm["state"] == "normal" else self.alarms.add)(alarm["id"])
                if states := of_message.get("hazard_sources"):
                    self.doubtful = sum(state["doubtful"] for state in states)
                self._came.set()

    async def until_doubtful(self, few: int, many: int) -> float:
        """Return the time until so many points are in doubt; infinity if it takes longer than PATIENCE. [s]."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                while not few <= self.doubtful <= many:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            return math.inf
        return time.monotonic() - begun


async def measure(port: int, points: int, pipe: Connection) -> None:
    """Go through the phases, and print what each shows."""

    def blocked(*, out: bool) -> str:
        pipe.send(out)
        return f"loop blocked {pipe.recv() * 1e3:.0f} ms at most"

    page, late = Page(), Page()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(page.watch(port))]
        calm = await page.until_doubtful(0, 0)
        print(f"{points} points: seen {calm:.1f} s after the page asked: {blocked(out=False)}", end="")
        print(f"; first message {page.first / 1e6:.2f} MB")
        await asyncio.sleep(QUIET)
        print(f"in {QUIET:.0f} s of a quiet plant: {blocked(out=True)}")
        await asyncio.sleep(OUTAGE / 2)
        print(f"sources lost: {blocked(out=True)}; {len(page.alarms)} alarms, {page.doubtful} points in doubt")
        tasks.append(group.create_task(late.watch(port)))
        await asyncio.sleep(OUTAGE / 2)
        print(f"a page in the outage: {blocked(out=False)}; first message {late.first / 1e6:.2f} MB", end="")
        print(f", longest {late.longest / 1e6:.2f} MB; it shows {len(late.alarms)} alarms")
        took = await page.until_doubtful(0, 0)
        await asyncio.sleep(2)
        print(f"sources back: {blocked(out=False)}; the last point left doubt after {took:.1f} s", end="")
        print(f"; longest message {page.longest / 1e6:.2f} MB, beats {np.diff(page.beats).max():.2f} s apart at most")
        for task in tasks:
            task.cancel()


def main() -> None:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder, listen(HOST, 0) as free:
        port = free.getsockname()[1]
        free.close()
        file = Path(folder) / "site.toml"
        file.write_text(site(points), encoding="utf-8")
        ours, theirs = CONTEXT.Pipe()
        words = ["run", str(file), "--data", f"{folder}/data", "--port", str(port), "--log", "warning"]
        log = file.with_name("log")
        process = CONTEXT.Process(target=engine, args=(words, log, points, theirs))
        process.start()
        try:
            until_it_listens(port)
            asyncio.run(measure(port, points, ours))
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            print(f"memory {int(status.split('VmHWM:', 1)[1].split()[0]) // 1024} MiB")
        finally:
            process.terminate()
            process.join()
            print(log.read_text(encoding="utf-8")[-2000:], end="")


if __name__ == "__main__":
    main()
