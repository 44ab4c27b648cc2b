"""A foreign OPC UA server behind a cable, whose nodes change all the time, and the source of ours that reads it."""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from adapters.sources import Source
from hazwatch.live.clock import ScaledClock, monotonic
from plant import Quality, SampleBatch
from tests.system.opcua.cable import Cable, cable
from tests.system.opcua.listening import MS, open_source, spec
from tests.system.opcua.node_peer.peer import Peer, peer

NODES: Final = 10
EVERY: Final = 0.05
"""Time between two values of a node. [s]"""
FILLED_AFTER: Final = 8.0
"""Time without history after which there is no more. [s]"""
PATIENCE: Final = 60.0
"""Longest time to wait for the return of data, and for the end of a gap. [s]"""


@dataclass(slots=True)
class Outcome:
    """What one run of a fault showed; times in seconds, None where nothing happened."""

    until_bad: float | None
    until_data: float | None
    lost: int
    twice: int
    told: str
    memory: float
    tracebacks: int


class Tracebacks(logging.Handler):
    """Counts what is logged with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record with a traceback."""
        self.count += record.exc_info is not None

    def handle_context(self, context: Mapping[str, object]) -> None:
        """Count an error that nobody of the event loop awaited."""
        self.count += "exception" in context


@dataclass(slots=True)
class Rig:
    """The parts of one run; `offset` is the error of the server's clock, `unsent` counts rows of a missing node."""

    folder: Path
    history: int
    clock: ScaledClock
    server: Peer | None = None
    laid: Cable | None = None
    source: Source | None = None
    offset: int = 0
    bad: int = 0
    number: int = 0
    unsent: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    missing: set[str] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[tuple[float, SampleBatch]] = field(default_factory=list)

    def nodes(self) -> dict[str, str]:
        return {f"ns=1;s=T{number}": "Double" for number in range(NODES)}

    async def play(self) -> None:
        """Write a row of every node again and again; the value is the number of the row."""
        while True:
            if self.server is not None:
                at = (self.clock.now() + self.offset) // MS * MS
                rows = [(node, float(self.number), at) for node in self.nodes() if node not in self.missing]
                try:
                    await self.server.put(*rows[: self.bad], status="BadSensorFailure")
                    await self.server.put(*rows[self.bad :])
                except (AssertionError, OSError):
                    self.server = None  # it was killed
                self.number += 1
                self.unsent += len(self.missing)
            await asyncio.sleep(EVERY)

    async def listen(self) -> None:
        assert self.source is not None
        async with aclosing(self.source.samples()) as samples:
            async for batch in samples:
                self.batches.append((monotonic(), batch))
                self.arrived.set()

    def first(self, quality: Quality, since: float) -> float | None:
        """Return how long after a time the first node had a sample of a quality, history aside. [s, monotonic]."""
        for at, batch in self.batches:
            now = (batch.quality == quality) & ~batch.backfilled & (batch.point == 0)
            if at >= since and now.any():
                return at - since
        return None

    async def until(self, quality: Quality, since: float) -> float | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self.first(quality, since) is None:
                    self.arrived.clear()
                    await self.arrived.wait()
        return self.first(quality, since)

    async def until_filled(self) -> None:
        """Wait until no history has come for a while."""
        before = -1
        while (filled := sum(int(batch.backfilled.any()) for _, batch in self.batches)) != before:
            before = filled
            await asyncio.sleep(FILLED_AFTER)

    def rows(self) -> tuple[int, int]:
        """Return how many rows are lost between the first and the last that came, and how many came twice."""
        whole = SampleBatch.concatenate([batch for _, batch in self.batches])
        lost = twice = 0
        for point in range(NODES):
            mine = whole.take((whole.point == point) & np.isfinite(whole.value))
            numbers = np.unique(mine.value)
            lost += int(numbers[-1] - numbers[0]) + 1 - len(numbers)
            # A scan repeats the latest value with a computed time; equal times are the rows that came twice.
            pairs = np.unique(np.stack([mine.time, mine.value.view(np.int64)]), axis=1).shape[1]
            twice += len(mine) - pairs
        return lost - self.unsent, twice

    def told(self) -> str:
        assert self.source is not None
        gaps = self.source.report.gaps
        return "; ".join(f"{gap.how} {gap.filled_rows}/{gap.expected_rows}" for gap in gaps) or "-"


@asynccontextmanager
async def rigged(folder: Path, *, history: bool) -> AsyncIterator[Rig]:
    """Run server, cable and source for the duration of the context, and let them play for a second."""
    rig = Rig(folder, 100_000 if history else 0, ScaledClock())
    async with rig.stack as stack:
        server = await stack.enter_async_context(peer(folder, rig.nodes(), history=rig.history, sessions=1))
        rig.server, rig.laid = server, await stack.enter_async_context(cable(server.endpoint))
        given = spec(rig.laid.endpoint, timeout="1s", scan="60s", publishing="100ms")
        rig.source = open_source(given, list(enumerate(rig.nodes())), rig.clock)
        tasks = [asyncio.create_task(rig.play()), asyncio.create_task(rig.listen())]
        try:
            await rig.until(Quality.GOOD, 0.0)
            await asyncio.sleep(2.0)
            yield rig
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


def megabytes() -> float:
    """Return the largest memory that this process had. [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
