"""`hazwatch approve`: shows what an edit changes, and records the approval of two people before it comes into force."""

import argparse
import sys
from typing import Any

from adapters.stores import JournalError
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_or_refuse
from hazwatch.cli.journal_refusal import journal_or_refuse
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_people, add_site, not_written
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import (
    NEEDED_FOR_APPROVAL,
    approval_of,
    known_rules,
    read_approval,
    write_approval,
)
from hazwatch.live.site_in_force import limits_in_force, presentation_in_force
from hazwatch.reports.rule_changes import approval_lines, start_words
from hazwatch.site.law.unexplained import refuse_loosened
from hazwatch.words import both
from plant import Message, messages_of


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "approve",
        help=both(Message("approve a change of rules, texts or tickets")),
        description=both(
            Message(
                "show what changes against rules and presentation in force; with author, approver and reason, the "
                "change comes into force at the next start"
            )
        ),
        epilog="hazwatch approve new.toml --data data\n"
        "hazwatch approve new.toml --data data --author NAME --approver NAME --reason TEXT",
    )
    add_site(parser)
    add_data(parser)
    add_people(parser)
    parser.add_argument("--reason", metavar="TEXT", help=both(Message("why the rules change")))
    parser.set_defaults(command=approve)


def approve(arguments: argparse.Namespace) -> int:
    """Print the changes; with names and reason, store the approval for the next start."""
    config = load_or_refuse(arguments)
    folder = DataFolder(arguments.data)
    journal_or_refuse(folder)
    try:
        ledger, content = known_rules(config, folder)
        presented = presentation_in_force(folder, ledger)
    except JournalError as error:
        raise UnavailableError(*messages_of(error)) from None
    sys.stdout.writelines(f"{line}\n" for line in approval_lines(config, ledger, content, presented))
    people = {name: getattr(arguments, name) for name in NEEDED_FOR_APPROVAL}
    if not any(people.values()):
        return OK
    try:
        refuse_loosened(config, limits_in_force(folder, ledger, content, presented))
        approval = approval_of(config, ledger, people)
    except ValueError as error:
        raise RefusedError(*messages_of(error)) from None
    if approval is None:
        raise RefusedError(Message("nothing changed: there is nothing to approve"))
    waiting = read_approval(folder)
    if waiting is not None and waiting.approved_versions != approval.approved_versions:
        message = Message(
            "in place of {version}, which was approved and never started", version=waiting.approved_versions
        )
        sys.stdout.write(f"{both(message)}\n")
    try:
        write_approval(folder, approval)
    except OSError as error:
        raise UnavailableError(not_written(folder.approval, error)) from None
    start = start_words(arguments.site, arguments.data, ledger.without_rule)
    message = Message("approved; it comes into force at the next start, and until then the rules in force continue:")
    sys.stdout.write(f"{both(message)}\n  {start}\n")
    return OK
