"""The log of past runs gives the events of their journal, byte for byte, however batches came and runs ended."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import Historian, Journal, JournalReader
from alarms import Ledger, RecordKind
from hazwatch.clock import ScaledClock
from hazwatch.config import Config, load
from hazwatch.data_folder import DataFolder
from hazwatch.past import Past
from hazwatch.pipeline import Pipeline
from hazwatch.rule_views import alarm_specs
from hazwatch.runtime import Runtime
from ingest import Log
from plant import SampleBatch
from rules import Engine

S: Final = 1_000_000_000
BEGIN: Final = 1_800_000_000 * S
EVENTS: Final[tuple[RecordKind, ...]] = ("event",)
SITE: Final = """
[site]
id = "1"
name = "示范煤矿"
timezone = "Asia/Shanghai"

[[hazard_source]]
id = "gas"
name = "3101 工作面瓦斯"
kind = "gas"
grade = "II"
place = "3101 工作面"

[[source]]
id = "ua"
protocol = "opcua"
endpoint = "opc.tcp://127.0.0.1:4840"

[[source]]
id = "mb"
protocol = "modbus"
endpoint = "127.0.0.1:1502"
poll = "1s"
time = "arrival"

[[point]]
id = "T1"
hazard_source = "gas"
name = "甲烷 T1"
resolution = 0.01
range = [0.0, 4.0]
stale_after = "6s"
source = "ua"
address = "ns=2;s=T1"
discrepancy = { with = "T2", limit = 0.3, on_delay = "2s" }

[[point]]
id = "T2"
hazard_source = "gas"
name = "甲烷 T2"
resolution = 0.01
range = [0.0, 4.0]
stale_after = "6s"
source = "ua"
address = "ns=2;s=T2"

[[point]]
id = "KG"
hazard_source = "gas"
name = "馈电"
resolution = 1
stale_after = "9s"
source = "mb"
address = "unit=1;holding=0;type=int16"

[[limit]]
id = "T1.alarm"
point = "T1"
feature = "value"
high = 1.0
clear = 0.9
off_delay = "2s"
level = "orange"

[[limit]]
id = "T1.mean"
point = "T1"
feature = "mean"
window = "5s"
high = 1.0
on_delay = "2s"
level = "yellow"

[[limit]]
id = "T2.alarm"
point = "T2"
feature = "value"
high = 1.0
level = "orange"

[[vote]]
id = "both"
hazard_source = "gas"
at_least = 2
of = ["T1.alarm", "T2.alarm", "fault:T1"]
level = "red"

[[interlock]]
id = "cut"
cut = "T1.alarm"
feed = "KG"
within = "2s"
level = "red"
"""
VALUES: Final = (0.5, 0.8, 0.95, 1.0, 1.3, 4.5, float("nan"))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    return load(tmp_path / "site.toml")


def pipeline_of(config: Config, journal: Journal) -> Pipeline:
    ledger = Ledger(alarm_specs(config), ZoneInfo(config.site.timezone))
    for record in journal.read():
        ledger.fold(record)
    return Pipeline(config, ledger)


Step = tuple[float, str, list[tuple[float, int]]]
"""How long after the one before it [s], which point, and the delays [s] and kinds of value of its samples."""

delays = st.sampled_from([0.0, 0.3, 1.5, 1.999, 2.0, 2.001, 5.0, -4.0, -6.0])
steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.7, 1.0, 4.0, 12.0]),
        st.sampled_from(["T1", "T2", "KG", "-"]),
        st.lists(st.tuples(delays, st.integers(0, len(VALUES) - 1)), min_size=1, max_size=3),
    ),
    max_size=40,
)


def run(config: Config, folder: DataFolder, steps: Sequence[Step], now: int) -> int:
    """Play a live run by hand, with its stores; return when it ended."""
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        pipeline = pipeline_of(config, journal)
        historian.start(now)
        journal.append(pipeline.start(now))
        for wait, point, samples in steps:
            now += round(wait * S)
            if point == "-":
                journal.append(pipeline.tick(now))
                continue
            times = [now - round(delay * S) for delay, _ in samples]
            values = [kind % 2 if point == "KG" else VALUES[kind] for _, kind in samples]
            batch = SampleBatch.of([config.points.column(point)] * len(samples), times, values)
            stamped, records = pipeline.feed(batch, now)
            historian.append(stamped)
            journal.append(records)
    return now


def journaled(folder: DataFolder) -> list[str]:
    return [record.text() for record in JournalReader(folder.journal).read(kinds=EVENTS)]


def rebuilt(config: Config, log: Iterator[Log]) -> list[str]:
    engine = Engine(config.rules)
    return [event.to_json() for piece in log for event in engine.evaluate(piece)]


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
    """A source whose samples come some within the allowance, some beyond it."""

    def __init__(self, name: str, clock: ScaledClock, columns: Sequence[int]) -> None:
        self.name: str = name
        self.done = asyncio.Event()
        self._clock = clock
        self._columns = columns

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        delays = (0.1, 1.0, 0.4, 3.5, 0.2, 0.1, 6.0, 1.9)
        number = 0
        while True:
            number += 1
            await self._clock.sleep(S)
            now = self._clock.now()
            values = [0.5 + 0.25 * ((number // 7 + column) % 4) for column in self._columns]
            delay = round(delays[number % len(delays)] * S)
            yield SampleBatch.of(self._columns, [now - delay] * len(values), values)
            if number == 150:
                self.done.set()


async def test_a_live_runtime_with_two_jittery_sources_is_rebuilt(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    clock = ScaledClock(200.0, origin=BEGIN)
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        ua, mb = Jittery("ua", clock, [0, 1]), Jittery("mb", clock, [2])
        pipeline = pipeline_of(config, journal)
        runtime = Runtime(pipeline, sources=[ua, mb], clock=clock, journal=journal, historian=historian)
        task = asyncio.create_task(runtime.run())
        await ua.done.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    found = rebuilt(config, Past(config, folder).log())
    assert found == journaled(folder)
    conditions = {line.split('"condition":"')[1].split('"')[0] for line in found}
    assert {"T1.alarm", "T2.alarm", "both", "cut", "discrepancy:T1"} <= conditions
