"""`LostRecords`: records that are damaged or gone; and which later records say nothing without them."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from alarms.alarm import Alarm
from alarms.entries import (
    AlarmAcknowledgement,
    AlarmActivation,
    AlarmReturn,
    JournalEntry,
    LateAnalysis,
    LateEvent,
    TicketAttachment,
    TicketChange,
)
from rules import Event


@dataclass(slots=True)
class LostRecords:
    """What a fold had to leave out.

    Attributes
    ----------
    ranges : list of (int, int)
        First and last number of consecutive lost records.
    dependents : list of int
        Numbers of sound records that say nothing, because a record before them is lost or was forged.

    """

    ranges: list[tuple[int, int]] = field(default_factory=list)
    dependents: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ranges or self.dependents)

    @property
    def is_explained(self) -> bool:
        """Whether each dependent record may depend on a lost one; a sound journal has none."""
        return bool(self.ranges) or not self.dependents


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the records so far have established: last events and alarms by condition, ids of tickets and late finds."""

    events: Mapping[str, Event]
    alarms: Mapping[str, Alarm]
    tickets: Container[str]
    finds: Container[str]

    def suffice_for(self, entry: JournalEntry) -> bool:
        """Tell whether the records on which an entry depends are known."""
        match entry:
            case AlarmActivation():
                event = self.events.get(entry.alarm)
                return event is not None and event.transition == "raise" and event.id == entry.episode
            case AlarmAcknowledgement() | AlarmReturn():
                alarm = self.alarms.get(entry.alarm)
                return alarm is not None and alarm.episode == entry.episode
            case TicketAttachment() | TicketChange():
                return entry.ticket in self.tickets
            case LateEvent(event=event):
                return event.transition == "raise" or entry.find in self.finds
            case LateAnalysis():
                return entry.find in self.finds
        return True
