"""A Modbus source that a test listens to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np

from adapters.sources import Installation
from adapters.sources.modbus import ModbusSource, open_source
from adapters.sources.modbus.source import ModbusReader
from hazwatch.live.clock import ScaledClock, wall
from plant import Quality, SampleBatch

START = 1_700_000_000_000_000_000
BOUND = 60.0
"""How long a test waits for what must come, so that it fails in the end. [s]"""


class Heard:
    """What a source yielded so far, by point."""

    def __init__(self, source: ModbusReader, samples: AsyncIterator[SampleBatch], points: int) -> None:
        self.source = source
        self.points = points
        self.all = SampleBatch.of([], [], [])
        self._samples = samples

    def good(self, point: int) -> SampleBatch:
        rows = (self.all.point == point) & (self.all.quality == Quality.GOOD)
        return self.all.take(np.flatnonzero(rows))

    async def rounds(self, count: int, apart_from: Iterable[int] = ()) -> None:
        """Listen until each point, apart from some, has so many new good samples."""
        wanted = {point: len(self.good(point)) + count for point in range(self.points) if point not in {*apart_from}}
        async with asyncio.timeout(BOUND):
            while any(len(self.good(point)) < most for point, most in wanted.items()):
                await self.next()

    async def next(self) -> None:
        """Listen until the next batch."""
        self.all = SampleBatch.concatenate([self.all, await anext(self._samples)])


@asynccontextmanager
async def reading(endpoint: str, addresses: Iterable[str], **settings: object) -> AsyncIterator[Heard]:
    async with a_run(endpoint, addresses, START, None, **settings) as heard:
        yield heard


@asynccontextmanager
async def a_run(
    endpoint: str, addresses: Iterable[str], origin: int, memory: Path | None, /, **settings: object
) -> AsyncIterator[Heard]:
    """Listen from a time on [ns, UTC], with a folder for what a restart needs."""
    table = {"id": "kj", "protocol": "modbus", "endpoint": endpoint, "poll": "50ms", "timeout": "300ms"}
    texts = [*addresses]
    installation = Installation(Path("certificates"), wall, memory)
    spec = ModbusSource.model_validate(table | settings)
    source = open_source(spec, [*enumerate(texts)], ScaledClock(origin=origin), installation)
    async with aclosing(source.samples()) as samples:
        yield Heard(source, samples, len(texts))
