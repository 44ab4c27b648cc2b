"""A journal that is old, lacks its log, was rewritten or is of another mine is refused; all else is not."""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.stores import Journal, JournalReader
from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE
from hazwatch.cli.fallback import begin_anew
from hazwatch.cli.journal_refusal import JournalRefusedError, accept, journal_or_refuse, mine_or_refuse
from hazwatch.cli.main import main
from hazwatch.live.anchors.keeper import AnchorKeeper
from hazwatch.live.anchors.succession import open_to_write
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import keep_state
from hazwatch.live.resume import resumed
from hazwatch.site.config import Config
from plant.units import DAY
from tests.hazwatch.live.live_runs import BEGIN, S, config_in
from tests.hazwatch.live.whole_folders import play, rewritten
from tests.strangers import as_a_stranger


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    play(config, folder, BEGIN)
    return folder


def reason(folder: DataFolder) -> str:
    with pytest.raises(JournalRefusedError) as refused:
        journal_or_refuse(folder)
    return "\n".join(map(str, refused.value.args))


def test_the_journal_of_the_folder_is_taken(folder: DataFolder, config: Config) -> None:
    play(config, folder, BEGIN + 60 * S)
    assert journal_or_refuse(folder) is None
    assert mine_or_refuse(folder, config) is None
    assert main(["verify", "--data", str(folder.path)]) == OK


def test_an_old_copy_is_refused_and_a_person_may_accept_it(folder: DataFolder, config: Config, tmp_path: Path) -> None:
    copyfile(folder.journal, tmp_path / "backup.db")
    old = JournalReader(folder.journal).head()[0]
    new = play(config, folder, BEGIN + 60 * S)
    copyfile(tmp_path / "backup.db", folder.journal)
    told = reason(folder)
    assert f"the journal ends with record {old}" in told
    assert f"knows record {new}: it is an old copy" in told
    assert f"--go-on-from {old}" in told
    with pytest.raises(JournalRefusedError) as refused:
        journal_or_refuse(folder, old + 1)
    assert f"--go-on-from {old + 1}: the last record of this journal has another number, {old}" in str(refused.value)
    against = journal_or_refuse(folder, old)
    assert against is not None
    assert "records may be lost" in accept(folder, against).en
    # The next run anchors the journal anew, and later starts need no consent.
    play(config, folder, BEGIN + 120 * S)
    assert journal_or_refuse(folder) is None


@pytest.mark.parametrize("witness", ["history", "snapshot", "state"])
def test_each_witness_alone_finds_an_old_copy(folder: DataFolder, config: Config, tmp_path: Path, witness: str) -> None:
    copyfile(folder.journal, tmp_path / "backup.db")
    play(config, folder, BEGIN + 60 * S)
    with Journal(folder.journal) as journal:
        ledger = resumed(config, folder, journal, (), BEGIN + 90 * S).ledger
        journal.append([]).result()
        if witness == "state":
            keep_state(folder, journal, ledger)
    copyfile(tmp_path / "backup.db", folder.journal)
    if witness != "history":
        for path in folder.history.iterdir():
            path.unlink()
    if witness != "snapshot":
        folder.snapshot.unlink()
    assert {"history": "of the history", "snapshot": "the snapshot", "state": "the state"}[witness] in reason(folder)


def test_a_journal_without_its_log_is_refused(config: Config, tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "data")
    play(config, first, BEGIN, killed=tmp_path / "killed")
    killed = DataFolder(tmp_path / "killed")
    assert journal_or_refuse(killed) is None
    killed.journal.with_name("journal.db-wal").unlink()
    assert "with the file -wal beside it" in reason(killed)
    play(config, first, BEGIN + 60 * S)
    play(config, first, BEGIN + 120 * S, killed=tmp_path / "killed again")
    again = DataFolder(tmp_path / "killed again")
    again.journal.with_name("journal.db-wal").unlink()
    assert "the file journal.db-wal beside it is missing" in reason(again)


def test_the_journal_of_another_mine_is_refused(folder: DataFolder, config: Config, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    text = config.path.read_text(encoding="utf-8")
    other = config_in(tmp_path / "b", text.replace(f'"{config.site.id}"', '"999"'))
    foreign = DataFolder(tmp_path / "b" / "data")
    play(other, foreign, BEGIN + 7 * S)
    with pytest.raises(JournalRefusedError, match=f"belongs to mine 999, and .* of mine {config.site.id}"):
        mine_or_refuse(foreign, config)
    copyfile(foreign.journal, folder.journal)
    assert "belongs to another journal" in reason(folder)


def test_a_rewritten_journal_is_refused_although_its_chain_is_whole(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    rewritten(folder.journal, 4)
    assert JournalReader(folder.journal).verify() is None
    assert "the journal was rewritten before it" in reason(folder)
    assert main(["verify", "--data", str(folder.path)]) == REFUSED
    assert "knows another record" in capsys.readouterr().out


def test_a_damaged_hash_of_the_anchored_record_or_of_the_first_is_no_other_journal(folder: DataFolder) -> None:
    anchor = JournalReader(folder.journal)
    number = anchor.head()[0]
    with Journal(folder.journal) as journal:
        kept = journal.anchor
    assert kept is not None
    with closing(sqlite3.connect(folder.journal)) as database:
        database.execute("DROP TRIGGER record_stays")
        database.execute("UPDATE record SET hash = zeroblob(32) WHERE number = 1")
        database.commit()
    assert JournalReader(folder.journal).compare(kept) == "agrees"
    assert kept.number == number


def test_a_journal_that_begins_anew_is_the_one_of_the_folder_from_then_on(folder: DataFolder, config: Config) -> None:
    folder.journal.write_bytes(b"junk" * 2000)
    with pytest.raises(JournalRefusedError) as refused:
        journal_or_refuse(folder)
    begin_anew(folder, refused.value)
    play(config, folder, BEGIN + 60 * S)
    assert journal_or_refuse(folder) is None


@pytest.mark.parametrize("is_lost", [False, True])
def test_verify_and_anchors_are_at_peace_with_what_is_older_than_a_journal_that_began_anew(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str], *, is_lost: bool
) -> None:
    with Journal(folder.journal) as journal:
        AnchorKeeper(config, folder, journal).append_if_due(BEGIN)
    if is_lost:
        folder.journal.unlink()
    else:
        folder.journal.write_bytes(b"junk" * 2000)
    with pytest.raises(JournalRefusedError) as refused:
        journal_or_refuse(folder)
    begin_anew(folder, refused.value)
    play(config, folder, BEGIN + 2 * DAY)
    assert mine_or_refuse(folder, config) is None
    assert main(["verify", "--data", str(folder.path)]) == OK
    assert "1 file is from before this journal" in capsys.readouterr().out


def test_a_day_of_an_earlier_journal_that_lies_ahead_hides_nothing(
    folder: DataFolder, config: Config, tmp_path: Path
) -> None:
    ahead = DataFolder(tmp_path / "ahead")
    play(config, ahead, BEGIN + 30 * DAY)
    (day,) = ahead.history.glob("*.hist")
    copyfile(day, folder.history / day.name)
    assert "belongs to another journal" in reason(folder)
    folder.journal.unlink()
    with pytest.raises(JournalRefusedError, match="missing") as refused:
        journal_or_refuse(folder)
    begin_anew(folder, refused.value)
    open_to_write(config, folder).close()
    (folder.history / day.name).unlink()
    old = play(config, folder, BEGIN + 60 * S)
    copyfile(folder.journal, tmp_path / "backup.db")
    play(config, folder, BEGIN + 120 * S)
    copyfile(day, folder.history / day.name)
    assert journal_or_refuse(folder) is None
    folder.snapshot.unlink()
    copyfile(tmp_path / "backup.db", folder.journal)
    assert f"the journal ends with record {old}" in reason(folder)


def test_a_blank_file_in_a_new_folder_is_a_first_start(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new")
    folder.path.mkdir()
    folder.journal.touch()
    assert journal_or_refuse(folder) is None


def test_a_report_over_the_history_names_the_head_of_the_journal(
    folder: DataFolder, config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, digest = JournalReader(folder.journal).head()
    out, page = tmp_path / "report.json", tmp_path / "report.html"
    main(["backtest", str(config.path), "--data", str(folder.path), "--json", str(out), "--html", str(page)])
    assert f"record {number}, hash {digest}" in capsys.readouterr().out
    assert json.loads(out.read_bytes())["journal"] == {"number": number, "hash": digest}
    assert digest in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["verify", "events", "tickets", "rules"])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_read_only_copy_of_the_folder_is_verified_and_read(
    config: Config, command: str, is_killed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder, killed = DataFolder(Path(name) / "data"), Path(name) / "killed"
        play(config, folder, BEGIN, killed=killed)
        assert main([command, "--data", str(folder.path)]) == OK
        written = capsys.readouterr().out
        path = killed if is_killed else folder.path
        for each in (path, path / "history"):
            each.chmod(0o555)
        with as_a_stranger():
            code = main([command, "--data", str(path)])
        for each in (path, path / "history"):
            each.chmod(0o755)
        assert code == OK
        if command != "verify":
            assert capsys.readouterr().out == written


def test_verify_explains_a_lost_journal_as_a_start_does(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.journal.unlink()
    advice = reason(folder)
    assert main(["verify", "--data", str(folder.path)]) == UNAVAILABLE
    err = capsys.readouterr().err
    assert all(line.split(": ")[-1] in err for line in advice.splitlines())
    assert "or begin anew in another folder" in err
