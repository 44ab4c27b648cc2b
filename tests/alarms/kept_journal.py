"""A journal that version 0.1.0 wrote, with every kind of record, and what a ledger makes of it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from alarms import Acknowledgement, Alarm, LateFind, Ledger, Record, Ticket
from rules import Event

FOLDER: Final = Path(__file__).parents[1] / "cases" / "journal" / "format-1"
LINES: Final = (FOLDER / "records.jsonl").read_text(encoding="utf-8").splitlines()
"""Number, time, kind and body of every record; the body is the very text that the journal holds."""
STATE: Final[dict[str, Any]] = json.loads((FOLDER / "state.json").read_text(encoding="utf-8"))
"""What version 0.1.0 made of them."""


def record_of(line: str) -> Record:
    """Return the record of a line."""
    entry = json.loads(line)
    _, _, rest = line.partition('"body":')
    return Record.read(entry["number"], entry["time"], entry["kind"], rest.removesuffix("}"))


def state_of(ledger: Ledger) -> dict[str, Any]:
    """Return the state of a ledger, in words that outlive the names of its classes and fields."""
    return {
        "last_number": ledger.last_number,
        "last_seq": ledger.last_seq,
        "started": ledger.started,
        "rules": None if ledger.rules is None else asdict(ledger.rules),
        "alarms": {name: _alarm(alarm) for name, alarm in ledger.alarms.items()},
        "tickets": {number: _ticket(ticket) for number, ticket in ledger.tickets.items()},
        "open_tickets": {
            number: [ticket.hazard_source, ticket.rule]
            for number, ticket in ledger.tickets.items()
            if ledger.open_ticket(ticket.hazard_source, ticket.rule) == number
        },
        "late": {
            "reviewed": ledger.late.reviewed,
            "samples": ledger.late.samples,
            "events": ledger.late.events,
            "finds": {name: _find(find) for name, find in ledger.late.by_id.items()},
        },
        "standing_events": [event.id for event in ledger.standing_events()],
        "recent_events": [event.id for event in ledger.recent_events()],
        "commands": {key: number for key in _keys() if (number := ledger.outcome(key)) is not None},
    }


def _keys() -> list[str]:
    bodies = (json.loads(line)["body"] for line in LINES)
    return [body["command"]["key"] for body in bodies if "command" in body]


def _event(event: Event | None) -> dict[str, Any] | None:
    return None if event is None else json.loads(event.to_json())


def _seen(seen: Acknowledgement | None) -> list[Any] | None:
    return None if seen is None else [seen.by, seen.time, seen.note]


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "hazard_source": alarm.hazard_source,
        "point": alarm.point,
        "level": alarm.level.value,
        "state": alarm.state.value,
        "raised": _event(alarm.raised),
        "recorded": alarm.recorded,
        "cleared": _event(alarm.cleared),
        "returned": alarm.returned,
        "acknowledged": _seen(alarm.acknowledged),
    }


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "hazard_source": ticket.hazard_source,
        "rule": ticket.rule,
        "point": ticket.point,
        "level": ticket.level.value,
        "message": ticket.message,
        "message_en": ticket.message_en,
        "state": ticket.state.value,
        "responsible": ticket.responsible,
        "measures": ticket.measures,
        "due": ticket.due,
        "episodes": ticket.episodes,
        "history": [
            [line.record, line.time, line.change, line.by, line.state.value, line.episode, line.note]
            for line in ticket.history
        ],
    }


def _find(find: LateFind) -> dict[str, Any]:
    return {
        "raised": _event(find.anomaly.raised),
        "cleared": _event(find.anomaly.cleared),
        "of": find.anomaly.of,
        "until": find.anomaly.until,
        "found": find.found,
        "analysed": _seen(find.analysed),
    }
