"""The lifecycle of an alarm: whatever changes an alarm's state is in this file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from plant import Message


class AlarmState(StrEnum):
    """The state of the operator's work on an alarm (ISA-18.2)."""

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

ALARM_WORDS: Final[Mapping[StrEnum, Message]] = {
    AlarmState.NORMAL: Message("normal"),
    AlarmState.UNACKED: Message("not acknowledged"),
    AlarmState.ACKED: Message("acknowledged"),
    AlarmState.RTN_UNACKED: Message("returned, not acknowledged"),
    AlarmEvent.ACTIVATE: Message("activate"),
    AlarmEvent.ACKNOWLEDGE: Message("acknowledge"),
    AlarmEvent.RETURN: Message("return to normal"),
}
"""Names of the states and events of an alarm, for people."""

STANDING: Final = frozenset((AlarmState.UNACKED, AlarmState.ACKED))
"""The condition of an alarm in one of these states stands."""


class IllegalTransitionError(Exception):
    """The state of an alarm or a ticket does not accept what was asked of it."""

    def __init__(self, state: StrEnum, event: StrEnum, words: Mapping[StrEnum, Message]) -> None:
        """Refuse an event in a state; `words` has what people call the two."""
        super().__init__(Message('{event}: not accepted in state "{state}"', event=words[event], state=words[state]))
        self.state: Final = state
        self.event: Final = event


def step(state: AlarmState, event: AlarmEvent) -> AlarmState:
    """Return the state that follows, or refuse."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError(state, event, ALARM_WORDS) from None
