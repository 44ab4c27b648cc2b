"""Ledger: alarms and tickets as the fold of their journal, and the only place that makes records."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from alarms.acceptance import check_acceptance
from alarms.alarm import Alarm, AlarmSpec
from alarms.alarm_changes import MOVED, activation, changed, entry_of, return_of
from alarms.approval import Approval, PresentationInForce, RulesInForce, adoption
from alarms.command import Accept, AlarmCommand, Analyse, Command, CommandRefusedError, Reason
from alarms.entries import (
    AlarmAcknowledgement,
    AlarmActivation,
    AlarmReturn,
    ConditionEvent,
    JournalEntry,
    LateAnalysis,
    LateEvent,
    LateReview,
    PresentationAdoption,
    RulesAdoption,
    RunStart,
    TicketAttachment,
    TicketChange,
    TicketOpening,
)
from alarms.kept_texts import KeptTexts
from alarms.late_finds import LateFinds
from alarms.ledger_state import KEPT_COMMAND, LedgerState
from alarms.lost_records import KnownFacts, LostRecords
from alarms.record import Record
from alarms.states import AlarmState
from alarms.ticket import Ticket
from alarms.tickets import Tickets, year_of
from plant import Message
from rules import Anomaly, Event

# A page repeats a command at most for some seconds after a lost answer; the bound keeps years of keys out of memory.
KEYS_KEPT: Final = 10_000
"""Number of latest commands whose keys are remembered."""


class Ledger:
    """The state of all alarms and tickets.

    Only `fold` changes it. `start`, `adopt`, `apply`, `review` and `command` decide which records follow and fold
    them, so a restart that folds the journal has the same state by construction.
    """

    def __init__(self, specs: Mapping[str, AlarmSpec], zone: ZoneInfo) -> None:
        self._specs: Final = dict(specs)
        self._zone: Final = zone
        self._alarms: Final[dict[str, Alarm]] = {}
        self._tickets: Final = Tickets()
        # `_events` has the last event of each condition, `_commands` the record and the command of each key.
        self._events: Final[dict[str, Event]] = {}
        self._commands: Final = KeptTexts(KEPT_COMMAND)
        self.alarms: Final[Mapping[str, Alarm]] = MappingProxyType(self._alarms)
        self.late: Final = LateFinds()
        self.lost = LostRecords()
        self.last_number = 0
        self.last_seq = 0
        self.rules: RulesInForce | None = None
        self.presentation: PresentationInForce | None = None
        self.started: int | None = None

    def state(self) -> LedgerState:
        """Return what the ledger has of the records so far."""
        return LedgerState(
            number=self.last_number,
            seq=self.last_seq,
            started=self.started,
            rules=self.rules,
            presentation=self.presentation,
            alarms=tuple(self._alarms.values()),
            open_tickets=tuple(ticket.number for ticket in self.open_tickets),
            tickets=self._tickets.texts(),
            events=tuple(self._events.values()),
            commands=self._commands.texts(),
            finds=tuple(self.late.by_id.values()),
            reviewed=self.late.reviewed,
            late_samples=self.late.samples,
            late_events=self.late.events,
            lost=self.lost,
            last_tickets=self._tickets.last_of_year,
        )

    def resume(self, state: LedgerState) -> None:
        """Go on from the state of a ledger; this one must be new.

        Raises
        ------
        LookupError, ValueError
            The state contradicts itself.

        """
        self.last_number, self.last_seq = state.number, state.seq
        self.started, self.rules, self.presentation = state.started, state.rules, state.presentation
        self._alarms.update((alarm.condition, alarm) for alarm in state.alarms)
        self._tickets.resume(state.tickets, state.open_tickets, state.last_tickets)
        self.lost = state.lost
        self._events.update((event.condition, event) for event in state.events)
        self._commands.resume(state.commands)
        self.late.resume(state.finds, state.reviewed, state.late_samples, state.late_events)

    @property
    def tickets(self) -> Mapping[str, Ticket]:
        """All tickets by their numbers, in the order of their opening."""
        return self._tickets.by_number

    @property
    def open_tickets(self) -> tuple[Ticket, ...]:
        """The tickets that are not closed, in the order of their opening."""
        return self._tickets.open

    @property
    def without_rule(self) -> list[str]:
        """The active conditions whose rule is gone, or watches another point now."""
        return sorted(alarm.condition for alarm in self._alarms.values() if alarm.stands and not self._has_rule(alarm))

    def standing_events(self) -> list[Event]:
        """Return the raise events of the conditions that stand, in their order."""
        return sorted((alarm.raised for alarm in self._alarms.values() if alarm.stands), key=lambda event: event.seq)

    def recent_events(self) -> list[Event]:
        """Return the last raise and the last clear of each condition, in their order."""
        pairs = ((alarm.raised, alarm.cleared) for alarm in self._alarms.values())
        return sorted((event for pair in pairs for event in pair if event is not None), key=lambda event: event.seq)

    def open_ticket(self, hazard_source: str, rule: str) -> str | None:
        """Return the number of the open ticket of a hazard source and rule."""
        return self._tickets.open_for(hazard_source, rule)

    def outcome(self, key: str) -> int | None:
        """Return the number of the record of the command with this key; None for an unknown key."""
        return self._commands[key][0] if key in self._commands else None

    def start(self, now: int, rules: str) -> list[Record]:
        """Record the start of a run with this version of the rule-set at a log time. [ns, UTC]."""
        return [self._write(now, RunStart(rules=rules))]

    def adopt(self, version: str, content: str, approval: Approval | None, now: int) -> list[Record]:
        """Bring a rule-set into force at a log time [ns, UTC]; no record if it is in force already."""
        adopted = adoption(RulesAdoption, content, version, self.rules, approval)
        return [self._write(now, entry) for entry in adopted]

    def present(self, version: str, content: str, approval: Approval | None, now: int) -> list[Record]:
        """Bring a presentation into force at a log time [ns, UTC]; no record if it is in force already."""
        adopted = adoption(PresentationAdoption, content, version, self.presentation, approval)
        return [self._write(now, entry) for entry in adopted]

    def apply(self, events: Sequence[Event], now: int) -> list[Record]:
        """Take events of the engine at a log time [ns, UTC]; return the records to be journaled.

        Raises
        ------
        ValueError
            An event that is not new: the engine was not restored from this ledger.
        IllegalTransitionError
            A raise of a condition that stands, or a clear of a condition that does not.

        """
        return [record for event in events for record in self._take(event, now)]

    def review(self, anomalies: Iterable[Anomaly], now: int, *, until: int, samples: int) -> list[Record]:
        """Record at a log time the anomalies in late data, and the arrival up to which it was reviewed. [ns, UTC]."""
        news = [self._write(now, entry) for entry in self.late.news(anomalies)]
        return [*news, self._write(now, LateReview(until=until, samples=samples, found=len(news)))]

    def command(self, command: Command, now: int, *, in_doubt: Container[str]) -> list[Record]:
        """Carry out a command at a log time [ns, UTC], with the points in doubt; return the records to be journaled.

        The same command with the same key again is accepted and gives no record.

        Raises
        ------
        CommandRefusedError, IllegalTransitionError
            Nothing has changed, and the key is still free.

        """
        known = self._commands.get(command.key)
        if known is not None:
            if known[1] != command:
                message = Message("key {key!r} was used for another command", key=command.key)
                raise CommandRefusedError(Reason.KEY_REUSED, message)
            return []
        if isinstance(command, AlarmCommand):
            alarm = self._alarms.get(command.alarm)
            return [self._write(now, entry_of(command, alarm, has_rule=alarm is not None and self._has_rule(alarm)))]
        if isinstance(command, Analyse):
            return [self._write(now, self.late.analysis(command))]
        # The state first, the person second: "closed already" is the better answer to somebody who may not accept.
        entry = self._tickets.entry_of(command)
        if isinstance(command, Accept):
            ticket = self.tickets[command.ticket]
            check_acceptance(command, ticket, self._alarms.get(ticket.rule), self._specs.get(ticket.rule), in_doubt)
        return [self._write(now, entry)]

    def fold(self, record: Record) -> None:
        """Take the next record of the journal: the only way in which anything changes.

        Raises
        ------
        ValueError
            A record that does not follow the last one.

        """
        if record.number != self.last_number + 1:
            message = Message(
                "record {number}: expected record {expected}", number=record.number, expected=self.last_number + 1
            )
            raise ValueError(message)
        facts = KnownFacts(self._events, self._alarms, self.tickets, self.late.by_id)
        if not facts.suffice_for(record.entry):
            self.lost.dependents.append(record.number)
        else:
            self._fold_entry(record)
        self.last_number = record.number
        # The fold remembers keys as well: a command that is sent again after a restart changes nothing.
        command = getattr(record.entry, "command", None)
        if command is not None:
            self._commands[command.key] = (record.number, command)
            # A dict keeps the order of insertion, so its first key is the oldest.
            if len(self._commands) > KEYS_KEPT:
                del self._commands[next(iter(self._commands))]

    def skip(self, last: int) -> None:
        """Go on behind records that are damaged or gone, up to a number; what depends on them is left out as well."""
        self.lost.ranges.append((self.last_number + 1, last))
        self._tickets.skip(last - self.last_number)
        self.last_number = last

    def _fold_entry(self, record: Record) -> None:
        match record.entry:
            case ConditionEvent(event=event):
                self._events[event.condition] = event
                self.last_seq = event.seq
            case AlarmActivation() | AlarmAcknowledgement() | AlarmReturn() as entry:
                # The record of the event stands before that of its alarm. A return without one finds the raise here.
                event, before = self._events[entry.alarm], self._alarms.get(entry.alarm)
                self._alarms[entry.alarm] = changed(entry, event, before, record.time)
            case TicketOpening() | TicketAttachment() | TicketChange() as entry:
                self._tickets.fold(entry, record.number, record.time)
            case LateEvent() | LateReview() | LateAnalysis() as entry:
                self.late.fold(entry, record.time)
            case RulesAdoption() | PresentationAdoption() | RunStart():
                self._fold_version(record)

    def _fold_version(self, record: Record) -> None:
        match record.entry:
            case RulesAdoption() as entry:
                self.rules = RulesInForce.of(entry, record.number, record.time)
            case PresentationAdoption() as entry:
                self.presentation = PresentationInForce.of(entry, record.number, record.time)
            case RunStart(rules=version):
                self.started = record.time
                # The record that brought the rules into force may be lost; the start of a run shows that they are.
                if self.lost and (self.rules is None or self.rules.version != version):
                    self.rules = RulesInForce(version, record.time, record.number)

    def _write(self, now: int, entry: JournalEntry) -> Record:
        record = Record(self.last_number + 1, now, entry)
        self.fold(record)
        return record

    def _take(self, event: Event, now: int) -> Iterator[Record]:
        if event.seq <= self.last_seq:
            message = Message(
                "event {number} follows event {last}: was the engine restored?", number=event.seq, last=self.last_seq
            )
            raise ValueError(message)
        alarm = self._alarms.get(event.condition)
        state = AlarmState.NORMAL if alarm is None else alarm.state
        # Each transition is computed before the first record of its event is written: a refusal leaves no half event.
        if event.transition == "clear":
            entry = return_of(event if alarm is None else alarm.raised, state)
            yield self._write(now, ConditionEvent(event=event))
            yield self._write(now, entry)
            return
        # An edit may move a rule to another point while its alarm stands. The alarm of the old point returns first,
        # or the raise of the new point would be refused as a second activation.
        if alarm is not None and alarm.stands and not alarm.is_of(event):
            moved = return_of(alarm.raised, state, note=MOVED)
            state = moved.after
            yield self._write(now, moved)
        activated = activation(event, state)
        yield self._write(now, ConditionEvent(event=event))
        yield self._write(now, activated)
        ticket = self._tickets.entry_for(event, self._specs.get(event.condition), year_of(now, self._zone))
        if ticket is not None:
            yield self._write(now, ticket)

    def _has_rule(self, alarm: Alarm) -> bool:
        spec = self._specs.get(alarm.condition)
        return spec is not None and spec.speaks_for(alarm.hazard_source, alarm.point)
