"""Tickets: all tickets as the fold of their entries, and the entries that may follow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from alarms.alarm import AlarmSpec
from alarms.command import CommandRefusedError, Reason, Rectify, Refuse, TicketCommand
from alarms.entries import TicketAttachment, TicketChange, TicketEntry, TicketOpening
from alarms.kept_texts import KeptTexts
from alarms.ticket import Ticket, TicketEvent, TicketState, TicketStep, ticket_step
from plant import Level, Message
from plant.units import SECOND
from rules import Event

TICKET_NUMBER: Final = re.compile(r"[^-]+-\d+-\d+")
ANY_YEAR: Final = ""
"""Stands for the years that have no ticket yet."""
_TICKET: Final = TypeAdapter(Ticket)


@dataclass(slots=True)
class Tickets:
    """All tickets by their numbers."""

    _by_number: KeptTexts[Ticket] = field(default_factory=lambda: KeptTexts(_TICKET))
    # `_open` has the numbers in the order of their opening, `_open_of` those of hazard source and rule.
    _open: dict[str, None] = field(default_factory=dict)
    _open_of: dict[tuple[str, str], str] = field(default_factory=dict)
    _last_of_year: dict[str, int] = field(default_factory=dict)

    @property
    def by_number(self) -> Mapping[str, Ticket]:
        """All tickets, in the order of their opening."""
        return MappingProxyType(self._by_number)

    @property
    def last_of_year(self) -> tuple[tuple[str, int], ...]:
        """Year and running number of the last ticket of each year."""
        return tuple(self._last_of_year.items())

    @property
    def open(self) -> tuple[Ticket, ...]:
        """The tickets that are not closed, in the order of their opening."""
        return tuple(self._by_number[number] for number in self._open)

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return numbers and texts of all tickets, in the order of their opening."""
        return self._by_number.texts()

    def resume(
        self, texts: Iterable[tuple[str, str]], opened: Iterable[str], last_of_year: Iterable[tuple[str, int]]
    ) -> None:
        """Go on from the texts of tickets, the numbers of the open ones, and the last numbers of the years.

        Raises
        ------
        LookupError, ValueError
            An open ticket is missing, or its text is none.

        """
        self._last_of_year.update(last_of_year)
        self._by_number.resume(texts)
        for number in opened:
            ticket = self._by_number[number] = self._by_number[number]
            self._note_open(ticket)

    def open_for(self, hazard_source: str, rule: str) -> str | None:
        """Return the number of the open ticket of a hazard source and rule."""
        return self._open_of.get((hazard_source, rule))

    def entry_for(self, raised: Event, spec: AlarmSpec | None, year: str) -> TicketEntry | None:
        """Return the entry that a raise in a year at the mine causes; None if its rule opens no tickets."""
        # A ticket that is open gathers further episodes even if its rule no longer opens tickets.
        number = self.open_for(raised.hazard_source, raised.condition)
        level = Level(raised.level)
        if number is not None:
            return TicketAttachment(ticket=number, episode=raised.id, level=level)
        if spec is None or not spec.ticket:
            return None
        return TicketOpening(
            ticket=f"YH-{year}-{self._last(year) + 1:04d}",
            episode=raised.id,
            level=level,
            hazard_source=raised.hazard_source,
            rule=raised.condition,
            point=raised.point,
            message=spec.message,
            message_en=spec.message_en,
        )

    def entry_of(self, command: TicketCommand) -> TicketChange:
        """Return the entry that carries a command out.

        Raises
        ------
        CommandRefusedError, IllegalTransitionError
            There is no such ticket, or its state does not accept the command.

        """
        ticket = self._by_number.get(command.ticket)
        if ticket is None:
            raise CommandRefusedError(
                Reason.UNKNOWN_TICKET, Message("{ticket}: there is no such ticket", ticket=command.ticket)
            )
        change = TicketEvent(command.command)
        after = ticket_step(ticket.state, change)
        return TicketChange(ticket=ticket.number, change=change, before=ticket.state, after=after, command=command)

    def skip(self, count: int) -> None:
        """Pass over lost records: each may have opened a ticket, and no number may be given twice."""
        # Before the first ticket nobody knows of which year they would be.
        for year in self._last_of_year or (ANY_YEAR,):
            self._last_of_year[year] = self._last(year) + count

    def _last(self, year: str) -> int:
        return self._last_of_year.get(year, self._last_of_year.get(ANY_YEAR, 0))

    def fold(self, entry: TicketEntry, record: int, time: int) -> None:
        """Fold the next entry, with the number and the log time of its record. [ns, UTC]."""
        match entry:
            case TicketOpening():
                ticket = _opened(entry)
                self._note_open(ticket)
                self._count(ticket.number)
            case TicketAttachment():
                ticket = self._by_number[entry.ticket]
                level = min(ticket.level, entry.level, key=lambda level: level.rank)
                ticket = replace(ticket, level=level, episodes=ticket.episodes + 1)
            case TicketChange():
                ticket = _advanced(self._by_number[entry.ticket], entry)
        self._by_number[ticket.number] = ticket.after(_line(entry, ticket.state, record, time))
        if ticket.state is TicketState.CLOSED:
            self._open.pop(ticket.number, None)
            self._open_of.pop((ticket.hazard_source, ticket.rule), None)

    def _note_open(self, ticket: Ticket) -> None:
        self._open[ticket.number] = None
        self._open_of[ticket.hazard_source, ticket.rule] = ticket.number

    def _count(self, number: str) -> None:
        # The journal is the only memory of the numbers that were used: the next number follows from the last.
        _, year, running = number.split("-") if TICKET_NUMBER.fullmatch(number) else ("", ANY_YEAR, "0")
        self._last_of_year[year] = max(int(running), self._last_of_year.get(year, 0))


def year_of(now: int, zone: ZoneInfo) -> str:
    """Return the year of a log time [ns, UTC] at the mine; ticket numbers start anew with it, not with that in UTC."""
    return str(datetime.fromtimestamp(now // SECOND, zone).year)


def _opened(entry: TicketOpening) -> Ticket:
    return Ticket(
        number=entry.ticket,
        hazard_source=entry.hazard_source,
        rule=entry.rule,
        point=entry.point,
        level=entry.level,
        message=entry.message,
        message_en=entry.message_en,
        state=TicketState.REGISTERED,
        responsible=None,
        measures=None,
        due=None,
        episodes=1,
        history=(),
    )


def _advanced(ticket: Ticket, entry: TicketChange) -> Ticket:
    after = replace(ticket, state=entry.after)
    command = entry.command
    if isinstance(command, Rectify):
        return replace(after, responsible=command.responsible, measures=command.measures, due=command.due)
    return after


def _line(entry: TicketEntry, state: TicketState, record: int, time: int) -> TicketStep:
    if not isinstance(entry, TicketChange):
        return TicketStep(record, time, entry.change, None, state, entry.episode, "")
    command = entry.command
    reason = command.reason if isinstance(command, Refuse) else ""
    note = "; ".join(filter(None, (reason, command.note)))
    return TicketStep(record, time, entry.change, command.by, state, None, note)
