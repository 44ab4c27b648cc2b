"""The page about alarms shows what the tables hold, in both languages."""

from enum import StrEnum

import pytest

from alarms import RECORD_KINDS, AlarmState, Reason, TicketState
from alarms.states import TRANSITIONS
from alarms.ticket import TICKET_TRANSITIONS
from tests.alarms.diagram import diagram
from tests.docs.pages import LANGUAGES, both

TEXTS = list(both("alarms.md").values())


@pytest.mark.parametrize("text", TEXTS, ids=LANGUAGES)
@pytest.mark.parametrize(
    ("name", "drawn"),
    [("alarm", diagram(TRANSITIONS)), ("ticket", diagram(TICKET_TRANSITIONS))],
    ids=["alarm", "ticket"],
)
def test_the_diagram_is_that_of_the_table(name: str, drawn: str, text: str) -> None:
    _, _, after = text.partition(f"<!-- {name} -->\n```mermaid\n")
    shown, _, _ = after.partition("```")
    assert shown == drawn + "\n", f"write this into alarms.md:\n{drawn}"


@pytest.mark.parametrize("text", TEXTS, ids=LANGUAGES)
@pytest.mark.parametrize("words", [AlarmState, TicketState, Reason])
def test_every_word_has_its_row(words: type[StrEnum], text: str) -> None:
    missing = [word.value for word in words if f"| `{word.value}` |" not in text]
    assert not missing


@pytest.mark.parametrize("text", TEXTS, ids=LANGUAGES)
def test_every_kind_of_record_has_its_row(text: str) -> None:
    assert [kind for kind in RECORD_KINDS if f"| `{kind}` |" not in text] == []
