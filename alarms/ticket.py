"""The hazard ticket (事故隐患治理单): its steps from 登记 to 销号, and its history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from alarms.states import IllegalTransitionError
from plant import Level, Message


class TicketState(StrEnum):
    """Progress of the work on a hazard."""

    REGISTERED = "registered"
    RECTIFICATION = "rectification"
    ACCEPTANCE = "acceptance"
    CLOSED = "closed"


class TicketEvent(StrEnum):
    """The steps that people take with a ticket."""

    RECTIFY = "rectify"
    SUBMIT = "submit"
    ACCEPT = "accept"
    REFUSE = "refuse"


TICKET_TRANSITIONS: Final[Mapping[TicketState, Mapping[TicketEvent, TicketState]]] = {
    TicketState.REGISTERED: {TicketEvent.RECTIFY: TicketState.RECTIFICATION},
    TicketState.RECTIFICATION: {TicketEvent.SUBMIT: TicketState.ACCEPTANCE},
    TicketState.ACCEPTANCE: {
        TicketEvent.ACCEPT: TicketState.CLOSED,
        TicketEvent.REFUSE: TicketState.RECTIFICATION,
    },
    TicketState.CLOSED: {},
}


TICKET_WORDS: Final[Mapping[StrEnum, Message]] = {
    TicketState.REGISTERED: Message("registered"),
    TicketState.RECTIFICATION: Message("in rectification"),
    TicketState.ACCEPTANCE: Message("submitted for acceptance"),
    TicketState.CLOSED: Message("closed"),
    TicketEvent.RECTIFY: Message("rectify"),
    TicketEvent.SUBMIT: Message("submit"),
    TicketEvent.ACCEPT: Message("accept"),
    TicketEvent.REFUSE: Message("refuse"),
}
"""Names of the states and steps of a ticket, for people."""


def ticket_step(state: TicketState, event: TicketEvent) -> TicketState:
    """Return the state that follows, or refuse."""
    try:
        return TICKET_TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError(state, event, TICKET_WORDS) from None


ATTACHED_KEPT: Final = 100
"""Largest number of attached episodes in a history: a chattering alarm may attach thousands."""


@dataclass(frozen=True, slots=True)
class TicketStep:
    """One line of a ticket's history.

    Attributes
    ----------
    record : int
        Number of the journal record.
    time : int
        Log time. [ns, UTC]
    change : TicketEvent or str
        Step of a person, `open`, or `attach` for a further episode.
    by : str or None
        Name of the person; None for the engine.
    state : TicketState
        State after it.
    episode : str or None
        Id of the raise event, for `open` and `attach`.
    note : str
        Note of the person.

    """

    record: int
    time: int
    change: TicketEvent | Literal["open", "attach"]
    by: str | None
    state: TicketState
    episode: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One hazard of one hazard source and rule, with its history.

    The history holds the newest `ATTACHED_KEPT` attached episodes; `episodes` counts all, and the journal has them.
    """

    number: str
    hazard_source: str
    rule: str
    point: str | None
    level: Level
    message: str
    message_en: str
    state: TicketState
    responsible: str | None
    measures: str | None
    due: int | None
    episodes: int
    history: tuple[TicketStep, ...]

    @property
    def opened(self) -> int:
        """Log time at which it was opened. [ns, UTC]."""
        return self.history[0].time

    @property
    def rectifiers(self) -> frozenset[str]:
        """People who may not accept it: the responsible person, and all who submitted the work."""
        submitters = {step.by for step in self.history if step.change == TicketEvent.SUBMIT}
        return frozenset(name for name in {self.responsible, *submitters} if name is not None)

    def after(self, step: TicketStep) -> "Ticket":
        """Return the ticket with one more line of history."""
        history = (*self.history, step)
        # The oldest attached episode goes; the opening and the steps of people stay for ever.
        attached = [place for place, line in enumerate(history) if line.change == "attach"]
        if len(attached) > ATTACHED_KEPT:
            history = history[: attached[0]] + history[attached[0] + 1 :]
        return replace(self, history=history)
