"""Entries of the journal: one class for each thing that a record can say. The fields of a class are its body.

The journal's chain of hashes covers the bytes of every body. So the fields of an entry, their order and their types
never change: what is new gets a kind or a `change` of its own, and FORMAT_VERSION grows.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, get_args

from pydantic import Field

from alarms.command import (
    Accept,
    Acknowledge,
    Analyse,
    Rectify,
    Refuse,
    Remove,
    Submit,
    TicketCommand,
    recorded,
)
from alarms.states import AlarmEvent, AlarmState
from alarms.ticket import TicketEvent, TicketState
from plant import Level
from rules import Event

FORMAT_VERSION: Final = 1
"""The format of the bodies that are written and read here; a journal states it."""

RecordKind = Literal["start", "event", "alarm", "ticket", "rules", "retrospective"]
RECORD_KINDS: Final[tuple[RecordKind, ...]] = get_args(RecordKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """A run begins, with this version of the rule-set."""

    kind: ClassVar[RecordKind] = "start"
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAdoption:
    """A rule-set comes into force.

    Attributes
    ----------
    version, replaces : str
        Of the rule-set, and of the one that was in force before it; None at the very first.
    author, approver, reason : str or None
        Who stands for it, and why it is; None of a rule-set that the first start found in the site file.
    approved : int or None
        When it was approved. [ns, UTC]
    content : str
        What it says: see `RuleSet.content`.

    """

    kind: ClassVar[RecordKind] = "rules"
    version: str
    replaces: str | None
    author: str | None
    approver: str | None
    reason: str | None
    approved: int | None
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionEvent:
    """The engine raises or clears a condition; the body is the event's line of the event stream."""

    kind: ClassVar[RecordKind] = "event"
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChange:
    """An alarm changes its state.

    Attributes
    ----------
    alarm, episode : str
        The condition, and the id of the raise event.
    change : AlarmEvent
        What happens to it.
    before, after : AlarmState
        Its state; `from` and `to` in the body.

    """

    kind: ClassVar[RecordKind] = "alarm"
    alarm: str
    episode: str
    change: AlarmEvent
    before: Annotated[AlarmState, Field(alias="from")]
    after: Annotated[AlarmState, Field(alias="to")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmActivation(AlarmChange):
    """The condition of an alarm is raised."""

    change: Literal[AlarmEvent.ACTIVATE] = AlarmEvent.ACTIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledgement(AlarmChange):
    """A person has seen an episode of an alarm."""

    change: Literal[AlarmEvent.ACKNOWLEDGE] = AlarmEvent.ACKNOWLEDGE
    command: Annotated[Acknowledge, recorded(Acknowledge)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReturn(AlarmChange):
    """The condition of an alarm is cleared, or its rule no longer looks at it: then a note or a command says so."""

    change: Literal[AlarmEvent.RETURN] = AlarmEvent.RETURN
    note: str | None = None
    command: Annotated[Remove | None, recorded(Remove)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpening:
    """A raise opens a ticket.

    Attributes
    ----------
    ticket : str
        Its number.
    episode, level, hazard_source, rule, point
        Id, level, hazard source, condition and point of the raise event.
    message, message_en : str
        What the ticket says: the message of the rule.

    """

    kind: ClassVar[RecordKind] = "ticket"
    ticket: str
    change: Literal["open"] = "open"
    episode: str
    level: Level
    hazard_source: str
    rule: str
    point: str | None
    message: str
    message_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAttachment:
    """A further episode belongs to an open ticket: the id of its raise event, and its level."""

    kind: ClassVar[RecordKind] = "ticket"
    ticket: str
    change: Literal["attach"] = "attach"
    episode: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """A person takes a ticket a step on, from one state (`from`) to another (`to`)."""

    kind: ClassVar[RecordKind] = "ticket"
    ticket: str
    change: Literal[TicketEvent.RECTIFY, TicketEvent.SUBMIT, TicketEvent.ACCEPT, TicketEvent.REFUSE]
    before: Annotated[TicketState, Field(alias="from")]
    after: Annotated[TicketState, Field(alias="to")]
    command: Annotated[TicketCommand, recorded(Rectify, Submit, Accept, Refuse)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEvent:
    """A review of late data finds an event.

    Attributes
    ----------
    event : Event
        The retrospective event; its `seq` counts such events alone.
    find : str
        Id of the retrospective raise: the event's own id, or that of the raise which it clears.
    of : str or None
        Id of the raise that was known already, where this is an earlier beginning of the same episode.
    until : int
        Up to when the condition is known to have stood. [ns, UTC]

    """

    kind: ClassVar[RecordKind] = "retrospective"
    event: Event
    change: Literal["find"] = "find"
    find: str
    of: str | None
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReview:
    """Late data is reviewed up to an arrival [ns, UTC]: the number of samples, and of the events found."""

    kind: ClassVar[RecordKind] = "retrospective"
    change: Literal["review"] = "review"
    until: int
    samples: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAnalysis:
    """A person says what the analysis of a late find came to."""

    kind: ClassVar[RecordKind] = "retrospective"
    change: Literal["analyse"] = "analyse"
    find: str
    command: Annotated[Analyse, recorded(Analyse)]


AlarmEntry = AlarmActivation | AlarmAcknowledgement | AlarmReturn
TicketEntry = TicketOpening | TicketAttachment | TicketChange
LateEntry = LateEvent | LateReview | LateAnalysis
JournalEntry = RunStart | RulesAdoption | ConditionEvent | AlarmEntry | TicketEntry | LateEntry
