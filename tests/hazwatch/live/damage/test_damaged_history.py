"""A damaged history, snapshot or copy of the site file is named wherever it is read, and stops nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.stores import Historian, Journal, JournalReader
from hazwatch.cli.exit_codes import DAMAGED, OK, REFUSED, UNAVAILABLE
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot, catch_up
from hazwatch.live.resume import latest, resumed
from hazwatch.live.site_in_force import CopyError, read_copy, state_of_copy
from hazwatch.site.config import Config
from tests.hazwatch.live.live_runs import BEGIN, S, batch_of, config_in
from tests.ports import free_port

DAY_FILE = "2027-01-15.hist"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    """A data folder of a run of ten batches, with a snapshot before the last five."""
    folder = DataFolder(tmp_path / "data")
    folder.path.mkdir()
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        before = latest(folder)
        pipeline = resumed(config, folder, journal, (), BEGIN, approval=None)
        historian.start(BEGIN)
        journal.append(pipeline.start(BEGIN))
        for number in range(1, 11):
            if number == 6:
                Snapshot.of(pipeline, before).write(folder.snapshot)
            stamped, records = pipeline.feed(
                batch_of(config, "T1", [(0.0, number % 4)], BEGIN + number * S), BEGIN + number * S
            )
            historian.append(stamped)
            journal.append(records)
    return folder


def damage_entry(folder: DataFolder, number: int) -> None:
    """Alter one bit of the time of an entry; entry 1 is the start of the run."""
    with closing(sqlite3.connect(folder.history / DAY_FILE)) as database:
        database.execute("UPDATE head SET time = time + 1024 WHERE entry = ?", (number,))
        database.commit()


def test_a_restart_over_a_damage_takes_conditions_from_the_journal_and_says_why(
    folder: DataFolder, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    assert catch_up(config, folder, BEGIN + 20 * S) is not None
    damage_entry(folder, 9)
    assert catch_up(config, folder, BEGIN + 20 * S) is None
    assert "the history is damaged" in caplog.text
    assert "entries 9 to 9 are damaged" in caplog.text


def test_a_damage_before_the_snapshot_does_not_stop_a_restart_from_going_on(folder: DataFolder, config: Config) -> None:
    damage_entry(folder, 3)
    assert catch_up(config, folder, BEGIN + 20 * S) is not None


def test_history_prints_what_is_sound_and_names_the_damage(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["history", str(config.path), "--data", str(folder.path), "--point", "T1"]
    assert main(words) == OK
    whole = capsys.readouterr().out.splitlines()
    damage_entry(folder, 4)
    assert main(words) == DAMAGED
    out, err = capsys.readouterr()
    assert set(out.splitlines()) < set(whole)
    assert len(out.splitlines()) == len(whole) - 1
    assert "2027-01-15 的历史：第 4 至 4 项损坏" in err
    assert "history of 2027-01-15: entries 4 to 4 are damaged; samples of all points" in err


def test_verify_covers_history_snapshot_and_copy(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data", str(folder.path)]) == OK
    out = capsys.readouterr().out
    assert f"{DAY_FILE}: 完好" in out
    assert "sound; 11 entries with 10 samples" in out
    assert "snapshot of the engine: sound" in out
    assert "site file in force: the copy is sound" in out
    damage_entry(folder, 4)
    folder.snapshot.write_bytes(folder.snapshot.read_bytes()[:-1])
    text = folder.site_copy.read_text(encoding="utf-8")
    folder.site_copy.write_text(text.replace("6s", "7s"), encoding="utf-8")
    assert main(["verify", "--data", str(folder.path)]) == REFUSED
    out = capsys.readouterr().out
    assert "damaged; 10 entries with 9 samples are sound" in out
    assert "entries 4 to 4 are damaged" in out
    assert "snapshot of the engine: damaged" in out
    assert "site file in force: the copy is damaged or was changed" in out


def test_every_flipped_bit_of_the_copy_of_the_site_file_is_found(folder: DataFolder) -> None:
    content = folder.site_copy.read_bytes()
    assert state_of_copy(folder) == "sound"
    for place in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        folder.site_copy.write_bytes(bytes(damaged))
        assert state_of_copy(folder) == "damaged"
    folder.site_copy.write_bytes(content[: len(content) // 2])
    assert state_of_copy(folder) == "damaged"


def test_a_changed_copy_takes_the_place_of_no_site_file(folder: DataFolder) -> None:
    assert read_copy(folder, None, None).site.id
    text = folder.site_copy.read_text(encoding="utf-8")
    # The version of the rules does not cover where a source is: only the checksum finds this.
    folder.site_copy.write_text(text.replace("4840", "4841"), encoding="utf-8")
    with pytest.raises(CopyError, match="damaged, or somebody changed it"):
        read_copy(folder, None, None)


def test_a_copy_of_an_earlier_version_has_no_checksum_and_serves(folder: DataFolder, config: Config) -> None:
    folder.site_copy.write_bytes(config.path.read_bytes())
    assert state_of_copy(folder) == "unchecked"
    assert read_copy(folder, None, None).rules.version == config.rules.version


def test_a_back_test_names_what_it_did_not_evaluate(folder: DataFolder, config: Config, tmp_path: Path) -> None:
    damage_entry(folder, 4)
    out, page = tmp_path / "report.json", tmp_path / "report.html"
    main(["backtest", str(config.path), "--data", str(folder.path), "--json", str(out), "--html", str(page)])
    (damage,) = json.loads(out.read_bytes())["damages"]
    assert (damage["day"], damage["what"]) == ("2027-01-15", "entries 4 to 4 are damaged")
    assert damage["start"] <= BEGIN + 3 * S < damage["end"]
    assert "未评估：历史库有损坏" in page.read_text(encoding="utf-8")


def test_status_without_an_engine_tells_the_state_of_the_folder(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    damage_entry(folder, 5)
    url = f"http://127.0.0.1:{free_port()}"
    assert main(["status", "--data", str(folder.path), "--url", url]) == UNAVAILABLE
    lines = capsys.readouterr().out.splitlines()
    assert "no engine answers" in lines[0]
    assert any("journal in" in line and JournalReader(folder.journal).head()[1] in line for line in lines)
    assert any("standing alarms: red" in line for line in lines)
    assert any("entries 5 to 5 are damaged" in line for line in lines)


def test_status_without_engine_and_folder_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert main(["status", "--data", str(tmp_path / "none"), "--url", url]) == UNAVAILABLE
    assert "none" in capsys.readouterr().err
