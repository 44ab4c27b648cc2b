"""A start over an older break leaves out what is broken and says so; a break at the end is refused with what to do."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.stores import TAIL, Journal, JournalReader
from alarms import AlarmActivation, Record, RunStart
from hazwatch.cli.exit_codes import DAMAGED, OK, REFUSED, UNAVAILABLE
from hazwatch.cli.fallback import begin_anew, stand_in
from hazwatch.cli.journal_refusal import JournalRefusedError, journal_or_refuse
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot
from hazwatch.live.resume import resumed
from hazwatch.site.config import Config
from hazwatch.words.breaks import lost_notice
from tests.hazwatch.live.live_runs import BEGIN, S, batch_of, config_in


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, config: Config) -> DataFolder:
    """A data folder whose run raised T1, with a snapshot at its end, and more than TAIL records behind."""
    folder = DataFolder(tmp_path / "data")
    folder.path.mkdir()
    with Journal(folder.journal) as journal:
        pipeline = resumed(config, folder, journal, (), BEGIN)
        journal.append(pipeline.start(BEGIN))
        journal.append(pipeline.feed(batch_of(config, "T1", [(0.0, 4)], BEGIN + S), BEGIN + S)[1])
        first = pipeline.ledger.last_number + 1
        starts = [Record(n, BEGIN + S, RunStart(rules=config.rules.version)) for n in range(first, first + TAIL + 1)]
        journal.append(starts)
        for record in starts:
            pipeline.ledger.fold(record)
        Snapshot.of(pipeline, BEGIN - 1).write(folder.snapshot)
    return folder


def alter(folder: DataFolder, number: int) -> None:
    with closing(sqlite3.connect(folder.journal)) as database:
        database.execute("DROP TRIGGER IF EXISTS record_stays")
        database.execute("UPDATE record SET body = replace(body, '\"', '\"\"') WHERE number = ?", (number,))
        database.commit()


def activation(folder: DataFolder) -> int:
    records = JournalReader(folder.journal).read()
    return next(record.number for record in records if isinstance(record.entry, AlarmActivation))


@pytest.mark.parametrize("which", ["event", "activation", "rules"])
def test_a_start_over_an_older_break_goes_on_and_says_so(folder: DataFolder, config: Config, which: str) -> None:
    number = {"rules": 1, "event": activation(folder) - 1, "activation": activation(folder)}[which]
    alter(folder, number)
    journal_or_refuse(folder)
    with Journal(folder.journal) as journal:
        pipeline = resumed(config, folder, journal, (), BEGIN + 60 * S)
        assert pipeline.ledger.lost.ranges == [(number, number)]
        assert f"records {number} were left out" in lost_notice(pipeline.ledger.lost)
        # Engine and ledger agree on what stands: a clear and a raise are no errors.
        journal.append(pipeline.start(BEGIN + 60 * S))
        for second, value in ((61, 0), (64, 0), (67, 4)):
            at = BEGIN + second * S
            journal.append(pipeline.feed(batch_of(config, "T1", [(0.0, value)], at), at)[1])
        assert pipeline.ledger.alarms["T1.alarm"].raised.time == BEGIN + 67 * S
    assert JournalReader(folder.journal).verify() == number


def test_events_and_tickets_print_what_is_sound_and_name_what_is_not(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("events", "tickets"):
        assert main([command, "--data", str(folder.path)]) == OK
    alter(folder, activation(folder) - 1)
    capsys.readouterr()
    for command in ("events", "tickets"):
        assert main([command, "--data", str(folder.path)]) == DAMAGED
        out, err = capsys.readouterr()
        assert f"broken at record {activation(folder) - 1}" in err
        assert "T1" not in out


def test_rules_names_the_records_that_are_left_out(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--data", str(folder.path)]) == OK
    alter(folder, 1)
    assert main(["rules", "--data", str(folder.path)]) == DAMAGED
    assert "broken at record 1\n" in capsys.readouterr().err


def test_a_table_that_cannot_be_read_ends_a_command_with_a_message(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(folder.journal)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'record'").fetchone()
    content = bytearray(folder.journal.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = random.Random(1).randbytes(4096)
    folder.journal.write_bytes(content)
    assert main(["events", "--data", str(folder.path)]) == UNAVAILABLE
    assert f"{folder.journal}: " in capsys.readouterr().err
    assert main(["rules", "--data", str(folder.path)]) in {UNAVAILABLE, DAMAGED}


def test_verify_names_every_break_and_goes_on_with_the_other_stores(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    alter(folder, 2)
    assert main(["verify", "--data", str(folder.path)]) == REFUSED
    out = capsys.readouterr().out
    assert "第 2 条记录被改动 / broken at record 2\n" in out
    assert "a start leaves the broken records out" in out
    assert "snapshot of the engine: sound" in out
    alter(folder, JournalReader(folder.journal).head()[0])
    main(["verify", "--data", str(folder.path)])
    assert "a start refuses this journal" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"junk" * 2000, b"SQLite format 3\0" + bytes(5000), b"x"])
def test_verify_of_what_is_no_journal_goes_on_with_the_other_stores(
    folder: DataFolder, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    folder.journal.write_bytes(content)
    assert main(["verify", "--data", str(folder.path)]) == REFUSED
    out = capsys.readouterr().out
    assert "evidence" in out
    assert "snapshot of the engine: sound" in out


def test_a_break_at_the_end_is_refused_with_what_to_do(
    folder: DataFolder, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    last = JournalReader(folder.journal).head()[0]
    alter(folder, last)
    assert main(["run", str(config.path), "--data", str(folder.path), "--no-page"]) == REFUSED
    err = capsys.readouterr().err
    assert f"broken at record {last}, among the last 1000" in err
    assert "start with --or-in-force" in err


def test_or_in_force_sets_a_broken_journal_aside_and_goes_on_with_the_copy(folder: DataFolder, config: Config) -> None:
    alter(folder, JournalReader(folder.journal).head()[0])
    content = folder.journal.read_bytes()
    with pytest.raises(JournalRefusedError) as refused:
        journal_or_refuse(folder)
    kept, given_up = stand_in(folder, refused.value)
    assert kept.rules.version == config.rules.version
    assert given_up is refused.value
    notice = begin_anew(folder, refused.value)
    assert "set aside as journal.db.broken-1 and a new journal begun" in notice.en
    assert (folder.path / "journal.db.broken-1").read_bytes() == content
    with Journal(folder.journal) as journal:
        assert resumed(config, folder, journal, (), BEGIN + 60 * S).ledger.lost.ranges == []


def test_a_journal_that_cannot_be_read_at_all_is_refused_with_what_to_do(folder: DataFolder) -> None:
    folder.journal.write_bytes(b"junk" * 2000)
    with pytest.raises(JournalRefusedError, match="file is not a database"):
        journal_or_refuse(folder)
