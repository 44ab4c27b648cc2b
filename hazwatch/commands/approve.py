"""`hazwatch approve`: shows what an edit changes, and has two people stand for it before it comes into force."""

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from adapters.stores import JournalError, JournalReader
from alarms import Approval, Ledger
from hazwatch.cli import RefusedError, UnavailableError, add_data, add_site
from hazwatch.clock import wall
from hazwatch.commands.check import load_or_refuse
from hazwatch.config import Config
from hazwatch.data_folder import DataFolder
from hazwatch.exit_codes import OK
from hazwatch.rule_report import NOBODY, change_lines, count_line, law_lines, moment, set_line
from hazwatch.rule_sets import content_of, read_approval, read_ledger, without_rule, write_approval
from hazwatch.rule_views import alarm_specs
from hazwatch.site_text import explain
from rules import RuleChange, changes

PEOPLE: Final = ("author", "approver", "reason")


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


def add_people(parser: argparse.ArgumentParser) -> None:
    """Let a command take who stands for a rule-set."""
    parser.add_argument("--author", metavar="NAME", help="编制人 / who wrote the edit")
    parser.add_argument("--approver", metavar="NAME", help="批准人, 须为另一人 / who approved it: another person")


def approve(arguments: argparse.Namespace) -> int:
    """Show what changes; with the names and the reason, keep the approval for the next start."""
    config = load_or_refuse(arguments)
    folder = DataFolder(arguments.data)
    reader, ledger = journal_of(config, folder)
    sys.stdout.writelines(f"{line}\n" for line in report(config, reader, ledger))
    if not any(getattr(arguments, name) for name in PEOPLE):
        return OK
    approval = approval_of(arguments, config, ledger)
    if approval is None:
        raise RefusedError("没有改动, 无须批准 / nothing changed: there is nothing to approve")
    waiting = read_approval(folder)
    if waiting is not None and waiting.version != approval.version:
        sys.stdout.write(f"取代尚未生效的 / in place of {waiting.version}, which was approved and never started\n")
    try:
        write_approval(folder, approval)
    except OSError as error:
        raise UnavailableError(f"{folder.approval}: cannot be written: {error.strerror}") from None
    sys.stdout.write(
        "已批准, 重启后生效; 在此之前按现行规则监测 / approved: it comes into force with the next start; until "
        f"then the rules in force go on:\n  {start_words(arguments, without_rule(config, ledger))}\n"
    )
    return OK


def approval_of(arguments: argparse.Namespace, config: Config, ledger: Ledger) -> Approval | None:
    """Return what the people of a command line approve; None where the rules are in force already.

    Raises
    ------
    RefusedError
        A name or the reason is missing, or author and approver are one person.

    """
    missing = [f"--{name}" for name in PEOPLE if not (getattr(arguments, name) or "").strip()]
    if missing:
        raise RefusedError(f"an approval needs --author, --approver and --reason; missing: {', '.join(missing)}")
    in_force = ledger.rules
    if in_force is not None and in_force.version == config.rules.version:
        return None
    given = {name: getattr(arguments, name) for name in PEOPLE}
    replaces = None if in_force is None else in_force.version
    try:
        return Approval(version=config.rules.version, replaces=replaces, approved=wall(), **given)
    except ValidationError as error:
        raise RefusedError("; ".join(message for _, message in explain(error))) from None


def report(config: Config, reader: JournalReader | None, ledger: Ledger) -> Iterator[str]:
    """Yield what a site file changes against the rules in force, and what it does to the alarms that stand."""
    in_force = ledger.rules
    content = content_of(reader, in_force) if reader is not None and in_force is not None else None
    found: list[RuleChange] = []
    if in_force is None or content is None:
        yield "现行 / in force   没有记录, 这是第一套 / none on record: this is the first"
    else:
        people = f"{in_force.author or NOBODY} / {in_force.approver or NOBODY}  {in_force.reason or ''}".rstrip()
        since = moment(in_force.since, ZoneInfo(config.site.timezone))
        yield f"现行 / in force   {in_force.version}  {since}  {people}"
        found = changes(config.rules.content, content)
    yield f"新的 / new        {config.rules.version}  {set_line(config)}"
    yield from change_lines(found)
    yield count_line(found)
    law = list(law_lines(config))
    if law:
        yield "宽于规程 / looser than the regulation of the profile:"
        yield from (f"  {line}" for line in law)
    yield from _standing(config, ledger, found)


def _standing(config: Config, ledger: Ledger, found: Sequence[RuleChange]) -> Iterator[str]:
    gone = without_rule(config, ledger)
    if gone:
        yield f"规则被删除而报警仍在 / alarms that stand and lose their rule: {', '.join(gone)}"
    changed = {(change.table == "point", change.name) for change in found if change.kind == "changed"}
    stands = [
        event.condition
        for event in ledger.standing_events()
        if event.condition not in gone and {(False, event.condition), (True, event.point)} & changed
    ]
    if stands:
        yield (
            "正在报警, 生效后不解除也不新发, 下一个样本按新值判断 / alarms that stand stay, and the next sample is "
            f"judged by the new numbers: {', '.join(stands)}"
        )


def start_words(arguments: argparse.Namespace, gone: list[str], people: str = "") -> str:
    """Return the command that starts the engine on the site file of a command line."""
    removals = [word for name in gone for word in ("--remove", name)]
    words = shlex.join(["hazwatch", "run", str(arguments.site), "--data", str(arguments.data), *removals])
    by, reason = " --by NAME" if gone else "", " --reason TEXT" if gone or people else ""
    return words + by + people + reason


def journal_of(config: Config, folder: DataFolder) -> tuple[JournalReader | None, Ledger]:
    """Return the journal of a data folder, and what it adds up to; there is none before the first start."""
    if not folder.journal.exists():
        return None, Ledger(alarm_specs(config), ZoneInfo(config.site.timezone))
    try:
        reader = JournalReader(folder.journal)
        return reader, read_ledger(config, reader)
    except JournalError as error:
        raise UnavailableError(str(error)) from None
