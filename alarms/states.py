"""The lifecycle of an alarm: whatever changes an alarm's state is in this file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AlarmState(StrEnum):
    """What the operator has to do with an alarm (ISA-18.2)."""

    NORMAL = "normal"
    UNACKED = "unacked"
    ACKED = "acked"
    RTN_UNACKED = "rtn_unacked"


class AlarmEvent(StrEnum):
    """What can happen to an alarm."""

    ACTIVATE = "activate"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"


TRANSITIONS: Final[Mapping[AlarmState, Mapping[AlarmEvent, AlarmState]]] = {
    AlarmState.NORMAL: {AlarmEvent.ACTIVATE: AlarmState.UNACKED},
    AlarmState.UNACKED: {AlarmEvent.ACKNOWLEDGE: AlarmState.ACKED, AlarmEvent.RETURN: AlarmState.RTN_UNACKED},
    AlarmState.ACKED: {AlarmEvent.RETURN: AlarmState.NORMAL},
    AlarmState.RTN_UNACKED: {AlarmEvent.ACKNOWLEDGE: AlarmState.NORMAL, AlarmEvent.ACTIVATE: AlarmState.UNACKED},
}

STANDING: Final = frozenset((AlarmState.UNACKED, AlarmState.ACKED))
"""The condition of an alarm in one of these states stands."""


class IllegalTransitionError(Exception):
    """Something was asked of an alarm or a ticket that its state does not accept."""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(f"{event.value}: not accepted in state {state.value}")
        self.state: Final = state
        self.event: Final = event


def step(state: AlarmState, event: AlarmEvent) -> AlarmState:
    """Return the state that follows, or refuse."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError(state, event) from None
