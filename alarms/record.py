"""`Record`: an entry of the journal with its number and time, and where a record that cannot be read is wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self, TypeGuard

from pydantic import ValidationError

from alarms.entries import RECORD_KINDS, ConditionEvent, JournalEntry, RecordKind, read_body, write_body
from plant import Message, explain
from rules import Event


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
        """Return the body as it is stored."""
        return write_body(self.entry)

    @classmethod
    def read(cls, number: int, time: int, kind: str, text: str) -> Self:
        """Return the record that is stored with this body.

        Raises
        ------
        RecordFormatError
            The kind or the body is not of FORMAT_VERSION.

        """
        if not _is_kind(kind):
            message = Message("expected one of {kinds}; found {kind!r}", kinds=tuple(RECORD_KINDS), kind=kind)
            raise RecordFormatError(number, "kind", message)
        try:
            return cls(number, time, read_body(kind, text))
        except ValidationError as error:
            untagged = "change" if error.errors(include_url=False)[0]["type"].startswith("union_tag") else "body"
            place, message = explain(error)[0]
            raise RecordFormatError(number, str((untagged, *place)[-1]), message) from None


def _is_kind(kind: str) -> TypeGuard[RecordKind]:
    return kind in RECORD_KINDS


def events_of(records: Iterable[Record]) -> Iterator[Event]:
    """Yield the engine's events among records."""
    for record in records:
        if isinstance(record.entry, ConditionEvent):
            yield record.entry.event
