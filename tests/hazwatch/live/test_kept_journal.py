"""The file of a journal that version 0.1.0 wrote is read, verified and printed as on the day when it was written."""

import json
from pathlib import Path
from shutil import copy

import pytest

from adapters.stores import Journal, JournalReader
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of, history
from tests.alarms.kept_journal import FOLDER, LINES, STATE


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    copy(FOLDER / "journal.db", tmp_path)
    return DataFolder(tmp_path)


def test_the_chain_of_hashes_is_unbroken(data: DataFolder) -> None:
    reader = JournalReader(data.journal)
    assert reader.verify() is None
    assert list(reader.head()) == STATE["head"]


def test_the_file_holds_the_records_of_the_lines(data: DataFolder) -> None:
    records = JournalReader(data.journal).read()
    assert [[record.number, record.time, record.kind, json.loads(record.text())] for record in records] == [
        [entry["number"], entry["time"], entry["kind"], entry["body"]] for entry in map(json.loads, LINES)
    ]


def test_the_same_records_give_the_same_hash_in_a_new_journal(data: DataFolder, tmp_path: Path) -> None:
    records = list(JournalReader(data.journal).read())
    with Journal(tmp_path / "again.db") as journal:
        journal.append(records).result()
        assert list(journal.head()) == STATE["head"]


def test_the_rule_sets_that_came_into_force_are_those_of_the_journal(data: DataFolder) -> None:
    reader = JournalReader(data.journal)
    assert [
        [rules.version, rules.since, rules.record, rules.author, rules.approver, rules.reason, rules.approved]
        for rules in history(reader)
    ] == STATE["rule_sets"]
    assert [content_of(reader, rules) is None for rules in history(reader)] == [True, False, False, False]


@pytest.mark.parametrize("late", [False, True], ids=["live", "late"])
def test_its_events_are_printed_in_the_same_lines(
    data: DataFolder, capsys: pytest.CaptureFixture[str], *, late: bool
) -> None:
    assert main(["events", "--data", str(data.path), *(["--late"] if late else [])]) == 0
    assert capsys.readouterr().out.splitlines() == STATE["late_lines" if late else "event_lines"]
