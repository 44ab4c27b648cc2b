"""The log of past runs gives the events of their journal, byte for byte, however batches came and runs ended."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.stores import Historian, Journal
from hazwatch.assemble import reviews_of
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Unstored
from hazwatch.live.recorded_log import Past
from hazwatch.live.runtime import Runtime
from hazwatch.site.config import Config
from plant import NO_ARRIVAL, SampleBatch
from tests.hazwatch.live.live_runs import BEGIN, SITE, Disorder, S, Step, config_in, pipeline_of, run
from tests.hazwatch.live.walked_logs import journaled, rebuilt, steps


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_a_run_gives_the_events_of_its_journal(
    tmp_path_factory: pytest.TempPathFactory, config: Config, steps: list[Step]
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    run(config, folder, steps, BEGIN)
    assert rebuilt(config, Past(config, folder).log()) == journaled(folder)


def test_ticks_after_the_last_batch_come_again_as_far_as_an_event_tells(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    run(config, folder, [(1.0, "T1", [(0.0, 3)]), (20.0, "-", [(0.0, 0)])], BEGIN)
    found = rebuilt(config, Past(config, folder).log())
    assert found == journaled(folder)
    assert any('"stale:T1","transition":"raise"' in line for line in found)


def test_a_second_run_follows_the_first(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, [(1.0, "T2", [(0.0, 4)]), (11.0, "-", [(0.0, 0)])], BEGIN)
    run(config, folder, [(1.0, "T2", [(0.0, 0)]), (5.0, "T2", [(0.0, 0)]), (9.0, "-", [(0.0, 0)])], end + 5 * S)
    found = rebuilt(config, Past(config, folder).log())
    assert found == journaled(folder)
    assert sum('"stale:T2","transition":"raise"' in line for line in found) == 2


def test_a_period_holds_what_arrived_in_it_and_begins_with_a_start(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    run(config, folder, [(1.0, "T1", [(0.0, 0)])] * 30, BEGIN)
    (log,) = Past(config, folder).log(BEGIN + 10 * S, BEGIN + 20 * S)
    samples = log.time[log.kind == 0]
    assert list((samples - BEGIN) // S) == list(range(10, 20))
    assert list(log.kind).index(2) == 0
    assert int(log.time[log.kind == 1].max()) == BEGIN + 17 * S


def test_without_a_journal_the_log_ends_with_its_last_batch(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    run(config, folder, [(1.0, "T1", [(0.0, 3)]), (20.0, "-", [(0.0, 0)])], BEGIN)
    folder.journal.unlink()
    assert not any("stale" in line for line in rebuilt(config, Past(config, folder).log()))


class Jittery:
    """A source whose samples come some within the allowance, some beyond it, some after those that follow them."""

    def __init__(self, name: str, clock: ScaledClock, columns: Sequence[int], delays: Sequence[float]) -> None:
        self.name: str = name
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
