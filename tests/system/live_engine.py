"""A live engine inside the test: real stores, the product's runtime and desk, and the sources that the test chooses."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from adapters.sources import Source, SourceReport
from adapters.stores import Historian, HistoryReader, Journal
from alarms import Record, events_of
from console import Hub
from hazwatch.assemble import open_sources
from hazwatch.cli.kernel import compile_kernel
from hazwatch.desk.desk import LiveDesk
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Unstored
from hazwatch.live.resume import latest, resumed, reviews_of
from hazwatch.live.runtime import Runtime
from hazwatch.live.simulated_field import served
from hazwatch.site.config import Config
from plant import NO_ARRIVAL, SampleBatch
from rules import Event
from simulators import Faults
from simulators.registry import SimulatedDevice
from tests.field_sites import BEGIN, S


class NoPast:
    """A source that lost nothing and has nothing to take up again."""

    report: SourceReport = SourceReport()

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Do nothing."""


class Given(NoPast):
    """A source that yields what the test gives it."""

    name: Final = "field"
    lost: Final = 0

    def __init__(self) -> None:
        self._batches: Final[asyncio.Queue[SampleBatch]] = asyncio.Queue()

    def give(self, batch: SampleBatch) -> None:
        self._batches.put_nowait(batch)

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        while True:
            yield await self._batches.get()


@dataclass(frozen=True, slots=True)
class LiveEngine:
    """What can be seen of an engine that runs."""

    config: Config
    folder: DataFolder
    clock: ScaledClock
    runtime: Runtime
    desk: LiveDesk
    hub: Hub
    published: list[Record] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """All that the engine said so far, as the page hears it."""
        return list(events_of(self.published))

    def said(self, condition: str) -> list[str]:
        """Return the transitions of a condition."""
        return [event.transition for event in self.events if event.condition == condition]

    def last(self, condition: str) -> Event:
        return [event for event in self.events if event.condition == condition][-1]

    def stands(self, condition: str) -> bool:
        return self.said(condition)[-1:] == ["raise"]

    def in_doubt(self, name: str) -> bool:
        return name in self.runtime.pipeline.in_doubt()

    def recorded(self, name: str) -> SampleBatch:
        """Return what the historian has of a point."""
        return HistoryReader(self.folder.history, self.config.points).samples(name, -(2**62), 2**62)

    async def until(self, true: Callable[[], object], within: float = 120.0) -> None:
        """Look again and again until it is true; fail after so many real seconds."""
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, f"not within {within} s: {self.events}"
            await asyncio.sleep(0.01)

    async def pass_by(self, seconds: float) -> None:
        """Let so much of the log's time go by, and its ticks with it, until all that came of them is published."""
        end = self.clock.now() + round(seconds * S)
        await self.until(lambda: self.runtime.pipeline.intake.next_due > end)
        await self.settled()

    async def settled(self) -> None:
        """Wait until what the engine knows by now is in the journal, and published."""
        await asyncio.wrap_future(self.runtime.journal.append([]))


@asynccontextmanager
async def live(
    config: Config, folder: Path, clock: ScaledClock, sources: Sequence[Source] | None = None
) -> AsyncIterator[LiveEngine]:
    """Run an engine while the block lasts, on the sources of its site file unless others are given."""
    data = DataFolder(folder / "data")
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(data.journal))
        historian = stack.enter_context(closing(Historian(data.history, config.points, retention_days=None)))
        pipeline = resumed(config, data, journal, (), clock.now())
        runtime = Runtime(
            pipeline,
            sources=open_sources(config, clock, data) if sources is None else sources,
            clock=clock,
            journal=journal,
            historian=historian,
            unstored=Unstored.of(data, config.points.ids),
            snapshot=data.snapshot,
            before=latest(data),
            reviews=reviews_of(config, data, pipeline, latest(data)),
        )
        hub = Hub()
        desk = LiveDesk(config, runtime, hub, HistoryReader(data.history, config.points))
        engine = LiveEngine(config, data, clock, runtime, desk, hub)
        runtime.observers.extend((engine.published.extend, desk.publish))
        tasks = [asyncio.create_task(runtime.run()), asyncio.create_task(desk.refresh())]
        try:
            yield engine
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


class HeldClock(ScaledClock):
    """Stands at BEGIN until it is let go, so that nothing is missed while links are made."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate, origin=BEGIN)
        self._going: Final = asyncio.Event()
        self._let_go = 0

    def go(self) -> None:
        """Let it go, if it still stands."""
        if not self._going.is_set():
            self._let_go = time.monotonic_ns()
            self._going.set()

    def now(self) -> int:
        return BEGIN + round((time.monotonic_ns() - self._let_go) * self.rate) if self._going.is_set() else BEGIN

    async def sleep(self, duration: int) -> None:
        await self._going.wait()
        await super().sleep(duration)


@asynccontextmanager
async def mine(
    config: Config, folder: Path, trace: SampleBatch, rate: float, *, served_as: Config | None = None
) -> AsyncIterator[tuple[LiveEngine, SimulatedDevice]]:
    """Run an engine on the simulator of the site's one source, which plays a trace from when its first rows are in.

    The simulator may be that of another site file than the engine's.
    """
    compile_kernel(config)
    clock = HeldClock(rate)
    due = np.where(trace.arrival == NO_ARRIVAL, trace.time, trace.arrival)
    first = trace.point[due == BEGIN]
    none = Faults.of((), config.points, ["field"], origin=BEGIN)
    async with served(served_as or config, trace, clock, none) as servers, live(config, folder, clock) as engine:
        await engine.until(lambda: NO_ARRIVAL not in engine.runtime.arrivals[first])
        clock.go()
        yield engine, servers["field"]
