"""The format of the journal: one frozen class for each kind of entry, and all that writes and reads its bytes.

The fields of a class are the body of its records. The journal's chain of hashes covers the bytes of each body, and old
journals must be readable for ever. So the fields of an entry, their order and their types never change. A new entry
gets a kind or a `change` of its own, and FORMAT_VERSION grows, because an older Hazwatch cannot read it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import BeforeValidator, Field, TypeAdapter

from alarms.command import (
    Accept,
    Acknowledge,
    Analyse,
    Command,
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

FORMAT_VERSION: Final = 2
"""Format of all bodies. A journal states it as its `user_version`."""

RecordKind = Literal["start", "event", "alarm", "ticket", "rules", "retrospective", "presentation"]
RECORD_KINDS: Final[tuple[RecordKind, ...]] = get_args(RecordKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """A run begins, with this version of the rule-set."""

    kind: ClassVar[RecordKind] = "start"
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A version of something that people approve comes into force.

    Attributes
    ----------
    version, replaces : str
        The version, and its predecessor; None for the first.
    author, approver, reason : str or None
        People and reason of its approval; None for the first version, which needs no approval.
    approved : int or None
        Time of the approval. [ns, UTC]
    content : str
        The text over which the version is computed.

    """

    kind: ClassVar[RecordKind]
    version: str
    replaces: str | None
    author: str | None
    approver: str | None
    reason: str | None
    approved: int | None
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAdoption(Adoption):
    """A rule-set comes into force; the content is `RuleSet.content`."""

    kind: ClassVar[RecordKind] = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationAdoption(Adoption):
    """A presentation comes into force: what people are told, and whether tickets are opened."""

    kind: ClassVar[RecordKind] = "presentation"


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
        Event of its state machine.
    before, after : AlarmState
        States, `from` and `to` in the body.

    """

    kind: ClassVar[RecordKind] = "alarm"
    alarm: str
    episode: str
    change: AlarmEvent
    # `from` is a keyword of Python, so the fields of the body need other names here.
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
    """The condition of an alarm is cleared; or its rule was moved (then with a note) or removed (with a command)."""

    change: Literal[AlarmEvent.RETURN] = AlarmEvent.RETURN
    note: str | None = None
    command: Annotated[Remove | None, recorded(Remove)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpening:
    """A raise opens a ticket.

    Attributes
    ----------
    ticket : str
        Number of the ticket.
    episode, level, hazard_source, rule, point
        Id, level, hazard source, condition and point of the raise event.
    message, message_en : str
        Message of the rule.

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
    """A person moves a ticket from one state (`from` in the body) to another (`to`)."""

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
        Retrospective event; its `seq` counts retrospective events only.
    find : str
        Id of the retrospective raise: the event itself, or the raise that it clears.
    of : str or None
        Id of the known raise, if this is an earlier beginning of the same episode.
    until : int
        End of the time in which the condition is known to have stood. [ns, UTC]

    """

    kind: ClassVar[RecordKind] = "retrospective"
    event: Event
    change: Literal["find"] = "find"
    find: str
    of: str | None
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReview:
    """A review of late data up to an arrival [ns, UTC]: number of late samples, and of new events."""

    kind: ClassVar[RecordKind] = "retrospective"
    change: Literal["review"] = "review"
    until: int
    samples: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAnalysis:
    """A person has analysed a late find."""

    kind: ClassVar[RecordKind] = "retrospective"
    change: Literal["analyse"] = "analyse"
    find: str
    command: Annotated[Analyse, recorded(Analyse)]


AlarmEntry = AlarmActivation | AlarmAcknowledgement | AlarmReturn
TicketEntry = TicketOpening | TicketAttachment | TicketChange
LateEntry = LateEvent | LateReview | LateAnalysis
JournalEntry = RunStart | RulesAdoption | PresentationAdoption | ConditionEvent | AlarmEntry | TicketEntry | LateEntry

# The names of fields are chosen for Python, the keys of a body for its readers; both tables translate between them.
_WRITTEN_AS: Final[Mapping[str, str]] = {"before": "from", "after": "to"}
_LEFT_OUT_IF_NONE: Final = frozenset(("command", "note"))


def write_body(entry: JournalEntry) -> str:
    """Return the body of an entry as it is stored; that of an event is its line of the event stream."""
    body: dict[str, Any] = {}
    for field in fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, Event):
            body |= {name: getattr(value, name) for name in Event.__slots__}
        elif value is not None or field.name not in _LEFT_OUT_IF_NONE:
            written = value.model_dump(mode="json") if isinstance(value, Command) else value
            body[_WRITTEN_AS.get(field.name, field.name)] = written
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _nest_event(body: dict[str, Any]) -> dict[str, Any]:
    """Undo what `write_body` does to an event: its fields stand beside the entry's own."""
    event = {name: body[name] for name in Event.__slots__ if name in body}
    return {"event": event} | {name: value for name, value in body.items() if name not in event}


_CHANGE: Final = Field(discriminator="change")
_LateEvent = Annotated[LateEvent, BeforeValidator(_nest_event)]
_READERS: Final[Mapping[RecordKind, TypeAdapter[Any]]] = {
    "start": TypeAdapter(RunStart),
    "rules": TypeAdapter(RulesAdoption),
    "presentation": TypeAdapter(PresentationAdoption),
    "event": TypeAdapter(Event),
    "alarm": TypeAdapter(Annotated[AlarmEntry, _CHANGE]),
    "ticket": TypeAdapter(Annotated[TicketEntry, _CHANGE]),
    "retrospective": TypeAdapter(Annotated[_LateEvent | LateReview | LateAnalysis, _CHANGE]),
}


def read_body(kind: RecordKind, text: str) -> JournalEntry:
    """Return the entry whose body this is; raise pydantic.ValidationError for a body that is not of FORMAT_VERSION."""
    # Strict, so that no text becomes a number; no other keys, because a record written again would lose them.
    content = _READERS[kind].validate_json(text, strict=True, extra="forbid")
    entry: JournalEntry = ConditionEvent(event=content) if isinstance(content, Event) else content
    return entry
