"""Ledger: alarms and tickets as the fold of their journal, and the only place that writes records."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from alarms.alarm import Acknowledgement, Alarm, AlarmSpec
from alarms.approval import Approval, RulesInForce, rules_body, rules_of, same_person
from alarms.command import Acknowledge, AlarmCommand, Analyse, Command, CommandRefusedError, Reason, TicketCommand
from alarms.late_finds import LateFinds
from alarms.record import Record, RecordKind, event_body
from alarms.states import AlarmEvent, AlarmState, step
from alarms.ticket import Ticket, TicketEvent, TicketState, TicketStep, ticket_step
from plant import Level
from plant.units import SECOND
from rules import Anomaly
from rules.engine.event import Event

KEYS_KEPT: Final = 10_000
"""So many commands are remembered by their keys."""


class Ledger:
    """The state of all alarms and tickets.

    Nothing changes it but `fold`: `start`, `apply` and `command` find out which records follow and fold them, so a
    restart that folds the journal has the same state by construction.
    """

    def __init__(self, specs: Mapping[str, AlarmSpec], zone: ZoneInfo) -> None:
        self._specs: Final = dict(specs)
        self._zone: Final = zone
        self._alarms: Final[dict[str, Alarm]] = {}
        self._tickets: Final[dict[str, Ticket]] = {}
        self._open: Final[dict[tuple[str, str], str]] = {}
        self._events: Final[dict[str, Event]] = {}
        self._outcomes: Final[dict[str, tuple[int, Mapping[str, Any]]]] = {}
        self._tickets_of_year: Final[dict[str, int]] = {}
        self.alarms: Final[Mapping[str, Alarm]] = MappingProxyType(self._alarms)
        self.tickets: Final[Mapping[str, Ticket]] = MappingProxyType(self._tickets)
        self.late: Final = LateFinds()
        self.last_number = 0
        self.last_seq = 0
        self.rules: RulesInForce | None = None
        self.started: int | None = None

    def standing_events(self) -> list[Event]:
        """Return the raise events of the conditions that stand, in their order."""
        return sorted((alarm.raised for alarm in self._alarms.values() if alarm.stands), key=lambda event: event.seq)

    def recent_events(self) -> list[Event]:
        """Return the last raise and the last clear of every condition, in their order."""
        both = (
            event for alarm in self._alarms.values() for event in (alarm.raised, alarm.cleared) if event is not None
        )
        return sorted(both, key=lambda event: event.seq)

    def open_ticket(self, hazard_source: str, rule: str) -> str | None:
        """Return the number of the open ticket of a hazard source and rule."""
        return self._open.get((hazard_source, rule))

    def outcome(self, key: str) -> int | None:
        """Return the number of the record that the command with this key made; None for a key never seen."""
        known = self._outcomes.get(key)
        return None if known is None else known[0]

    def start(self, now: int, rules: str) -> list[Record]:
        """Record the start of a run with this version of the rule-set at a log time. [ns, UTC]."""
        return [self._write(now, "start", {"rules": rules})]

    def adopt(self, version: str, content: str, approval: Approval | None, now: int) -> list[Record]:
        """Bring a rule-set into force at a log time [ns, UTC]; no record where it is in force already."""
        if self.rules is not None and self.rules.version == version:
            return []
        return [self._write(now, "rules", rules_body(content, version, self.rules, approval))]

    def apply(self, events: Sequence[Event], now: int) -> list[Record]:
        """Take events of the engine at a log time [ns, UTC]; return what is to be journaled.

        Raises
        ------
        ValueError
            An event that is not new: the engine was not restored from this ledger.
        IllegalTransitionError
            A raise of what stands, or a clear of what does not.

        """
        return [record for event in events for record in self._take(event, now)]

    def review(self, anomalies: Iterable[Anomaly], now: int, *, until: int, samples: int) -> list[Record]:
        """Record at a log time what a review of late data found, and up to which arrival it looked. [ns, UTC]."""
        found = [self._write(now, "retrospective", body) for body in self.late.bodies(anomalies)]
        done = {"change": "review", "until": until, "samples": samples, "found": len(found)}
        return [*found, self._write(now, "retrospective", done)]

    def command(self, command: Command, now: int, *, in_doubt: Container[str]) -> list[Record]:
        """Carry out a command at a log time [ns, UTC], given the points in doubt; return what is to be journaled.

        The same command with the same key again is accepted and gives no record.

        Raises
        ------
        CommandRefusedError, IllegalTransitionError
            Nothing has changed, and the key is still free.

        """
        form = command.model_dump(mode="json")
        known = self._outcomes.get(command.key)
        if known is not None:
            if known[1] != form:
                raise CommandRefusedError(Reason.KEY_REUSED, f"key {command.key!r} was used for another command")
            return []
        if isinstance(command, AlarmCommand):
            return [self._write(now, "alarm", self._alarm_change(command) | {"command": form})]
        if isinstance(command, Analyse):
            return [self._write(now, "retrospective", self.late.analysis(command) | {"command": form})]
        return [self._write(now, "ticket", self._ticket_change(command, in_doubt) | {"command": form})]

    def fold(self, record: Record) -> None:
        """Take the next record of the journal: the only way in which anything changes.

        Raises
        ------
        ValueError
            A record that does not follow the last one.

        """
        if record.number != self.last_number + 1:
            raise ValueError(f"record {record.number}: expected record {self.last_number + 1}")
        self._fold_kind(record)
        self.last_number = record.number
        command = record.body.get("command")
        if command is not None:
            self._outcomes[command["key"]] = (record.number, command)
            if len(self._outcomes) > KEYS_KEPT:
                del self._outcomes[next(iter(self._outcomes))]

    def _fold_kind(self, record: Record) -> None:
        if record.kind == "event":
            event = record.event()
            self._events[event.condition] = event
            self.last_seq = event.seq
        elif record.kind == "alarm":
            self._fold_alarm(record)
        elif record.kind == "ticket":
            self._fold_ticket(record)
        elif record.kind == "rules":
            self.rules = rules_of(record.number, record.time, record.body)
        elif record.kind == "start":
            self.started = record.time
        elif record.kind == "retrospective":
            self.late.fold(record)

    def _write(self, now: int, kind: RecordKind, body: Mapping[str, Any]) -> Record:
        record = Record(self.last_number + 1, now, kind, body)
        self.fold(record)
        return record

    def _take(self, event: Event, now: int) -> Iterator[Record]:
        if event.seq <= self.last_seq:
            raise ValueError(f"event {event.seq} after event {self.last_seq}: was the engine restored?")
        alarm = self._alarms.get(event.condition)
        state = AlarmState.NORMAL if alarm is None else alarm.state
        if event.transition == "clear":
            change = _change(event if alarm is None else alarm.raised, state, AlarmEvent.RETURN)
            yield self._write(now, "event", event_body(event))
            yield self._write(now, "alarm", change)
            return
        if alarm is not None and alarm.stands and not _same(alarm, event):
            moved = _change(alarm.raised, state, AlarmEvent.RETURN) | {"note": "the rule was given another point"}
            state = AlarmState(moved["to"])
            yield self._write(now, "alarm", moved)
        change = _change(event, state, AlarmEvent.ACTIVATE)
        yield self._write(now, "event", event_body(event))
        yield self._write(now, "alarm", change)
        yield from self._attach(event, now)

    def _attach(self, event: Event, now: int) -> Iterator[Record]:
        ticket = self.open_ticket(event.hazard_source, event.condition)
        spec = self._specs.get(event.condition)
        attached = {"episode": event.id, "level": event.level}
        if ticket is not None:
            yield self._write(now, "ticket", {"ticket": ticket, "change": "attach"} | attached)
        elif spec is not None and spec.ticket:
            opened = {"ticket": self._next_ticket(now), "change": "open"} | attached
            of = {"hazard_source": event.hazard_source, "rule": event.condition, "point": event.point}
            says = {"message": spec.message, "message_en": spec.message_en}
            yield self._write(now, "ticket", opened | of | says)

    def _next_ticket(self, now: int) -> str:
        year = str(datetime.fromtimestamp(now // SECOND, self._zone).year)
        return f"YH-{year}-{self._tickets_of_year.get(year, 0) + 1:04d}"

    def _alarm_change(self, command: AlarmCommand) -> dict[str, Any]:
        alarm = self._alarms.get(command.alarm)
        if alarm is None:
            raise CommandRefusedError(Reason.UNKNOWN_ALARM, f"{command.alarm}: there was no such alarm")
        if alarm.episode != command.episode:
            raise CommandRefusedError(Reason.EPISODE_OVER, f"{command.alarm}: episode {command.episode} is over")
        if isinstance(command, Acknowledge):
            return _change(alarm.raised, alarm.state, AlarmEvent.ACKNOWLEDGE)
        if self._in_force(alarm):
            raise CommandRefusedError(Reason.RULE_IN_FORCE, f"{command.alarm}: the rule is still in the site file")
        return _change(alarm.raised, alarm.state, AlarmEvent.RETURN)

    def _in_force(self, alarm: Alarm) -> bool:
        spec = self._specs.get(alarm.condition)
        return spec is not None and spec.speaks_for(alarm.hazard_source, alarm.point)

    def _ticket_change(self, command: TicketCommand, in_doubt: Container[str]) -> dict[str, Any]:
        ticket = self._tickets.get(command.ticket)
        if ticket is None:
            raise CommandRefusedError(Reason.UNKNOWN_TICKET, f"{command.ticket}: there is no such ticket")
        event = TicketEvent(command.command)
        after = ticket_step(ticket.state, event)
        if event is TicketEvent.ACCEPT:
            self._acceptable(ticket, command.by, in_doubt)
        return {"ticket": ticket.number, "change": event.value, "from": ticket.state.value, "to": after.value}

    def _acceptable(self, ticket: Ticket, by: str, in_doubt: Container[str]) -> None:
        if any(same_person(by, other) for other in ticket.rectifiers):
            raise CommandRefusedError(Reason.SAME_PERSON, f"{ticket.number}: {by} rectified it and cannot accept it")
        alarm = self._alarms.get(ticket.rule)
        if alarm is not None and alarm.stands and alarm.hazard_source == ticket.hazard_source:
            raise CommandRefusedError(Reason.ALARM_STANDS, f"{ticket.number}: alarm {ticket.rule} still stands")
        spec = self._specs.get(ticket.rule)
        points = spec.points if spec is not None else tuple(filter(None, [ticket.point]))
        if points and all(point in in_doubt for point in points):
            raise CommandRefusedError(Reason.IN_DOUBT, f"{ticket.number}: {', '.join(points)} in doubt")

    def _fold_alarm(self, record: Record) -> None:
        body = record.body
        condition, state = body["alarm"], AlarmState(body["to"])
        event = self._events[condition]
        if body["change"] == AlarmEvent.ACTIVATE:
            level = Level(event.level)
            alarm = Alarm(condition, event.hazard_source, event.point, level, state, event, record.time)
        elif body["change"] == AlarmEvent.RETURN:
            cleared = event if event.transition == "clear" else None
            alarm = replace(self._alarms[condition], state=state, cleared=cleared, returned=record.time)
        else:
            seen = Acknowledgement(body["command"]["by"], record.time, body["command"]["note"])
            alarm = replace(self._alarms[condition], state=state, acknowledged=seen)
        self._alarms[condition] = alarm

    def _fold_ticket(self, record: Record) -> None:
        body = record.body
        number = body["ticket"]
        if body["change"] == "open":
            ticket = _opened(body)
            self._open[ticket.hazard_source, ticket.rule] = number
            _, year, running = number.split("-")
            self._tickets_of_year[year] = int(running)
        else:
            ticket = _advanced(self._tickets[number], body)
        self._tickets[number] = ticket.after(_line(record, ticket.state))
        if ticket.state is TicketState.CLOSED:
            del self._open[ticket.hazard_source, ticket.rule]


def _same(alarm: Alarm, event: Event) -> bool:
    return (alarm.hazard_source, alarm.point) == (event.hazard_source, event.point)


def _change(raised: Event, state: AlarmState, event: AlarmEvent) -> dict[str, Any]:
    after = step(state, event)
    return {
        "alarm": raised.condition,
        "episode": raised.id,
        "change": event.value,
        "from": state.value,
        "to": after.value,
    }


def _opened(body: Mapping[str, Any]) -> Ticket:
    return Ticket(
        number=body["ticket"],
        hazard_source=body["hazard_source"],
        rule=body["rule"],
        point=body["point"],
        level=Level(body["level"]),
        message=body["message"],
        message_en=body["message_en"],
        state=TicketState.REGISTERED,
        responsible=None,
        measures=None,
        due=None,
        episodes=1,
        history=(),
    )


def _advanced(ticket: Ticket, body: Mapping[str, Any]) -> Ticket:
    if body["change"] == "attach":
        level = min(ticket.level, Level(body["level"]), key=lambda level: level.rank)
        return replace(ticket, level=level, episodes=ticket.episodes + 1)
    command, state = body["command"], TicketState(body["to"])
    if body["change"] == TicketEvent.RECTIFY:
        given = {name: command[name] for name in ("responsible", "measures", "due")}
        return replace(ticket, state=state, **given)
    return replace(ticket, state=state)


def _line(record: Record, state: TicketState) -> TicketStep:
    body = record.body
    command = body.get("command", {})
    note = "; ".join(filter(None, (command.get("reason"), command.get("note"))))
    return TicketStep(record.number, record.time, body["change"], command.get("by"), state, body.get("episode"), note)
