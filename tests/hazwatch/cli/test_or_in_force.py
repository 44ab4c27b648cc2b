"""`run --or-in-force` gives a journal up only if the journal is at fault, and nothing under a running engine."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.stores import Anchor, AnchorKey, Journal, JournalReader, lock_journal
from hazwatch.cli.exit_codes import UNAVAILABLE
from hazwatch.cli.fallback import stand_in
from hazwatch.cli.journal_refusal import MineRefusedError, accept, mine_or_refuse
from hazwatch.cli.main import main
from hazwatch.cli.options import RefusedError, UnavailableError
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import UTC, KeptLedger, keep_state
from hazwatch.site.config import Config
from plant import Message
from tests.hazwatch.live.live_runs import BEGIN, S, config_in
from tests.hazwatch.live.whole_folders import play


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    play(config, folder, BEGIN)
    reader = JournalReader(folder.journal)
    keep_state(folder, reader, KeptLedger.of(folder, reader, {}, UTC).ledger)
    return folder


def renamed(config: Config, folder: DataFolder, id_: str = "999") -> Config:
    """Return the site under the id of another mine."""
    place = folder.path.with_name(f"mine {id_}")
    place.mkdir()
    return config_in(place, config.path.read_text(encoding="utf-8").replace(f'"{config.site.id}"', f'"{id_}"'))


def with_anchors_of_another(config: Config, folder: DataFolder) -> Config:
    """Return the site with a file of anchors in which this machine signed the head of another journal."""
    file = folder.path.with_name("others.jsonl")
    AnchorKey(folder.anchor_key).append(file, config.site.id, BEGIN, Anchor(b"\1" * 32, 7, b"\2" * 32))
    place = folder.path.with_name("other anchors")
    place.mkdir()
    return config_in(place, f'{config.path.read_text(encoding="utf-8")}\n[anchors]\nfile = "{file}"\n')


def files(folder: DataFolder) -> set[str]:
    return {path.name for path in folder.path.iterdir()} - {"journal.db.lock"}


def refusal_of(folder: DataFolder, config: Config) -> MineRefusedError:
    with pytest.raises(MineRefusedError) as refused:
        mine_or_refuse(folder, config)
    return refused.value


@pytest.mark.parametrize("wrong", [renamed, with_anchors_of_another])
def test_a_site_file_that_does_not_fit_a_sound_journal_is_what_is_not_taken(
    folder: DataFolder, config: Config, wrong: Callable[[Config, DataFolder], Config]
) -> None:
    kept, given_up = stand_in(folder, refusal_of(folder, wrong(config, folder)))
    assert given_up is None
    assert kept.path == folder.site_copy


def test_a_journal_that_the_copy_contradicts_is_given_up(folder: DataFolder, config: Config, tmp_path: Path) -> None:
    other = renamed(config, folder)
    (tmp_path / "b").mkdir()
    foreign = DataFolder(tmp_path / "b" / "data")
    play(other, foreign, BEGIN + 7 * S)
    copyfile(foreign.journal, folder.journal)
    for refusal in (refusal_of(folder, config), RefusedError(Message("the site file has mistakes"))):
        kept, given_up = stand_in(folder, refusal)
        assert kept.site.id == config.site.id
        assert isinstance(given_up, MineRefusedError)
    number = JournalReader(folder.journal).head()[0]
    assert stand_in(folder, RefusedError(Message("the site file has mistakes")), number)[1] is None


def test_a_start_beside_a_running_engine_leaves_its_files(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    other, before = renamed(config, folder), files(folder)
    assert {"journal.db", "journal.state", "engine.snapshot"} <= before
    command = ["run", str(other.path), "--data", str(folder.path), "--no-page", "--or-in-force"]
    with lock_journal(folder.journal):
        assert main(command) == UNAVAILABLE
    assert "is writing it" in capsys.readouterr().err
    assert files(folder) == before


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_bad_journal_is_not_set_aside_under_a_running_engine(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str], *, is_lost: bool
) -> None:
    if is_lost:
        folder.journal.unlink()
    else:
        folder.journal.write_bytes(b"junk" * 2000)
    before = files(folder)
    command = ["run", str(config.path), "--data", str(folder.path), "--no-page", "--or-in-force"]
    with lock_journal(folder.journal):
        assert main(command) == UNAVAILABLE
    assert "is writing it" in capsys.readouterr().err
    assert files(folder) == before


def test_a_journal_is_not_accepted_under_a_running_engine(folder: DataFolder) -> None:
    with Journal(folder.journal), pytest.raises(UnavailableError, match="is writing it"):
        accept(folder, Message("an old copy"))
    assert folder.state.exists()
    accept(folder, Message("an old copy"))
    assert not folder.state.exists()
