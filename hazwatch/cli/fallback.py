"""The fallback of `hazwatch run` to the site in force, and its messages, if it cannot take a site file."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeGuard

from adapters.stores import JournalError, set_journal_aside
from hazwatch.cli.journal_refusal import JournalRefusedError, MineRefusedError, locked, mine_or_refuse
from hazwatch.cli.options import RefusedError, UnavailableError
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import UnapprovedError, rules_in_force
from hazwatch.live.site_in_force import CopyError, read_copy
from hazwatch.reports.rule_changes import start_words
from hazwatch.site.config import Config
from hazwatch.site.site_text import Mistake
from hazwatch.words import both, text
from hazwatch.words.columns import pad
from hazwatch.words.shell import pasted
from plant import Message, Text, messages_of

PURPOSE: Final = 46
"""Width of the column with the purpose of a command. [columns]"""


def stand_in(
    folder: DataFolder, refusal: RefusedError, accepted: int | None = None
) -> tuple[Config, JournalRefusedError | None]:
    """Return the site in force instead of a refused site file, and why the journal has to be given up, if it has.

    Parameters
    ----------
    folder : DataFolder
        The data folder with the copy of the site file.
    refusal : RefusedError
        Why the command cannot go on with its site file and the journal.
    accepted : int or None
        Number of the last record of a journal that a person accepts.

    Raises
    ------
    RefusedError
        There is no such site; the arguments are both reasons.

    """
    # A mine that is watched by yesterday's rules is safer than a mine that is not watched at all.
    given_up = refusal if _speaks_of_journal(refusal) else None
    try:
        given_up = given_up or _given_up(folder, read_copy(folder, None, None), accepted)
        # A journal that is refused does not say which rules are in force.
        known = (None, None) if given_up is not None else rules_in_force(folder)
        return read_copy(folder, *known), given_up
    except CopyError as error:
        reasons = error.args if given_up is not None else no_copy(folder, error)
        raise RefusedError(*refusal.args, *reasons) from None
    except JournalError as error:
        raise UnavailableError(*messages_of(error)) from None


def _speaks_of_journal(refusal: RefusedError) -> TypeGuard[JournalRefusedError]:
    """Tell whether the journal is refused whatever the site file says."""
    return isinstance(refusal, JournalRefusedError) and not isinstance(refusal, MineRefusedError)


def _given_up(folder: DataFolder, kept: Config, accepted: int | None) -> JournalRefusedError | None:
    """Return why a journal does not fit the site in force either; None if it does."""
    try:
        mine_or_refuse(folder, kept, accepted)
    except JournalRefusedError as refusal:
        return refusal
    return None


def begin_anew(folder: DataFolder, refusal: JournalRefusedError) -> Text:
    """Set a refused journal aside, so that the next start begins another; return the notice on the page."""
    with locked(folder):
        is_lost = folder.lost_journal
        try:
            aside = folder.journal if is_lost else set_journal_aside(folder.journal)
        except JournalError as error:
            raise UnavailableError(*messages_of(error)) from None
        # Both follow from the journal that is given up, and would contradict the one that begins.
        folder.state.unlink(missing_ok=True)
        folder.snapshot.unlink(missing_ok=True)
    if is_lost:
        return text(
            Message(
                "{journal} was lost and a new journal begun: earlier alarms, tickets and approvals are not in it",
                journal=folder.journal,
            )
        )
    return text(
        Message(
            "{reason}: it was set aside as {aside} and a new journal begun: earlier alarms, tickets and approvals are "
            "in the old one",
            reason=messages_of(refusal)[0],
            aside=aside.name,
        )
    )


def no_copy(folder: DataFolder, error: CopyError) -> Iterator[Message | Mistake | str]:
    """Yield why the copy cannot be used, and the alternatives."""
    yield Message("the copy in {folder} cannot take its place:", folder=folder.in_force)
    yield from error.args
    rules, _ = rules_in_force(folder)
    if rules is not None:
        yield Message(
            "correct the site file, or put a copy back whose rules are {version}; the journal has these rules, "
            "without sources and names:",
            version=rules.version,
        )
        yield f"  {pasted('rules', rules.version, '--data', folder.path)}"


def not_taken(site: Path) -> Text:
    """Return the notice on the page while the engine uses the site in force instead of the site file."""
    return text(
        Message("{site} was not taken (it has mistakes or is not approved): the rules in force continue", site=site)
    )


def how_to_go_on(arguments: argparse.Namespace, error: UnapprovedError) -> list[Message | Mistake | str]:
    """Return why a rule-set was not started, and all ways to continue."""
    approve = pasted("approve", arguments.site, "--data", arguments.data)
    people = " --author NAME --approver NAME"
    lines: list[Message | Mistake | str] = [
        _refused(arguments.site, error),
        *_why_not_approved(error),
        _way(Message("see what it changes"), approve),
        _way(Message("approve it, then start"), f"{approve}{people} --reason TEXT"),
        _way(Message("do both in one step"), start_words(arguments.site, arguments.data, error.gone, people)),
    ]
    folder = DataFolder(arguments.data)
    try:
        kept = read_copy(folder, *rules_in_force(folder)).path
    except CopyError as reason:
        return [*lines, *no_copy(folder, reason)]
    return [*lines, _way(Message("continue as before"), pasted("run", kept, "--data", arguments.data))]


def _refused(site: Path, error: UnapprovedError) -> Message:
    """Return what was not started."""
    if error.what == "rules":
        return Message(
            "{site}: rule-set {version} is not approved and was not started; in force is {in_force}",
            site=site,
            version=error.version,
            in_force=error.in_force,
        )
    return Message(
        "{site}: presentation {version} (texts, tickets, names, units, grades, tolerance) is not approved and was not "
        "started; in force is {in_force}",
        site=site,
        version=error.version,
        in_force=error.in_force,
    )


def _why_not_approved(error: UnapprovedError) -> Iterator[Message]:
    """Yield why the approval that waits does not fit."""
    waiting = error.waiting
    if waiting is None:
        return
    rules = error.what == "rules"
    if (waiting.version if rules else waiting.presentation) == error.version:
        yield Message(
            "its approval was for replacing {replaced}, which is no longer in force (record {record} of the journal)",
            replaced=waiting.replaces if rules else waiting.presentation_replaces,
            record=waiting.record if rules else waiting.presentation_record,
        )
    elif rules:
        yield Message("approved is {version}, and this site file has other rules", version=waiting.version)
    else:
        yield Message(
            "the approval that waits is for presentation {version}, and this site file has another one",
            version=waiting.presentation or "-",
        )


def _way(purpose: Message, command: str) -> str:
    return f"{pad(f'{both(purpose)}:', PURPOSE)}{command}"
