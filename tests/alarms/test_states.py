"""The lifecycle of an alarm and the steps of a ticket are their tables, and nothing besides."""

from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from alarms import AlarmEvent, AlarmState, IllegalTransitionError, TicketEvent, TicketState
from alarms.states import TRANSITIONS, step
from alarms.ticket import TICKET_TRANSITIONS, ticket_step
from tests.alarms.diagram import diagram

ALARM = {
    ("normal", "activate"): "unacked",
    ("unacked", "acknowledge"): "acked",
    ("unacked", "return"): "rtn_unacked",
    ("acked", "return"): "normal",
    ("rtn_unacked", "acknowledge"): "normal",
    ("rtn_unacked", "activate"): "unacked",
}
TICKET = {
    ("registered", "rectify"): "rectification",
    ("rectification", "submit"): "acceptance",
    ("acceptance", "accept"): "closed",
    ("acceptance", "refuse"): "rectification",
}
MACHINES = [
    pytest.param(AlarmState, AlarmEvent, step, ALARM, id="alarm"),
    pytest.param(TicketState, TicketEvent, ticket_step, TICKET, id="ticket"),
]


@pytest.mark.parametrize(("states", "events", "move", "table"), MACHINES)
def test_every_pair_of_the_table_moves_and_every_other_is_refused(
    states: type[StrEnum], events: type[StrEnum], move: Any, table: dict[tuple[str, str], str]
) -> None:
    for state, event in product(states, events):
        if (state.value, event.value) in table:
            assert move(state, event) == table[state.value, event.value]
        else:
            with pytest.raises(IllegalTransitionError, match="not accepted in state") as refused:
                move(state, event)
            assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize("state", AlarmState)
def test_every_alarm_can_get_back_to_normal(state: AlarmState) -> None:
    assert AlarmState.NORMAL in _reachable(TRANSITIONS, state)


@pytest.mark.parametrize("state", TicketState)
def test_every_ticket_can_be_closed(state: TicketState) -> None:
    assert TicketState.CLOSED in _reachable(TICKET_TRANSITIONS, state)


def test_a_diagram_shows_every_arrow_of_its_table() -> None:
    drawn = diagram(TICKET_TRANSITIONS).splitlines()
    assert drawn[:2] == ["stateDiagram-v2", "    [*] --> registered"]
    assert "    acceptance --> rectification: refuse" in drawn
    assert drawn[-1] == "    closed --> [*]"
    assert len(drawn) == len(TICKET) + 3


def _reachable(table: Any, state: StrEnum) -> set[StrEnum]:
    found = {state}
    while more := {after for seen in found for after in table[seen].values()} - found:
        found |= more
    return found
