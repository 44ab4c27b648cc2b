"""Turns alarms, late finds and tickets into views."""

from collections.abc import Mapping
from typing import Final

from alarms import TICKET_TRANSITIONS, Alarm, AlarmState, LateFind, Ticket, TicketStep
from console import AlarmView, FoundView, LimitView, TicketAction, TicketLine, TicketLines, TicketView
from hazwatch.desk.rules import site_text
from hazwatch.words import text
from hazwatch.words.causes import Cause
from plant import Level, Text
from plant.units import MS
from rules import health_kind

ACTIONS: Final[tuple[TicketAction, ...]] = ("rectify", "submit", "accept", "refuse")


def alarm_view(
    alarm: Alarm, views: Mapping[str, LimitView], ticket: str | None, cause: Cause | None = None
) -> AlarmView:
    """Return the view of an alarm, with texts of the site file in force, or of its cause, and numbers of its raise."""
    # The rule of an alarm may have left the site file since its raise; then only the id of its condition is known.
    view = views.get(alarm.condition)
    raised, seen = alarm.raised, alarm.acknowledged
    # The page has the views of the rules, but not those of the health of each point.
    advice = None if view is None or health_kind(alarm.condition) is None else view["response"]
    return {
        "id": alarm.condition,
        "episode": alarm.episode,
        "state": alarm.state.value,
        "level": alarm.level.value,
        "hazard_source": alarm.hazard_source,
        "point": alarm.point,
        "message": _name(alarm.condition, view) if cause is None else text(cause.name),
        "value": raised.value,
        "setpoint": raised.setpoint,
        "direction": None if view is None else view["direction"],
        "unit": "" if view is None else view["unit"],
        "since": raised.time // MS,
        "since_ns": str(raised.time),
        "recorded": alarm.recorded // MS,
        "returned": None if alarm.cleared is None else alarm.cleared.time // MS,
        "acked_by": None if seen is None else seen.by,
        "acked_at": None if seen is None else seen.time // MS,
        "ticket": ticket,
        "response": advice if cause is None else text(cause.response),
    }


def _name(condition: str, view: LimitView | None) -> Text:
    return site_text(condition, "") if view is None else view["message"]


def found_view(find: LateFind, views: Mapping[str, LimitView]) -> FoundView:
    """Return the view of a late find, with texts of the site file in force."""
    raised, cleared = find.anomaly.raised, find.anomaly.cleared
    view = views.get(raised.condition)
    return {
        "id": raised.id,
        "condition": raised.condition,
        "level": Level(raised.level).value,
        "hazard_source": raised.hazard_source,
        "point": raised.point,
        "message": site_text(raised.condition, "") if view is None else view["message"],
        "value": raised.value,
        "setpoint": raised.setpoint,
        "direction": None if view is None else view["direction"],
        "unit": "" if view is None else view["unit"],
        "since": raised.time // MS,
        "returned": None if cleared is None else cleared.time // MS,
        "of": find.anomaly.of,
        "found": find.found // MS,
        "ticket": view is not None and view["ticket"],
        "analysed_by": None if find.analysed is None else find.analysed.by,
    }


def is_shown(alarm: Alarm) -> bool:
    """Whether the page lists an alarm: it is active, or nobody has acknowledged it."""
    return alarm.state is not AlarmState.NORMAL


NEWEST_LINES: Final = 10
"""Number of lines of a ticket's history in its view: every step of a ticket sends the view to every page."""
LINES_ASKED: Final = 50
"""Largest number of lines in an answer about a ticket's history."""


def ticket_lines(ticket: Ticket, before: int | None, most: int = LINES_ASKED) -> TicketLines:
    """Return the newest lines of a ticket's history, or the newest of those before a record."""
    known = [step for step in ticket.history if before is None or step.record < before]
    shown = known[-most:]
    return {"earlier": len(known) - len(shown), "lines": [_line(step) for step in shown]}


def ticket_view(ticket: Ticket) -> TicketView:
    """Return the view of a ticket, with the actions that are possible now."""
    possible = TICKET_TRANSITIONS[ticket.state]
    newest = ticket_lines(ticket, None, NEWEST_LINES)
    return {
        "number": ticket.number,
        "hazard_source": ticket.hazard_source,
        "rule": ticket.rule,
        "level": ticket.level.value,
        "state": ticket.state.value,
        "message": site_text(ticket.message, ticket.message_en),
        "opened": ticket.opened // MS,
        "due": None if ticket.due is None else ticket.due // MS,
        "responsible": ticket.responsible,
        "measures": ticket.measures,
        "episodes": ticket.episodes,
        "actions": [action for action in ACTIONS if action in possible],
        "earlier": newest["earlier"],
        "history": newest["lines"],
    }


def _line(step: TicketStep) -> TicketLine:
    return {"record": step.record, "time": step.time // MS, "change": step.change, "by": step.by, "note": step.note}
