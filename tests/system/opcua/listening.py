"""A server to talk to, and a listener that keeps what a source yields."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np

from adapters.sources import Clock, Installation, Source
from adapters.sources.opcua import OpcUaSource
from adapters.sources.opcua import open_source as open_with
from hazwatch.live.clock import wall
from plant import SampleBatch

S = 1_000_000_000
MS = 1_000_000
START = 1_400_000_000 * S


NOTHING_TRUSTED = Installation(Path("/nonexistent"), wall)


def open_source(
    spec: OpcUaSource, points: Sequence[tuple[int, str]], clock: Clock, installation: Installation = NOTHING_TRUSTED
) -> Source:
    """Return a source; one without security needs no certificates."""
    return open_with(spec, points, clock, installation)


class TraceClock:
    """The trace's time: it stands at START until it is begun, then goes `rate` times as fast as the machine's."""

    def __init__(self, rate: float = 1.0) -> None:
        self._rate = rate
        self._mark = 0
        self._begun = asyncio.Event()

    def begin(self) -> None:
        self._mark = time.monotonic_ns()
        self._begun.set()

    def now(self) -> int:
        return START + round((time.monotonic_ns() - self._mark) * self._rate) if self._begun.is_set() else START

    async def sleep(self, duration: int) -> None:
        await self._begun.wait()
        await asyncio.sleep(max(0, duration) / S / self._rate)


class Heard:
    """What a source yielded so far."""

    def __init__(self) -> None:
        self.batches: list[SampleBatch] = []

    @property
    def all(self) -> SampleBatch:
        return SampleBatch.concatenate(self.batches)

    def of(self, point: int) -> SampleBatch:
        everything = self.all
        return everything.take(everything.point == point)

    async def until(self, condition: Callable[["Heard"], object], within: float = 60.0) -> None:
        """Wait until it holds; fail after so many seconds."""
        deadline = time.monotonic() + within
        while not condition(self):
            assert time.monotonic() < deadline, f"not within {within} s: {self.all}"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(source: Source) -> AsyncIterator[Heard]:
    heard = Heard()

    async def listen() -> None:
        async with aclosing(source.samples()) as samples:
            async for batch in samples:
                heard.batches.append(batch)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def spec(endpoint: str, **given: object) -> OpcUaSource:
    return OpcUaSource.model_validate(
        {"id": "kj-ua", "protocol": "opcua", "endpoint": endpoint, "publishing": "50ms", "timeout": "10s"} | given
    )


def trace(point: int, times: np.ndarray, values: np.ndarray) -> SampleBatch:
    return SampleBatch.of(np.full(len(times), point), times, values)
