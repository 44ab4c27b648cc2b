"""What `hazwatch run` watches, and what it says, where a site file cannot be taken."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from adapters.stores import JournalError
from hazwatch.cli.options import RefusedError, UnavailableError
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import UnapprovedError, rules_in_force
from hazwatch.live.site_in_force import CopyError, read_copy
from hazwatch.reports.rule_changes import start_words
from hazwatch.site.config import Config
from hazwatch.words import text
from hazwatch.words.shell import pasted
from plant import Message, Text


def stand_in(folder: DataFolder, refusal: RefusedError) -> Config:
    """Return what was in force, in the place of a site file that was refused; or end the command, with both reasons."""
    try:
        return read_copy(folder, *rules_in_force(folder))
    except CopyError as error:
        raise RefusedError("\n".join((str(refusal), *no_copy(folder, error)))) from None
    except JournalError as error:
        raise UnavailableError(str(error)) from None


def no_copy(folder: DataFolder, error: CopyError) -> Iterator[str]:
    """Say why the copy does not help, and what does."""
    yield f"现行现场文件的副本不能代替 / the copy in {folder.in_force} cannot take its place:"
    yield str(error)
    rules, _ = rules_in_force(folder)
    if rules is not None:
        yield (
            f"改正现场文件, 或放回规则为 {rules.version} 的; 运行记录中有规则, 没有数据源和名称, 无法由它恢复\n"
            f"mend the site file, or put one back whose rules are {rules.version}; the journal has the rules, without "
            "sources and names:"
        )
        yield f"  {pasted('rules', rules.version, '--data', folder.path)}"


def not_taken(site: Path, folder: DataFolder) -> Text:
    """Return what the page says when the engine does not follow the site file."""
    if folder.lost_journal:
        lost = Message(
            "{path} was lost, and a new one begun: earlier alarms, tickets and approvals are not in it",
            path=folder.journal,
        )
        return text(lost)
    return text(Message("{path} was not taken (mistakes, or not approved): the rules in force go on", path=site))


def how_to_go_on(arguments: argparse.Namespace, error: UnapprovedError) -> str:
    """Say why a rule-set is not started, and every way on."""
    approve = pasted("approve", arguments.site, "--data", arguments.data)
    people = " --author NAME --approver NAME"
    found = [
        f"{arguments.site}: 规则 {error.version} 未经批准, 没有启动; 现行的是 {error.in_force.version}",
        f"rule-set {error.version} is not approved, and was not started; in force is {error.in_force.version}",
    ]
    if error.waiting is not None and error.waiting.version == error.version:
        found.append(
            f"its approval was for following {error.waiting.replaces}, which is no longer in force "
            f"(record {error.waiting.record} of the journal)"
        )
    elif error.waiting is not None:
        found.append(f"approved, and not what this site file says, is {error.waiting.version}")
    found += [
        f"看改动 / see what it changes:    {approve}",
        f"批准 / approve it, then start:   {approve}{people} --reason TEXT",
        f"一步完成 / both in one step:     {start_words(arguments.site, arguments.data, error.gone, people)}",
    ]
    folder = DataFolder(arguments.data)
    try:
        kept = read_copy(folder, *rules_in_force(folder)).path
    except CopyError as reason:
        return "\n".join((*found, *no_copy(folder, reason)))
    return "\n".join((*found, f"照旧继续 / go on as before:      {pasted('run', kept, '--data', arguments.data)}"))
