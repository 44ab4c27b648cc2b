"""`hazwatch approve`: shows what an edit changes, and has two people stand for it before it comes into force."""

import argparse
import sys
from typing import Any

from adapters.stores import JournalError
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import journal_or_refuse, load_or_refuse
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_people, add_site
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import (
    NEEDED_FOR_APPROVAL,
    approval_of,
    known_rules,
    read_approval,
    without_rule,
    write_approval,
)
from hazwatch.reports.rule_changes import approval_lines, start_words


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "approve",
        help="批准规则改动 / approve an edit of the rules",
        description="列出与现行规则相比的改动; 给出编制人, 批准人和原因后, 下次启动时生效 / shows what changes\n"
        "against the rules in force; with author, approver and reason it comes into force with the next start",
        epilog="hazwatch approve new.toml --data data\n"
        "hazwatch approve new.toml --data data --author 张工 --approver 李总 --reason 抽采后回风流瓦斯稳定",
    )
    add_site(parser)
    add_data(parser)
    add_people(parser)
    parser.add_argument("--reason", metavar="TEXT", help="为何改动 / why it is changed")
    parser.set_defaults(command=approve)


def approve(arguments: argparse.Namespace) -> int:
    """Show what changes; with the names and the reason, keep the approval for the next start."""
    config = load_or_refuse(arguments)
    folder = DataFolder(arguments.data)
    journal_or_refuse(folder)
    try:
        ledger, content = known_rules(config, folder)
    except JournalError as error:
        raise UnavailableError(str(error)) from None
    sys.stdout.writelines(f"{line}\n" for line in approval_lines(config, ledger, content))
    people = {name: getattr(arguments, name) for name in NEEDED_FOR_APPROVAL}
    if not any(people.values()):
        return OK
    try:
        approval = approval_of(config, ledger, people)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    if approval is None:
        raise RefusedError("没有改动, 无须批准 / nothing changed: there is nothing to approve")
    waiting = read_approval(folder)
    if waiting is not None and waiting.version != approval.version:
        sys.stdout.write(f"取代尚未生效的 / in place of {waiting.version}, which was approved and never started\n")
    try:
        write_approval(folder, approval)
    except OSError as error:
        raise UnavailableError(f"{folder.approval}: cannot be written: {error.strerror}") from None
    start = start_words(arguments.site, arguments.data, without_rule(config, ledger))
    sys.stdout.write(
        "已批准, 重启后生效; 在此之前按现行规则监测 / approved: it comes into force with the next start; until "
        f"then the rules in force go on:\n  {start}\n"
    )
    return OK
