"""A journal of format 2, the first with presentations, is read, verified and goes on for ever."""

import json
from dataclasses import asdict
from pathlib import Path
from shutil import copy
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from adapters.stores import JournalReader
from alarms import Ledger, Record
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of, history, presentations
from hazwatch.site.presentation import Presentation

FOLDER: Final = Path(__file__).parents[3] / "cases" / "journal" / "format-2"
LINES: Final = (FOLDER / "records.jsonl").read_text(encoding="utf-8").splitlines()
STATE: Final[dict[str, Any]] = json.loads((FOLDER / "state.json").read_text(encoding="utf-8"))


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    copy(FOLDER / "journal.db", tmp_path)
    return DataFolder(tmp_path)


def records() -> list[Record]:
    entries = [(json.loads(line), line.partition('"body":')[2].removesuffix("}")) for line in LINES]
    return [Record.read(entry["number"], entry["time"], entry["kind"], body) for entry, body in entries]


def test_a_record_that_was_read_is_written_with_the_same_bytes() -> None:
    assert "presentation" in {record.kind for record in records()}
    for line, record in zip(LINES, records(), strict=True):
        assert line.endswith(f'"body":{record.text()}}}')


def test_the_chain_of_hashes_is_unbroken_and_the_file_holds_the_lines(data: DataFolder) -> None:
    reader = JournalReader(data.journal)
    assert reader.verify() is None
    assert list(reader.head()) == STATE["head"]
    assert list(reader.read()) == records()


def test_rules_and_presentations_that_came_into_force_are_those_of_the_journal(data: DataFolder) -> None:
    reader = JournalReader(data.journal)
    assert [asdict(each) for each in history(reader)] == STATE["rules"]
    assert [asdict(each) for each in presentations(reader)] == STATE["presentations"]
    for each in presentations(reader):
        content = content_of(reader, each)
        assert content is not None
        assert Presentation(content).version == each.version


def test_the_ledger_knows_the_latest_of_both() -> None:
    ledger = Ledger({}, ZoneInfo("Asia/Shanghai"))
    for record in records():
        ledger.fold(record)
    assert ledger.rules is not None
    assert ledger.presentation is not None
    assert (asdict(ledger.rules), asdict(ledger.presentation)) == (STATE["rules"][-1], STATE["presentations"][-1])
