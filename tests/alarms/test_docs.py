"""docs/alarms.md says what the tables say."""

from enum import StrEnum
from pathlib import Path

import pytest

from alarms import RECORD_KINDS, AlarmState, Reason, TicketState
from alarms.states import TRANSITIONS
from alarms.ticket import TICKET_TRANSITIONS
from tests.alarms.diagram import diagram

PAGE = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "drawn"),
    [("alarm", diagram(TRANSITIONS)), ("ticket", diagram(TICKET_TRANSITIONS))],
    ids=["alarm", "ticket"],
)
def test_the_diagram_is_that_of_the_table(name: str, drawn: str) -> None:
    _, _, after = PAGE.partition(f"<!-- {name} -->\n```mermaid\n")
    shown, _, _ = after.partition("```")
    assert shown == drawn + "\n", f"write this into docs/alarms.md:\n{drawn}"


@pytest.mark.parametrize("words", [AlarmState, TicketState, Reason])
def test_every_word_has_its_row(words: type[StrEnum]) -> None:
    missing = [word.value for word in words if f"| `{word.value}` |" not in PAGE]
    assert not missing


def test_every_kind_of_record_has_its_row() -> None:
    assert [kind for kind in RECORD_KINDS if f"| `{kind}` |" not in PAGE] == []
