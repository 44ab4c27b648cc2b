"""Why the second ledger refuses a command: the questions in the order in which they are asked."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from tests.reference.ledger.alarm import Alarm
from tests.reference.ledger.apart import Apart
from tests.reference.ledger.commands import ASSIGNED, ASSIGNED_MAJOR, permitted, well_formed
from tests.reference.ledger.ticket import Ticket
from tests.reference.ledger.watched import Watched

MINUTE: Final = 60 * 10**9
Command = Mapping[str, Any]


class State(Protocol):
    """What the questions look at."""

    watched: Watched
    alarms: dict[str, Alarm]
    apart: Apart
    tickets: dict[str, Ticket]
    keys: dict[str, Command]

    def in_doubt(self, alarm: Alarm) -> bool: ...


def without_defaults(command: Command) -> dict[str, Any]:
    """Return what a command says, without its time and what is empty."""
    return {name: value for name, value in command.items() if name != "time" and value not in (None, "", False)}


def refusal(state: State, time: int, command: Command) -> str | None:
    """Return the reason for which a command is refused; `repeated` for one that was accepted before."""
    for reason in _reasons(state, time, command):
        if reason is not None:
            return reason
    return None


def _reasons(state: State, time: int, command: Command) -> Iterator[str | None]:
    if not well_formed(command):
        yield "malformed"
    if not permitted(command):
        yield "not_permitted"
    if (used := state.keys.get(command["key"])) is not None:
        yield "repeated" if used == without_defaults(command) else "key_reused"
    if "ticket" in command:
        yield from _ticket(state, time, command)
    elif command["command"] != "register":
        yield from _alarm(state, time, command)


def _alarm(state: State, time: int, command: Command) -> Iterator[str | None]:
    if "alarm" in command and command["alarm"] not in state.alarms:
        yield "unknown_alarm"
    if "point" in command and command["point"] not in state.watched.points:
        yield "unknown_point"
    yield ALARM_QUESTIONS[command["command"]](state, time, command)


def _acknowledge(state: State, time: int, command: Command) -> str | None:
    alarm = state.alarms[command["alarm"]]
    if command["episode"] != alarm.episode:
        return "episode_over"
    present = alarm.level if alarm.stands else alarm.highest
    if command.get("level") not in (None, present):
        return "level_changed"
    return None if alarm.accepts("acknowledge") else "not_accepted"


def _reset(state: State, time: int, command: Command) -> str | None:
    return None if state.alarms[command["alarm"]].accepts("reset") else "not_accepted"


def _shelve(state: State, time: int, command: Command) -> str | None:
    if state.alarms[command["alarm"]].level in state.watched.unshelvable:
        return "unshelvable"
    if command.get("once") or MINUTE <= command["duration"] <= state.watched.shelve_max:
        return None
    return "too_long"


def _unshelve(state: State, time: int, command: Command) -> str | None:
    return None if command["alarm"] in state.apart.shelved else "not_in"


def named(state: State, command: Command) -> list[str]:
    """Return the alarms that a command names, itself or by their point."""
    return [command["alarm"]] if "alarm" in command else state.watched.alarms_of(command["point"])


def _take_out(state: State, time: int, command: Command) -> str | None:
    if not time < command["until"] <= time + state.watched.out_of_service_max:
        return "too_long"
    grave = any(state.alarms[name].level in state.watched.unshelvable for name in named(state, command))
    return "chief_only" if grave and command.get("role") not in (None, "chief") else None


def _put_back(state: State, time: int, command: Command) -> str | None:
    return None if any(name in state.apart.service for name in named(state, command)) else "not_in"


def _remove(state: State, time: int, command: Command) -> str | None:
    return "not_accepted"


ALARM_QUESTIONS: Final[Mapping[str, Callable[[State, int, Command], str | None]]] = {
    "acknowledge": _acknowledge,
    "reset": _reset,
    "shelve": _shelve,
    "unshelve": _unshelve,
    "take_out": _take_out,
    "put_back": _put_back,
    "remove": _remove,
}


def _ticket(state: State, time: int, command: Command) -> Iterator[str | None]:
    ticket = state.tickets.get(command["ticket"])
    if ticket is None:
        yield "unknown_ticket"
        return
    name, role, by = command["command"], command.get("role"), command["by"]
    if role == "rectifier" and by not in ticket.responsible[-1:]:
        yield "not_permitted"
    if not ticket.accepts(name):
        yield "not_accepted"
    if (name == "conclude" and ticket.supervisor is None) or (name in ("grant", "deny") and ticket.asked is None):
        yield "not_in"
    if name == "conclude" and role not in (None, "chief") and by != ticket.supervisor:
        yield "not_permitted"
    if (due := _too_late(ticket, time, command)) is not None:
        yield due
    if name == "assign":
        wanted = ASSIGNED_MAJOR if ticket.grade == "major" else ASSIGNED
        yield None if all(command.get(field) for field in wanted) else "incomplete"
    if name == "grade":
        yield None if command["class"] in ("major", *state.watched.classes) else "no_such_class"
        lower = ticket.suspected and command["class"] != "major"
        yield "chief_only" if lower and role not in (None, "chief") else None
    yield "same_person" if by in _others(ticket, name) else None
    yield from _obstacles(state, ticket, name)


def _too_late(ticket: Ticket, time: int, command: Command) -> str | None:
    """Judge the due of assign, extend and grant."""
    match command["command"]:
        case "assign":
            return "too_long" if command.get("due") is not None and command["due"] <= time else None
        case "extend":
            return "too_long" if ticket.due is not None and command["due"] <= ticket.due else None
        case "grant":
            return "too_long" if ticket.asked is not None and ticket.asked[0] <= time else None
    return None


def _others(ticket: Ticket, name: str) -> list[str | None]:
    """Return the persons who may not send a command themselves."""
    match name:
        case "accept":
            return [*ticket.responsible, *ticket.submitted]
        case "write_off":
            return [*ticket.responsible, *ticket.submitted, ticket.accepted_by]
        case "grant" | "deny":
            return [ticket.asked[1]] if ticket.asked is not None else []
        case "cancel":
            return [ticket.registered_by]
    return []


def _obstacles(state: State, ticket: Ticket, name: str) -> Iterator[str | None]:
    alarm = state.alarms.get(ticket.alarm or "")
    if name in ("accept", "cancel") and alarm is not None and alarm.stands:
        yield "alarm_stands"
    if name == "accept":
        yield "in_doubt" if alarm is not None and state.in_doubt(alarm) else None
        yield "supervised" if ticket.supervisor is not None else None
