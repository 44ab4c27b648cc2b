"""`hazwatch ack`: acknowledges an alarm of a running engine."""

import argparse
import secrets
import sys
from typing import Any

from hazwatch.cli.client import EngineClient, add_url
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.options import RefusedError
from hazwatch.words import both
from plant import Message


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ack",
        help=both(Message("acknowledge an alarm")),
        description=both(Message("acknowledge an alarm of the running engine")),
        epilog="hazwatch ack T1.alarm --by NAME",
    )
    parser.add_argument("alarm", metavar="ALARM", help=both(Message("alarm: the id of its condition")))
    parser.add_argument("--by", required=True, metavar="NAME", help=both(Message("who acknowledges it")))
    parser.add_argument("--episode", metavar="ID", help=both(Message("episode: the id of its raise (the present one)")))
    add_url(parser)
    parser.set_defaults(command=acknowledge)


def acknowledge(arguments: argparse.Namespace) -> int:
    """Send the acknowledgement to the engine, and print the outcome."""
    engine = EngineClient(arguments.url)
    alarms = {alarm["id"]: alarm for alarm in engine.get("/api/snapshot")["snapshot"]["alarms"]}
    if arguments.alarm not in alarms:
        if not alarms:
            raise RefusedError(Message("no alarm {alarm!r}; no alarm is shown now", alarm=arguments.alarm))
        message = Message(
            "no alarm {alarm!r}; the alarms that are shown now: {shown}",
            alarm=arguments.alarm,
            shown=tuple(sorted(alarms)),
        )
        raise RefusedError(message)
    # The episode goes with the command: if the alarm returns and is raised again meanwhile, the engine refuses it.
    episode = arguments.episode or alarms[arguments.alarm]["episode"]
    command = {"command": "acknowledge", "alarm": arguments.alarm, "episode": episode, "by": arguments.by}
    engine.command(command, key=secrets.token_hex(16))
    sys.stdout.write(f"{both(Message('acknowledged'))}: {arguments.alarm} {episode} ({engine.whose})\n")
    return OK
