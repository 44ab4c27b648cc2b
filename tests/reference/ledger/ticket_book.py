"""All tickets of the second ledger: which episode opens one or attaches to one, and what number a new one has."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.reference.ledger.alarm import Alarm
from tests.reference.ledger.ticket import Ticket
from tests.reference.ledger.watched import Rule, Watched, higher

Body = dict[str, Any]


class TicketBook:
    """The tickets by their numbers, in the order in which they were opened."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.tickets: dict[str, Ticket] = {}
        self.numbers: Counter[int] = Counter()

    def after(self, now: int, alarm: Alarm, event: Mapping[str, Any]) -> Iterator[tuple[Ticket, Body]]:
        """Yield what an event changes: a ticket, and the body of its record."""
        rule = self.watched.rules[event["condition"]]
        ticket = next((ticket for ticket in self.tickets.values() if ticket.open and ticket.alarm == alarm.name), None)
        deserves = event["transition"] == "raise" and rule.ticket
        if deserves and ticket is None:
            ticket, body = self._open(now, alarm, rule)
            yield ticket, body
        elif deserves and ticket is not None and alarm.episode not in ticket.episodes:
            ticket.episodes.add(alarm.episode)
            yield ticket, stay(ticket, "attach", episode=alarm.episode, level=alarm.level)
        if ticket is None or alarm.episode not in ticket.episodes:
            return
        if alarm.level is not None and higher(alarm.level, ticket.level):
            ticket.level = alarm.level
            yield ticket, stay(ticket, "level", episode=alarm.episode, level=ticket.level)
        ticket.suspected |= bool(alarm.suspicious & (self.watched.suspected_major | {"interlock"}))

    def _open(self, now: int, alarm: Alarm, rule: Rule) -> tuple[Ticket, Body]:
        ticket = self._number(now, Ticket("", alarm.hazard_source, alarm.name, alarm.level or rule.level))
        ticket.episodes.add(alarm.episode)
        return ticket, opening(
            ticket,
            point=alarm.point,
            episode=alarm.episode,
            level=ticket.level,
            message=rule.message,
            message_en=rule.message_en,
        )

    def register(self, now: int, command: Mapping[str, Any]) -> tuple[Ticket, Body]:
        """Open a ticket by hand; return it with the body of its record."""
        ticket = Ticket("", command["hazard_source"], None, command["level"], registered_by=command["by"])
        text = command["description"]
        body = opening(
            self._number(now, ticket), point=None, episode=None, level=ticket.level, message=text, message_en=text
        )
        return ticket, body | {"command": command}

    def _number(self, now: int, ticket: Ticket) -> Ticket:
        year = datetime.fromtimestamp(now // 10**9, UTC).astimezone(self.watched.zone).year
        self.numbers[year] += 1
        ticket.number = f"YH-{year}-{self.numbers[year]:04}"
        self.tickets[ticket.number] = ticket
        return ticket


def opening(ticket: Ticket, **news: Any) -> Body:
    """Return the body of the record of a new ticket."""
    body = {"ticket": ticket.number, "change": "open", "from": None, "to": ticket.state}
    return body | {"hazard_source": ticket.hazard_source, "alarm": ticket.alarm} | news


def stay(ticket: Ticket, change: str, **news: Any) -> Body:
    """Return the body of a record by which the state does not change."""
    return {"ticket": ticket.number, "change": change, "from": ticket.state, "to": ticket.state} | news
