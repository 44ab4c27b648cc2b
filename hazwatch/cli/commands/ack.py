"""`hazwatch ack`: acknowledges an alarm of a running engine."""

import argparse
import secrets
import sys
from typing import Any

from hazwatch.cli.client import EngineClient, add_url
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.options import RefusedError


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ack",
        help="确认报警 / acknowledge an alarm",
        description="确认运行中的引擎的报警 / acknowledge an alarm of the running engine",
        epilog="hazwatch ack T1.alarm --by 王班长",
    )
    parser.add_argument("alarm", metavar="ALARM", help="报警 (条件) / alarm: the id of its condition")
    parser.add_argument("--by", required=True, metavar="NAME", help="谁确认 / who acknowledges")
    parser.add_argument("--episode", metavar="ID", help="哪一次报警 / which episode: id of its raise (the present one)")
    add_url(parser)
    parser.set_defaults(command=acknowledge)


def acknowledge(arguments: argparse.Namespace) -> int:
    """Ask the engine, and say what became of it."""
    engine = EngineClient(arguments.url)
    alarms = {alarm["id"]: alarm for alarm in engine.get("/api/snapshot")["snapshot"]["alarms"]}
    if arguments.alarm not in alarms:
        shown = ", ".join(sorted(alarms)) or "none"
        raise RefusedError(f"no alarm {arguments.alarm!r}; the alarms that are shown now: {shown}")
    episode = arguments.episode or alarms[arguments.alarm]["episode"]
    command = {"command": "acknowledge", "alarm": arguments.alarm, "episode": episode, "by": arguments.by}
    engine.command(command, key=secrets.token_hex(16))
    sys.stdout.write(f"已确认 / acknowledged: {arguments.alarm} {episode} ({engine.whose})\n")
    return OK
