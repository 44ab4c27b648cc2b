"""`hazwatch rules`: prints rule-sets and presentations that were in force, one content, or the changes between two."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from adapters.stores import JournalReader
from alarms import InForce, PresentationInForce
from hazwatch.cli.inputs import open_journal, say_breaks
from hazwatch.cli.options import RefusedError, add_data, zone
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of, history, presentations, read_approval
from hazwatch.reports.presentation_changes import presentation_changes
from hazwatch.reports.rule_changes import change_lines, count_line, history_lines
from hazwatch.site.presentation import Presentation
from hazwatch.words import both
from hazwatch.words.numbers import moment
from plant import Message
from rules import RuleChange, changes, version_of

EMPTY = "[[], [], [], []]"
"""The content of a rule-set that watches nothing."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rules",
        help=both(Message("list the rule-sets and presentations that were in force")),
        description=both(
            Message("list rule-sets and presentations; with one version its content, with two versions what changed")
        ),
        epilog="hazwatch rules --data data\nhazwatch rules 0123456789ab --data data\n"
        "hazwatch rules 0123 89ab --data data",
    )
    parser.add_argument(
        "versions", nargs="*", metavar="VERSION", help=both(Message("a version, or its first characters (one or two)"))
    )
    add_data(parser)
    parser.add_argument(
        "--json", action="store_true", help=both(Message("print the content of one version as it is recorded"))
    )
    parser.add_argument(
        "--timezone", default="Asia/Shanghai", type=zone, help=both(Message("time zone of the output (%(default)s)"))
    )
    parser.set_defaults(command=rules)


def rules(arguments: argparse.Namespace) -> int:
    """Print the list, one content, or a comparison."""
    if len(arguments.versions) > 2 or (arguments.json and len(arguments.versions) != 1):
        raise RefusedError(Message("expected at most two versions; with --json one"))
    reader = open_journal(arguments)
    rule_sets, presented = list(history(reader)), list(presentations(reader))
    chosen = [one_of([*rule_sets, *presented], wanted) for wanted in arguments.versions]
    contents = [content(reader, version) for version in chosen]
    if len({type(version) for version in chosen}) > 1:
        raise RefusedError(Message("expected two rule-sets or two presentations; found one of each"))
    if not contents:
        sys.stdout.writelines(f"{line}\n" for line in history_lines(rule_sets, arguments.timezone))
        if presented:
            sys.stdout.write(f"{both(Message('presentation'))}:\n")
            sys.stdout.writelines(f"{line}\n" for line in history_lines(presented, arguments.timezone))
        announce_waiting(arguments)
    elif arguments.json:
        sys.stdout.write(f"{contents[0]}\n")
    else:
        between = compared(chosen[-1], contents)
        sys.stdout.write(f"{' -> '.join(map(version_of, contents))}\n")
        sys.stdout.writelines(f"{line}\n" for line in change_lines(between))
        sys.stdout.write(f"{count_line(between)}\n" if len(contents) == 2 else "")
    return say_breaks(reader)


def compared(version: InForce, contents: Sequence[str]) -> list[RuleChange]:
    """Return the changes from the first content to the second; of a single one, all that it says."""
    new, old = contents[-1], contents[0] if len(contents) == 2 else None
    if isinstance(version, PresentationInForce):
        return presentation_changes(Presentation(new), None if old is None else Presentation(old))
    return changes(new, EMPTY if old is None else old)


def one_of(entries: Sequence[InForce], wanted: str) -> InForce:
    """Return the only version with this beginning, or end the command."""
    versions = {entry.version: entry for entry in entries if entry.version.startswith(wanted)}
    if len(versions) != 1:
        known = tuple(dict.fromkeys(entry.version for entry in entries))
        if versions:
            raise RefusedError(
                Message("{wanted}: several versions begin like this; there are: {known}", wanted=wanted, known=known)
            )
        raise RefusedError(
            Message("{wanted}: no version begins like this; there are: {known}", wanted=wanted, known=known)
        )
    return next(iter(versions.values()))


def content(reader: JournalReader, in_force: InForce) -> str:
    """Return the content of a version, or end the command."""
    recorded = content_of(reader, in_force)
    if recorded is None:
        message = Message(
            "{version}: an older Hazwatch recorded this version without its content", version=in_force.version
        )
        raise RefusedError(message)
    return recorded


def announce_waiting(arguments: argparse.Namespace) -> None:
    """Print the approved rule-set that comes into force at the next start, if any."""
    waiting = read_approval(DataFolder(arguments.data))
    if waiting is not None:
        sys.stdout.write(
            f"{both(Message('comes into force at the next start'))}: "
            f"{waiting.approved_versions}  {waiting.author} / {waiting.approver}  "
            f"{moment(waiting.approved, arguments.timezone)}  {' '.join(waiting.reason.split())}\n"
        )
