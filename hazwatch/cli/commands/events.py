"""`hazwatch events`: prints the journal's events as the lines that `replay` writes; `hazwatch verify`: checks it."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from adapters.stores import JournalReader
from alarms import Adoption, ConditionEvent, LateEvent, Record, RecordKind
from hazwatch.cli.anchor_check import verify_anchors
from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.inputs import open_journal, say_breaks
from hazwatch.cli.journal_check import verify_journal
from hazwatch.cli.options import add_data, add_period
from hazwatch.cli.stores import verify_stores
from hazwatch.live.clock import pause
from hazwatch.live.data_folder import DataFolder
from hazwatch.words import both
from plant import Message
from rules import Event

EVENT_KINDS: Final[tuple[RecordKind, ...]] = ("event",)
LATE_KINDS: Final[tuple[RecordKind, ...]] = ("retrospective",)
ADOPTED_KINDS: Final[tuple[RecordKind, ...]] = ("rules", "presentation")
READ_EVERY: Final = 0.2
"""Time between two reads of a followed journal. [s]"""


def add(commands: Any) -> None:
    """Add the commands `events` and `verify`."""
    parser = commands.add_parser(
        "events",
        help=both(Message("print events as JSON lines")),
        description=both(Message("print the journal's events, the same lines that replay writes")),
        epilog="hazwatch events --data data --from 2026-11-22T00:00:00+08:00 --follow",
    )
    add_data(parser)
    add_period(parser)
    parser.add_argument("--follow", action="store_true", help=both(Message("continue with new events")))
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--late", action="store_true", help=both(Message("print the events found in late data instead")))
    other.add_argument(
        "--adopted",
        action="store_true",
        help=both(Message("print the rule-sets and presentations that came into force instead")),
    )
    parser.set_defaults(command=events)
    parser = commands.add_parser(
        "verify",
        help=both(Message("verify journal, history and snapshot")),
        description=both(
            Message(
                "read all of the journal, the history, the snapshot and the copy of the site file; exit code 1 if "
                "any of them is damaged or altered"
            )
        ),
    )
    add_data(parser)
    parser.add_argument(
        "--anchors", type=Path, metavar="FILE", help=both(Message("a file of anchors that is to prove the journal"))
    )
    parser.set_defaults(command=verify)


def events(arguments: argparse.Namespace) -> int:
    """Print the events whose time is in the period."""
    reader = open_journal(arguments)
    for record in _records(reader, arguments):
        line = _line(record, arguments)
        if line is None:
            continue
        sys.stdout.write(f"{line}\n")
        # A program behind a pipe must see a followed event at once.
        sys.stdout.flush()
    return say_breaks(reader)


def _line(record: Record, arguments: argparse.Namespace) -> str | None:
    """Return the line of a record; None if it is not in the period."""
    match record.entry:
        case ConditionEvent(event=event) if _is_asked_for(arguments, event.time):
            return event.to_json()
        case LateEvent() as entry if _is_asked_for(arguments, entry.event.time):
            return _late_line(entry, record.time)
        case Adoption() as entry if _is_asked_for(arguments, record.time):
            return _adopted_line(entry, record)
    return None


def _is_asked_for(arguments: argparse.Namespace, time: int) -> bool:
    """Tell whether a time is in the period that was asked for. [ns, UTC]."""
    start, end = arguments.start, arguments.end
    return (start is None or time >= start) and (end is None or time < end)


def _adopted_line(entry: Adoption, record: Record) -> str:
    """Return the line of a version that came into force, without its content."""
    fields = {"number": record.number, "time": record.time, "kind": entry.kind}
    fields |= {name: value for name, value in json.loads(record.text()).items() if name != "content"}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _late_line(entry: LateEvent, time: int) -> str:
    """Return the line of a late event, with the log time at which it was found. [ns, UTC]."""
    fields = {name: getattr(entry.event, name) for name in Event.__slots__}
    fields |= {"find": entry.find, "of": entry.of, "found": time}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def verify(arguments: argparse.Namespace) -> int:
    """Print whether the journal and the files beside it are unchanged."""
    is_unbroken = verify_journal(arguments)
    if arguments.anchors is not None:
        is_unbroken &= verify_anchors(arguments.anchors, open_journal(arguments))
    are_sound = verify_stores(DataFolder(arguments.data))
    return OK if is_unbroken and are_sound else REFUSED


def _records(reader: JournalReader, arguments: argparse.Namespace) -> Iterator[Record]:
    kinds: tuple[RecordKind, ...] = LATE_KINDS if arguments.late else EVENT_KINDS
    if arguments.adopted:
        kinds = ADOPTED_KINDS
    # The number comes first: what is recorded after it and before the look-up is within the bounds or followed.
    known, _ = reader.head()
    # What is found in late data may be recorded any time after it happened.
    end = None if arguments.late else arguments.end
    first, last = (1, known) if arguments.adopted else reader.happened(arguments.start, end)
    yield from reader.read(first - 1, kinds=kinds, up_to=last)
    after = max(known, last)
    while arguments.follow:
        for record in reader.read(after, kinds=kinds):
            after = record.number
            yield record
        pause(READ_EVERY)
