"""`Record`: an entry with its number and time, and the only code that writes and reads the bytes of a body."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from alarms.command import Command
from alarms.entries import (
    RECORD_KINDS,
    AlarmEntry,
    ConditionEvent,
    JournalEntry,
    LateAnalysis,
    LateEvent,
    LateReview,
    PresentationAdoption,
    RecordKind,
    RulesAdoption,
    RunStart,
    TicketEntry,
)
from plant import Message, explain
from rules import Event

# The names of fields are chosen for Python, the keys of a body for its readers; both tables translate between them.
WRITTEN_AS: Final[Mapping[str, str]] = {"before": "from", "after": "to"}
"""Keys of a body that are keywords in Python."""
LEFT_OUT: Final = frozenset(("command", "note"))
"""Keys that a body lacks if their value is None."""


class RecordFormatError(ValueError):
    """A record has a wrong kind or body: number of the record, and the key that is wrong."""

    def __init__(self, number: int, field: str, reason: Message) -> None:
        super().__init__(Message("record {number}: {field}: {reason}", number=number, field=field, reason=reason))
        self.number: Final = number
        self.field: Final = field


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the journal.

    Attributes
    ----------
    number : int
        From 1, without gaps.
    time : int
        Log time at which it was recorded. [ns, UTC]
    entry : Entry
        The recorded entry.

    """

    number: int
    time: int
    entry: JournalEntry

    @property
    def kind(self) -> RecordKind:
        """The kind of the entry."""
        return self.entry.kind

    def text(self) -> str:
        """Return the body as it is stored; that of an event is its line of the event stream."""
        return json.dumps(_to_body(self.entry), ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def read(cls, number: int, time: int, kind: str, text: str) -> Self:
        """Return the record that is stored with this body.

        Raises
        ------
        RecordFormatError
            The kind or the body is not of FORMAT_VERSION.

        """
        if kind not in RECORD_KINDS:
            message = Message("expected one of {kinds}; found {kind!r}", kinds=tuple(RECORD_KINDS), kind=kind)
            raise RecordFormatError(number, "kind", message)
        try:
            return cls(number, time, _from_body(kind, text))
        except ValidationError as error:
            untagged = "change" if error.errors(include_url=False)[0]["type"].startswith("union_tag") else "body"
            place, message = explain(error)[0]
            raise RecordFormatError(number, str((untagged, *place)[-1]), message) from None


def events_of(records: Iterable[Record]) -> Iterator[Event]:
    """Yield the engine's events among records."""
    for record in records:
        if isinstance(record.entry, ConditionEvent):
            yield record.entry.event


def _to_body(entry: JournalEntry) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for field in fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, Event):
            body |= {name: getattr(value, name) for name in Event.__slots__}
        elif value is not None or field.name not in LEFT_OUT:
            written = value.model_dump(mode="json") if isinstance(value, Command) else value
            body[WRITTEN_AS.get(field.name, field.name)] = written
    return body


def _split(body: dict[str, Any]) -> dict[str, Any]:
    """Nest the fields of an event, which the body of a late event holds beside its own."""
    event = {name: body[name] for name in Event.__slots__ if name in body}
    return {"event": event} | {name: value for name, value in body.items() if name not in event}


_CHANGE: Final = Field(discriminator="change")
_LateEvent = Annotated[LateEvent, BeforeValidator(_split)]
_ADAPTERS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "start": TypeAdapter(RunStart),
    "rules": TypeAdapter(RulesAdoption),
    "presentation": TypeAdapter(PresentationAdoption),
    "event": TypeAdapter(Event),
    "alarm": TypeAdapter(Annotated[AlarmEntry, _CHANGE]),
    "ticket": TypeAdapter(Annotated[TicketEntry, _CHANGE]),
    "retrospective": TypeAdapter(Annotated[_LateEvent | LateReview | LateAnalysis, _CHANGE]),
}


def _from_body(kind: str, text: str) -> JournalEntry:
    """Return the entry with a body; raise pydantic.ValidationError for a wrong body."""
    # Strict, so that no text becomes a number; no other keys, because a record written again would lose them.
    content = _ADAPTERS[kind].validate_json(text, strict=True, extra="forbid")
    entry: JournalEntry = ConditionEvent(event=content) if isinstance(content, Event) else content
    return entry
