"""The comparison of two lists of records finds each kind of difference, and lets keys and defaults differ."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.reference.ledger.compare import differing, random_ledger_case, read_lines, write_case
from tests.reference.ledger.random_sites import toml_of

COMMAND = {"command": "reset", "alarm": "A", "by": "张三", "key": "k"}
RECORDS: list[dict[str, Any]] = [
    {"number": 1, "time": 5, "kind": "alarm", "body": {"alarm": "A", "to": "normal", "command": COMMAND}},
    {"number": None, "time": 5, "kind": "refused", "body": {"key": "k2", "reason": "not_in"}},
    {"number": 2, "time": 6, "kind": "notice", "body": {"notice": "N", "key": "0" * 16}},
    {"number": 3, "time": 7, "kind": "notice", "body": {"notice": "N", "key": "1" * 16}},
]


def test_equal_records_do_not_differ() -> None:
    assert differing(RECORDS, copy.deepcopy(RECORDS)) == []


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, {"time": 6}),
        (0, {"kind": "ticket"}),
        (1, {"number": 2}),
        (0, {"body": {"to": "normal", "alarm": "A", "command": COMMAND}}),
        (0, {"body": {"alarm": "A", "to": "acked", "command": COMMAND}}),
        (0, {"body": {"alarm": "A", "to": "normal", "command": COMMAND | {"by": "李四"}}}),
        (1, {"body": {"key": "k3", "reason": "not_in"}}),
        (3, {"body": {"notice": "N", "key": "0" * 16}}),
    ],
)
def test_a_changed_record_differs(number: int, change: dict[str, Any]) -> None:
    written = copy.deepcopy(RECORDS)
    written[number] |= change
    assert differing(RECORDS, written) == [f"expected {RECORDS[number]}", f"found {written[number]}"]


def test_a_missing_record_differs() -> None:
    assert len(differing(RECORDS, RECORDS[:-1])) == len(differing(RECORDS[:-1], RECORDS)) == 2


def test_keys_of_notices_may_be_others_and_commands_may_have_defaults() -> None:
    written = copy.deepcopy(RECORDS)
    written[0]["body"]["command"] |= {"note": "", "role": None}
    written[2]["body"]["key"], written[3]["body"]["key"] = "a" * 16, "b" * 16
    assert differing(RECORDS, written) == []
    written[3]["body"]["key"] = "a" * 16
    assert len(differing(RECORDS, written)) == 2


def test_a_case_is_written_as_files_that_say_the_same(tmp_path: Path) -> None:
    case = random_ledger_case(3)
    write_case(case, tmp_path)
    assert tomllib.loads(toml_of(case.site)) == tomllib.loads((tmp_path / "site.toml").read_text("utf-8"))
    assert tomllib.loads(toml_of(case.site)) == case.site
    assert read_lines(tmp_path / "commands.jsonl") == case.commands
    assert len((tmp_path / "trace.csv").read_text("utf-8").splitlines()) == len(case.rows) + 1
