"""A calculated point raises `fault` at a first start while an input is missing, and never because of a restart."""

from contextlib import closing
from pathlib import Path

import pytest

from adapters.stores import Historian, Journal
from alarms import Record, events_of
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot
from hazwatch.live.resume import latest, resumed
from hazwatch.site.config import Config, load
from tests import sites
from tests.hazwatch.live.live_runs import BEGIN, S, batch_of

INPUTS = (sites.HEAD, sites.point("T1", stale_after="30s"), sites.point("T2", stale_after="30s"))


def config_of(tmp_path: Path, **keys: object) -> Config:
    file = tmp_path / "site.toml"
    file.write_text(sites.text(*INPUTS, sites.point("R1", expression="T1 / T2", **keys)), encoding="utf-8")
    return load(file)


def run(config: Config, folder: DataFolder, now: int, *, seconds: int, kill: bool = False) -> list[str]:
    """Run for some seconds, in which T1 comes a second before T2; return the events of the calculated point."""
    records: list[Record] = []
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        before = latest(folder)
        pipeline = resumed(config, folder, journal, (), now)
        historian.start(now)
        records += pipeline.start(now)
        Snapshot.of(pipeline, before).write(folder.snapshot)
        for second in range(1, seconds):
            at = now + second * S
            name = "T1" if second % 2 else "T2"
            stamped, found = pipeline.feed(batch_of(config, name, [(0, second % 3)], at), at)
            historian.append(stamped)
            records += found
        journal.append(records)
        if not kill:
            Snapshot.of(pipeline, before).write(folder.snapshot)
    return [f"{e.condition} {e.transition}" for e in events_of(records) if e.point == "R1"]


def test_a_first_start_raises_and_clears_without_a_delay(tmp_path: Path) -> None:
    assert run(config_of(tmp_path), DataFolder(tmp_path / "data"), BEGIN, seconds=20) == [
        "fault:R1 raise",
        "fault:R1 clear",
    ]


def test_a_first_start_is_quiet_with_a_delay(tmp_path: Path) -> None:
    config = config_of(tmp_path, fault={"on_delay": "10s"})
    assert run(config, DataFolder(tmp_path / "data"), BEGIN, seconds=20) == []


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
@pytest.mark.parametrize("pause", [1, 3600], ids=["a short pause", "an hour, longer than stale_after"])
def test_a_restart_raises_nothing(kill: bool, pause: int, tmp_path: Path) -> None:
    config, folder = config_of(tmp_path), DataFolder(tmp_path / "data")
    run(config, folder, BEGIN, seconds=20, kill=kill)
    for number in range(1, 4):
        assert run(config, folder, BEGIN + number * (20 + pause) * S, seconds=20, kill=kill) == []


@pytest.mark.parametrize("pause", [1, 3600])
@pytest.mark.parametrize(
    ("keys", "events"), [({}, ["fault:R1 raise", "fault:R1 clear"]), ({"fault": {"on_delay": "10s"}}, [])]
)
def test_a_restart_without_a_snapshot_that_fits_is_like_a_first_start(
    keys: dict[str, object], events: list[str], pause: int, tmp_path: Path
) -> None:
    config, folder = config_of(tmp_path, **keys), DataFolder(tmp_path / "data")
    run(config, folder, BEGIN, seconds=20)
    folder.snapshot.write_bytes(b"of another version")
    assert run(config, folder, BEGIN + (20 + pause) * S, seconds=20) == events
