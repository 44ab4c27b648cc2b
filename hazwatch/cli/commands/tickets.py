"""`hazwatch tickets`: lists hazard tickets from the journal, and takes their steps in a running engine."""

import argparse
import secrets
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from alarms import Ticket, TicketEvent
from alarms.ticket import TICKET_WORDS
from hazwatch.cli.client import EngineClient, add_url
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import open_journal, say_breaks
from hazwatch.cli.options import DATA, RefusedError, add_data, instant, zone
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import KeptLedger
from hazwatch.words import both
from plant import Message
from plant.units import SECOND

STEP_TEXTS: Final[Mapping[str, Message]] = {
    "rectify": Message("registered -> in rectification: name who is responsible and what is to be done"),
    "submit": Message("in rectification -> acceptance: submit the work for acceptance"),
    "accept": Message("acceptance -> closed: another person accepts the work"),
    "refuse": Message("acceptance -> in rectification: the work is not accepted"),
}


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "tickets",
        help=both(Message("list hazard tickets and take their steps")),
        description=both(Message("list tickets, or take the next step of one")),
        epilog="hazwatch tickets --data data\n"
        "hazwatch tickets rectify YH-2026-0001 --by NAME --responsible NAME --measures TEXT "
        "--due 2026-11-25T08:00:00+08:00",
    )
    add_data(parser)
    parser.add_argument("--all", action="store_true", help=both(Message("include closed tickets")))
    parser.add_argument(
        "--timezone", default="Asia/Shanghai", type=zone, help=both(Message("time zone of the output (%(default)s)"))
    )
    parser.set_defaults(command=listed)
    steps = parser.add_subparsers(metavar="STEP")
    for action, purpose in STEP_TEXTS.items():
        step = steps.add_parser(action, help=both(purpose), description=both(purpose))
        step.add_argument("ticket", metavar="NUMBER", help=both(Message("number of the ticket")))
        step.add_argument("--by", required=True, metavar="NAME", help=both(Message("who takes the step")))
        step.add_argument("--note", default="", help=both(Message("a note")))
        if action == "rectify":
            step.add_argument(
                "--responsible", required=True, metavar="NAME", help=both(Message("who is responsible for the work"))
            )
            step.add_argument("--measures", required=True, metavar="TEXT", help=both(Message("what is to be done")))
            step.add_argument(
                "--due", type=instant, metavar="TIME", help=both(Message("time limit, ISO 8601 with zone or ns UTC"))
            )
        if action == "refuse":
            step.add_argument("--reason", required=True, metavar="TEXT", help=both(Message("what is missing")))
        add_url(step)
        step.set_defaults(command=moved, action=action)


def listed(arguments: argparse.Namespace) -> int:
    """Print the tickets with the newest last."""
    reader = open_journal(arguments)
    ledger = KeptLedger.of(DataFolder(arguments.data), reader, {}, arguments.timezone).ledger
    shown = tuple(ledger.tickets.values()) if arguments.all else ledger.open_tickets
    for ticket in shown:
        sys.stdout.write(_line(ticket, arguments.timezone))
    if not shown:
        sys.stderr.write(f"{both(Message('no open tickets'))}\n")
    return say_breaks(reader)


def _line(ticket: Ticket, zone: ZoneInfo) -> str:
    opened = datetime.fromtimestamp(ticket.opened // SECOND, zone).isoformat(sep=" ")
    fields = (
        ticket.number,
        opened,
        ticket.level.value,
        both(TICKET_WORDS[ticket.state]),
        ticket.hazard_source,
        ticket.rule,
    )
    return "  ".join((*fields, ticket.message, f"x{ticket.episodes}", ticket.responsible or "-")) + "\n"


def moved(arguments: argparse.Namespace) -> int:
    """Send the step of a ticket to the engine."""
    if arguments.data != DATA:
        message = Message(
            "--data {path}: a step goes to the engine that runs; expected --url, its address", path=arguments.data
        )
        raise RefusedError(message)
    # Each step has its own options, so a field may be missing from the arguments.
    keys = ("ticket", "by", "note", "responsible", "measures", "due", "reason")
    fields = {name: getattr(arguments, name) for name in keys if getattr(arguments, name, None) not in (None, "")}
    command = {"command": arguments.action} | fields
    engine = EngineClient(arguments.url)
    engine.command(command, key=secrets.token_hex(16))
    step = both(TICKET_WORDS[TicketEvent(arguments.action)])
    sys.stdout.write(f"{both(Message('done'))}: {arguments.ticket} {step} ({engine.whose})\n")
    return OK
