"""`hazwatch tickets`: hazard tickets, listed from the journal and moved on in a running engine."""

import argparse
import secrets
import sys
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from alarms import Ledger, Ticket, TicketState
from hazwatch.cli.client import EngineClient, add_url
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import open_journal
from hazwatch.cli.options import DATA, RefusedError, add_data, instant, zone
from hazwatch.desk.alarms import is_open
from plant.units import SECOND

STATE_TEXTS: Final = {
    TicketState.REGISTERED: "登记 registered",
    TicketState.RECTIFICATION: "治理 in rectification",
    TicketState.ACCEPTANCE: "验收 submitted for acceptance",
    TicketState.CLOSED: "销号 closed",
}
STEP_TEXTS: Final = {
    "rectify": "登记 -> 治理: 落实责任人和措施 / name who is responsible and what is done",
    "submit": "治理 -> 验收: 提请验收 / submit for acceptance",
    "accept": "验收 -> 销号: 另一人验收 / accepted by another person",
    "refuse": "验收 -> 治理: 验收不合格 / not accepted",
}


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "tickets",
        help="隐患单 / hazard tickets",
        description="列出隐患单, 或办理下一步 / list tickets, or take one a step on",
        epilog="hazwatch tickets --data data\n"
        "hazwatch tickets rectify YH-2026-0001 --by 通风科 --responsible 通风队 --measures 调整风量 "
        "--due 2026-11-25T08:00:00+08:00",
    )
    add_data(parser)
    parser.add_argument("--all", action="store_true", help="包括已销号的 / with the closed ones")
    parser.add_argument("--timezone", default="Asia/Shanghai", type=zone, help="时区 / zone of the times (%(default)s)")
    parser.set_defaults(command=listed)
    steps = parser.add_subparsers(metavar="STEP")
    for action, text in STEP_TEXTS.items():
        step = steps.add_parser(action, help=text, description=text)
        step.add_argument("ticket", metavar="NUMBER", help="隐患单号 / number of the ticket")
        step.add_argument("--by", required=True, metavar="NAME", help="谁办理 / who does it")
        step.add_argument("--note", default="", help="备注 / note")
        if action == "rectify":
            step.add_argument("--responsible", required=True, metavar="NAME", help="责任人 / who rectifies it")
            step.add_argument("--measures", required=True, metavar="TEXT", help="措施 / what is done")
            step.add_argument(
                "--due", type=instant, metavar="TIME", help="期限 / time limit, ISO 8601 with zone or ns UTC"
            )
        if action == "refuse":
            step.add_argument("--reason", required=True, metavar="TEXT", help="原因 / what is missing")
        add_url(step)
        step.set_defaults(command=moved, action=action)


def listed(arguments: argparse.Namespace) -> int:
    """Print the tickets, the newest last."""
    ledger = Ledger({}, arguments.timezone)
    for record in open_journal(arguments).read():
        ledger.fold(record)
    shown = [ticket for ticket in ledger.tickets.values() if arguments.all or is_open(ticket)]
    for ticket in shown:
        sys.stdout.write(_line(ticket, arguments.timezone))
    if not shown:
        sys.stderr.write("没有未销号的隐患单 / no open tickets\n")
    return OK


def _line(ticket: Ticket, zone: ZoneInfo) -> str:
    opened = datetime.fromtimestamp(ticket.opened // SECOND, zone).strftime("%Y-%m-%d %H:%M:%S")
    fields = (ticket.number, opened, ticket.level.value, STATE_TEXTS[ticket.state], ticket.hazard_source, ticket.rule)
    return "  ".join((*fields, ticket.message, f"x{ticket.episodes}", ticket.responsible or "-")) + "\n"


def moved(arguments: argparse.Namespace) -> int:
    """Ask the engine to move a ticket."""
    if arguments.data != DATA:
        raise RefusedError(f"--data {arguments.data}: a step goes to the engine that runs; expected --url, its address")
    given = ("ticket", "by", "note", "responsible", "measures", "due", "reason")
    fields = {name: getattr(arguments, name) for name in given if getattr(arguments, name, None) not in (None, "")}
    command = {"command": arguments.action} | fields
    engine = EngineClient(arguments.url)
    engine.command(command, key=secrets.token_hex(16))
    step = STEP_TEXTS[arguments.action].split(":")[0]
    sys.stdout.write(f"已办理 / done: {arguments.ticket} {step} ({engine.whose})\n")
    return OK
