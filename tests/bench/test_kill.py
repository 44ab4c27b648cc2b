"""The judge of the attack by kills passes sound stores, and names what a kill may have done to others."""

from pathlib import Path

import pytest

from adapters.stores.historian.folder import path_of
from bench.attacks.kill import judge
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from plant.units import DAY
from tests.hazwatch.live.live_runs import BEGIN, Step, config_in, run

STEPS: list[Step] = [(1.0, "T2", [(0.0, 4)]), (1.0, "T1", [(0.0, 4)]), (3.0, "T2", [(0.0, 0)])]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    data = DataFolder(tmp_path / "data")
    run(config, data, STEPS, BEGIN)
    return data


def test_sound_stores_pass(config: Config, folder: DataFolder) -> None:
    assert judge(config, folder, "a quiet log", [], 1) is None


def test_samples_that_parted_from_their_records_are_found(config: Config, folder: DataFolder) -> None:
    path_of(folder.history, BEGIN // DAY).unlink()
    assert judge(config, folder, "", [], 1) == "journal and replay of the history differ"


def test_a_lost_command_and_a_distrusted_snapshot_are_found(config: Config, folder: DataFolder) -> None:
    assert judge(config, folder, "", ["key-1"], 1) == "an accepted command is lost"
    assert judge(config, folder, "snapshot not used", [], 1) == "the snapshot was not used"
