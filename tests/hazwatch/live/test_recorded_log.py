"""The log of past runs gives the events of their journal, byte for byte, however batches came and runs ended."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.site.config import Config
from tests.hazwatch.live.live_runs import BEGIN, S, Step, config_in, run
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
