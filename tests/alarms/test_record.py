"""A record that is not as its class says is refused, by its number and the key that is wrong."""

import json
from typing import Any

import pytest

from alarms import (
    RECORD_KINDS,
    AlarmAcknowledgement,
    AlarmReturn,
    JournalEntry,
    Record,
    RecordFormatError,
)
from tests.alarms.kept_journal import LINES


def kept(kind: str, **values: object) -> dict[str, Any]:
    """Return the body of the first kept record of a kind that has these values."""
    for line in LINES:
        entry = json.loads(line)
        if entry["kind"] == kind and values.items() <= entry["body"].items():
            return dict(entry["body"])
    raise LookupError(kind)


EVENT = kept("event", transition="raise")
ACKNOWLEDGE = kept("alarm", change="acknowledge")
OPEN = kept("ticket", change="open")
RECTIFY = kept("ticket", change="rectify")
FIND = kept("retrospective", change="find")
RULES = kept("rules")


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        pytest.param("start", {}, "rules", id="a key is missing"),
        pytest.param("start", {"rules": 7}, "rules", id="a number for a text"),
        pytest.param("start", {"rules": "a", "by": "b"}, "by", id="a key of no format"),
        pytest.param("rules", RULES | {"approved": "1"}, "approved", id="a text for a time"),
        pytest.param("event", EVENT | {"transition": "rise"}, "transition", id="a transition of none"),
        pytest.param("event", without(EVENT, "seq"), "seq", id="an event without a number"),
        pytest.param("alarm", ACKNOWLEDGE | {"to": "seen"}, "to", id="a state of none"),
        pytest.param("alarm", ACKNOWLEDGE | {"change": "see"}, "change", id="a change of none"),
        pytest.param("alarm", without(ACKNOWLEDGE, "change"), "change", id="no change"),
        pytest.param("alarm", without(ACKNOWLEDGE, "command"), "command", id="an acknowledgement of nobody"),
        pytest.param("alarm", ACKNOWLEDGE | {"command": RECTIFY["command"]}, "command", id="another command"),
        pytest.param(
            "ticket", RECTIFY | {"command": without(RECTIFY["command"], "due")}, "command", id="a command without a key"
        ),
        pytest.param(
            "ticket", RECTIFY | {"command": RECTIFY["command"] | {"by": 1}}, "command", id="a command by a number"
        ),
        pytest.param("ticket", OPEN | {"level": "purple"}, "level", id="a level of none"),
        pytest.param("retrospective", FIND | {"quality": "FAIR"}, "quality", id="a quality of none"),
        pytest.param("retrospective", FIND | {"until": None}, "until", id="null for a time"),
        pytest.param("note", {}, "kind", id="a kind of none"),
    ],
)
def test_a_wrong_body_is_refused_by_record_and_field(kind: str, body: dict[str, Any], field: str) -> None:
    with pytest.raises(RecordFormatError, match=rf"^record 7: {field}: ") as refused:
        Record.read(7, 1, kind, json.dumps(body))
    assert (refused.value.number, refused.value.field) == (7, field)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"rules":', "{rules: 1}"])
def test_what_is_no_object_of_json_is_refused(text: str) -> None:
    with pytest.raises(RecordFormatError, match=r"^record 7: body: "):
        Record.read(7, 1, "start", text)


def test_a_command_that_was_accepted_once_is_not_judged_anew() -> None:
    command = ACKNOWLEDGE["command"] | {"by": "张\u200b三"}
    record = Record.read(7, 1, "alarm", json.dumps(ACKNOWLEDGE | {"command": command}))
    assert isinstance(record.entry, AlarmAcknowledgement)
    assert record.entry.command.by == "张\u200b三"


def test_every_kind_of_record_has_a_class() -> None:
    classes = {line_kind: type(_entry(line)) for line in LINES if (line_kind := json.loads(line)["kind"])}
    assert classes.keys() | {"presentation"} == set(RECORD_KINDS)
    assert all(kind == entry.kind for kind, entry in classes.items())


def test_a_return_without_note_and_command_has_neither_key() -> None:
    body = kept("alarm", change="return")
    record = Record.read(1, 1, "alarm", json.dumps(body))
    assert isinstance(record.entry, AlarmReturn)
    assert (record.entry.note, record.entry.command) == (None, None)
    assert list(json.loads(record.text())) == ["alarm", "episode", "change", "from", "to"]


def _entry(line: str) -> JournalEntry:
    entry = json.loads(line)
    return Record.read(entry["number"], entry["time"], entry["kind"], json.dumps(entry["body"])).entry
