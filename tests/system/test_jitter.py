"""The log of a live run whose sources come late and by turns is walked again to the same events."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from pathlib import Path

from adapters.stores import Historian, Journal
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Unstored
from hazwatch.live.recorded_log import Past
from hazwatch.live.resume import reviews_of
from hazwatch.live.runtime import Runtime
from plant import NO_ARRIVAL, SampleBatch
from tests.hazwatch.live.live_runs import BEGIN, SITE, Disorder, S, config_in, pipeline_of
from tests.hazwatch.live.walked_logs import journaled, rebuilt
from tests.system.live_engine import NoPast


class Jittery(NoPast):
    """A source whose samples come some within the allowance, some beyond it, some after those that follow them."""

    def __init__(self, name: str, clock: ScaledClock, columns: Sequence[int], delays: Sequence[float]) -> None:
        self.name: str = name
        self.lost = 0
        self.done = asyncio.Event()
        self._clock = clock
        self._columns = columns
        self._delays = delays

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        number = 0
        while True:
            number += 1
            await self._clock.sleep(S)
            now = self._clock.now()
            values = [0.5 + 0.25 * ((number // 7 + column) % 4) for column in self._columns]
            delay = round(self._delays[number % len(self._delays)] * S)
            yield SampleBatch.of(self._columns, [now - delay] * len(values), values)
            if number == 150:
                self.done.set()


async def test_a_live_runtime_with_two_jittery_sources_is_rebuilt(tmp_path: Path) -> None:
    config = config_in(tmp_path, SITE.replace('time = "arrival"\n', ""))
    folder = DataFolder(tmp_path / "data")
    clock = ScaledClock(200.0, origin=BEGIN)
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        ua = Jittery("ua", clock, [0, 1], (0.1, 0.9, 0.4, 1.2, 1.9, 2.6, 3.3, 6.0))
        mb = Jittery("mb", clock, [2], (0.2, 1.1, 1.9, 2.7, 5.2))
        pipeline = pipeline_of(config, journal)
        runtime = Runtime(
            pipeline,
            sources=[ua, mb],
            clock=clock,
            journal=journal,
            historian=historian,
            unstored=Unstored.of(folder, config.points.ids),
            snapshot=folder.snapshot,
            before=0,
            reviews=reviews_of(config, folder, pipeline, NO_ARRIVAL),
        )
        task = asyncio.create_task(runtime.run())
        await asyncio.gather(ua.done.wait(), mb.done.wait())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    found = rebuilt(config, Past(config, folder).log())
    assert found == journaled(folder)
    said = {(event["condition"], event["transition"]) for event in map(json.loads, found)}
    kinds = ("T1.alarm", "T1.mean", "T2.alarm", "both", "cut", "discrepancy:T1")
    assert {(kind, transition) for kind in kinds for transition in ("raise", "clear")} <= said
    disorder = Disorder.of(config, folder)
    assert min(disorder.late.values()) > 10, disorder
    assert min(disorder.behind.values()) > 10, disorder
