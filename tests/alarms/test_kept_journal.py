"""The journal that version 0.1.0 wrote adds up to the same state for ever, and its records keep their bytes."""

import json
from zoneinfo import ZoneInfo

from alarms import AlarmSpec, Ledger, Record
from plant import Level
from tests.alarms.kept_journal import LINES, STATE, record_of, state_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
KINDS = {
    "start",
    "rules",
    "event raise",
    "event clear",
    "alarm activate",
    "alarm acknowledge acknowledge",
    "alarm return",
    "alarm return remove",
    "ticket open",
    "ticket attach",
    "ticket rectify rectify",
    "ticket submit submit",
    "ticket refuse refuse",
    "ticket accept accept",
    "retrospective find raise",
    "retrospective find clear",
    "retrospective review",
    "retrospective analyse analyse",
}
"""Every kind of record, with its change or transition, and the command that made it."""


def _records() -> list[Record]:
    return [record_of(line) for line in LINES]


def _folded() -> Ledger:
    specs = {
        name: AlarmSpec(condition=name, hazard_source="gas", points=("T1",), level=Level.RED, ticket=True)
        for name in ("new",)
    }
    ledger = Ledger(specs, SHANGHAI)
    for record in _records():
        ledger.fold(record)
    return ledger


def _name(line: str) -> str:
    entry = json.loads(line)
    body = entry["body"]
    words = (entry["kind"], body.get("change"), body.get("transition"), body.get("command", {}).get("command"))
    return " ".join(word for word in words if word)


def test_the_kept_journal_holds_every_kind_of_record() -> None:
    assert {_name(line) for line in LINES} == KINDS


def test_the_kept_journal_adds_up_to_the_state_of_the_program_that_wrote_it() -> None:
    assert state_of(_folded()) == STATE["ledger"]


def test_a_record_that_was_read_is_written_with_the_same_bytes() -> None:
    for line, record in zip(LINES, _records(), strict=True):
        head = f'{{"number":{record.number},"time":{record.time},"kind":"{record.kind}","body":'
        assert f"{head}{record.text()}}}" == line


def test_the_next_ticket_has_the_number_after_the_last_one_of_the_year() -> None:
    ledger = _folded()
    (alarm,) = (alarm for alarm in ledger.alarms.values() if alarm.condition == "T2.alarm")
    raised = alarm.raised
    fields = json.loads(raised.to_json()) | {"seq": ledger.last_seq + 1, "condition": "new", "point": "T1"}
    ledger.apply([type(raised)(**fields)], alarm.recorded)
    assert list(ledger.tickets)[-1] == "YH-2026-0005"
