"""`hazwatch rules`: the rule-sets that were in force, what one said, and what another one changed of it."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from adapters.stores import JournalError, JournalReader
from alarms import RulesInForce
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import open_journal
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, zone
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of, history, read_approval
from hazwatch.reports.rule_changes import change_lines, count_line, history_lines
from hazwatch.words.numbers import moment
from rules import changes

EMPTY = "[[], [], [], []]"
"""The content of a rule-set that watches nothing."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rules",
        help="规则集版本 / rule-sets that were in force",
        description="列出各规则集版本; 给一个版本则列出其内容, 给两个则比较 / lists the rule-sets;\n"
        "the content of one, or what a second one changed of it",
        epilog="hazwatch rules --data data\nhazwatch rules 0123456789ab --data data\n"
        "hazwatch rules 0123 89ab --data data",
    )
    parser.add_argument(
        "versions", nargs="*", metavar="VERSION", help="版本, 可只写开头 / a version, or how it begins (one or two)"
    )
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="一个版本的原文 / the content of one version as it is")
    parser.add_argument("--timezone", default="Asia/Shanghai", type=zone, help="时区 / zone of the times (%(default)s)")
    parser.set_defaults(command=rules)


def rules(arguments: argparse.Namespace) -> int:
    """Print the list, one content, or a comparison."""
    if len(arguments.versions) > 2 or (arguments.json and len(arguments.versions) != 1):
        raise RefusedError("expected at most two versions; with --json one")
    reader = open_journal(arguments)
    try:
        entries = list(history(reader))
        found = [content(reader, entries, wanted) for wanted in arguments.versions]
    except JournalError as error:
        raise UnavailableError(str(error)) from None
    if not found:
        sys.stdout.writelines(f"{line}\n" for line in history_lines(entries, arguments.timezone))
        announce_waiting(arguments)
    elif arguments.json:
        sys.stdout.write(f"{found[0]}\n")
    else:
        between = changes(found[1], found[0]) if len(found) == 2 else changes(found[0], EMPTY)
        sys.stdout.writelines(f"{line}\n" for line in change_lines(between))
        sys.stdout.write(f"{count_line(between)}\n" if len(found) == 2 else "")
    return OK


def content(reader: JournalReader, entries: Sequence[RulesInForce], wanted: str) -> str:
    """Return the content of the one version that begins so, or end the command."""
    versions = {rules.version: rules for rules in entries if rules.version.startswith(wanted)}
    if len(versions) != 1:
        known = ", ".join(dict.fromkeys(rules.version for rules in entries))
        raise RefusedError(
            f"{wanted}: {'several versions begin' if versions else 'no version begins'} so; there are: {known}"
        )
    (rules,) = versions.values()
    found = content_of(reader, rules)
    if found is None:
        raise RefusedError(f"{rules.version}: the journal has this version of an older Hazwatch without its content")
    return found


def announce_waiting(arguments: argparse.Namespace) -> None:
    """Say which rule-set is approved and comes into force with the next start."""
    waiting = read_approval(DataFolder(arguments.data))
    if waiting is not None:
        sys.stdout.write(
            f"待生效 / comes into force with the next start: {waiting.version}  {waiting.author} / {waiting.approver}  "
            f"{moment(waiting.approved, arguments.timezone)}  {' '.join(waiting.reason.split())}\n"
        )
