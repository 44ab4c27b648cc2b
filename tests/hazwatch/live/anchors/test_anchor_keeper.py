"""The head of the journal goes to the file of anchors once a day, and the file proves or disproves the journal."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.stores import Journal, JournalReader
from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.journal_refusal import JournalRefusedError, mine_or_refuse
from hazwatch.cli.main import main
from hazwatch.live.anchors.keeper import AnchorKeeper, last_line
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config, ConfigError
from plant.units import DAY
from tests.hazwatch.live.live_runs import BEGIN, S, config_in
from tests.hazwatch.live.live_runs import SITE as TABLES
from tests.hazwatch.live.whole_folders import play, rewritten


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    play(config, folder, BEGIN)
    keep(config, folder, BEGIN)
    return folder


def keep(config: Config, folder: DataFolder, now: int) -> AnchorKeeper:
    with Journal(folder.journal) as journal:
        keeper = AnchorKeeper(config, folder, journal)
        keeper.append_if_due(now)
    return keeper


def test_one_line_a_day_is_appended(folder: DataFolder, config: Config) -> None:
    keep(config, folder, BEGIN + S)
    assert len(folder.anchors.read_bytes().splitlines()) == 1
    keep(config, folder, BEGIN + DAY)
    assert len(folder.anchors.read_bytes().splitlines()) == 2
    line = last_line(config, folder)
    assert line is not None
    assert line.anchor.number == JournalReader(folder.journal).head()[0]


def test_the_site_file_names_another_place_and_another_key(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    place, key = tmp_path / "archive" / "mine.jsonl", tmp_path / "archive" / "mine.key"
    config = config_in(tmp_path, f'{TABLES}\n[anchors]\nfile = "{place}"\nkey = "{key}"\n')
    folder = DataFolder(tmp_path / "data")
    play(config, folder, BEGIN)
    keep(config, folder, BEGIN)
    assert place.is_file()
    assert key.is_file()
    assert not folder.anchors.exists()


def test_a_place_out_of_reach_stops_nothing_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = tmp_path / "unplugged" / "anchors.jsonl"
    config = config_in(tmp_path, f'{TABLES}\n[anchors]\nfile = "{place}"\n')
    folder = DataFolder(tmp_path / "data")
    play(config, folder, BEGIN)
    keeper = keep(config, folder, BEGIN)
    assert keeper.trouble is not None
    assert "unplugged" in keeper.trouble
    assert mine_or_refuse(folder, config) is None
    assert "no anchor of the journal" in caplog.text


def test_a_file_of_anchors_proves_the_journal(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    play(config, folder, BEGIN + 60 * S)
    keep(config, folder, BEGIN + DAY)
    assert main(["verify", "--data", str(folder.path), "--anchors", str(folder.anchors)]) == OK
    out = capsys.readouterr().out
    assert "proves the journal up to record" in out
    assert "2 anchors agree" in out


def test_a_file_of_anchors_disproves_a_rewritten_journal_and_an_old_copy(
    folder: DataFolder, config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copyfile(folder.journal, tmp_path / "backup.db")
    number = play(config, folder, BEGIN + 60 * S)
    keep(config, folder, BEGIN + DAY)
    # Whoever can write the data folder can remove all other witnesses.
    for path in (*folder.history.iterdir(), folder.snapshot):
        path.unlink()
    copyfile(folder.journal, tmp_path / "whole.db")
    rewritten(folder.journal, 4)
    words = ["verify", "--data", str(folder.path), "--anchors", str(folder.anchors)]
    assert main(words) == REFUSED
    assert "the journal was rewritten" in capsys.readouterr().out
    copyfile(tmp_path / "backup.db", folder.journal)
    assert main(words) == REFUSED
    assert f"record {number} existed at" in capsys.readouterr().out
    with pytest.raises(JournalRefusedError, match="the last anchor in"):
        mine_or_refuse(folder, config)


def test_lines_that_nobody_signed_and_those_of_another_key_are_named(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    line = folder.anchors.read_bytes()
    folder.anchors.write_bytes(line + line.replace(b'"number": ', b'"number": 1'))
    assert main(["verify", "--data", str(folder.path), "--anchors", str(folder.anchors)]) == REFUSED
    out = capsys.readouterr().out
    assert f"{folder.anchors}:2: 这一行没有有效的签名 / no machine signed this line" in out
    # A stranger's line neither stops a start nor counts as an anchor of this machine.
    folder.anchors.write_bytes(line)
    folder.anchor_key.unlink()
    keep(config, folder, BEGIN + S)
    assert len(folder.anchors.read_bytes().splitlines()) == 2


def test_a_missing_file_is_refused(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data", str(folder.path), "--anchors", str(folder.path / "none.jsonl")]) == REFUSED
    assert "none.jsonl" in capsys.readouterr().err


def test_the_journal_of_the_mine_is_read_by_any_tool(folder: DataFolder, config: Config) -> None:
    with closing(sqlite3.connect(folder.journal)) as database:
        assert database.execute("SELECT id FROM mine").fetchone() == (config.site.id,)


@pytest.mark.parametrize("key", ["file", "key"])
def test_a_site_file_that_names_a_pipe_or_a_folder_is_refused(tmp_path: Path, key: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, problem in ((tmp_path / "pipe", "found a pipe"), (tmp_path, "found a folder")):
        with pytest.raises(ConfigError, match=problem):
            config_in(tmp_path, f'{TABLES}\n[anchors]\n{key} = "{place}"\n')


def test_verifying_with_an_endless_device_is_refused(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data", str(folder.path), "--anchors", "/dev/zero"]) == REFUSED
    assert "found a pipe, a device" in capsys.readouterr().err
