"""Finds the rule-set in force in a data folder, and decides whether another rule-set may follow it."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from logging import getLogger
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from adapters.stores import Journal, JournalError, JournalReader
from alarms import Approval, Ledger, Record, RecordKind, RulesAdoption, RulesInForce, RunStart
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import KeptLedger
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config
from plant import Message, explained, message_of
from rules import RuleSet

logger = getLogger(__name__)

VERSIONS: Final[tuple[RecordKind, ...]] = ("start", "rules")
NEEDED_FOR_APPROVAL: Final = ("author", "approver", "reason")
"""The options of a command line that an approval needs."""


class UnapprovedError(Exception):
    """The rule-set differs from the one in force, and has no approval to follow it.

    Attributes
    ----------
    version : str
        Version of the rule-set.
    in_force : RulesInForce
        The rule-set in force.
    waiting : Approval or None
        An approval in the data folder that does not fit.
    gone : list of str
        Active conditions that lose their rule by the edit.

    """

    def __init__(self, version: str, in_force: RulesInForce, waiting: Approval | None, gone: list[str]) -> None:
        super().__init__(
            Message(
                "rule-set {version} is not approved; in force is {in_force}",
                version=version,
                in_force=in_force.version,
            )
        )
        self.version: Final = version
        self.in_force: Final = in_force
        self.waiting: Final = waiting
        self.gone: Final = gone


def history(reader: JournalReader) -> Iterator[RulesInForce]:
    """Yield the rule-sets that came into force, in order; old journals have only their versions."""
    last = ""
    for record in reader.read(kinds=VERSIONS):
        match record.entry:
            case RulesAdoption() as entry:
                yield RulesInForce.of(entry, record.number, record.time)
                last = entry.version
            case RunStart(rules=version):
                if version != last:
                    yield RulesInForce(version, record.time, record.number)
                last = version


def rules_in_force(folder: DataFolder) -> tuple[RulesInForce | None, str | None]:
    """Return the rule-set in force in a data folder, and its content; both are None before the first start."""
    if not folder.journal.is_file() or folder.lost_journal:
        return None, None
    reader = JournalReader(folder.journal)
    rules = deque(history(reader), maxlen=1)
    return (rules[0], content_of(reader, rules[0])) if rules else (None, None)


def content_of(reader: JournalReader, rules: RulesInForce) -> str | None:
    """Return the content of a rule-set; None if an old journal has only its version."""
    record = next(reader.read(rules.record - 1, kinds=VERSIONS), None)
    return record.entry.content if record is not None and isinstance(record.entry, RulesAdoption) else None


def known_rules(config: Config, folder: DataFolder) -> tuple[Ledger, str | None]:
    """Return the ledger of a data folder, and the content of its rule-set in force.

    Before the first start the ledger is empty and the content None.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    if not folder.journal.exists():
        return Ledger(alarm_specs(config), ZoneInfo(config.site.timezone)), None
    reader = JournalReader(folder.journal)
    ledger = KeptLedger.of(folder, reader, alarm_specs(config), ZoneInfo(config.site.timezone)).ledger
    return ledger, None if ledger.rules is None else content_of(reader, ledger.rules)


def approval_of(config: Config, ledger: Ledger, people: Mapping[str, str | None]) -> Approval | None:
    """Return the approval of a site file's rules by author and approver; None if the rules are in force already.

    Raises
    ------
    ValueError
        A name or the reason is missing, or author and approver are one person.

    """
    missing = [f"--{name}" for name in NEEDED_FOR_APPROVAL if not (people[name] or "").strip()]
    if missing:
        message = Message(
            "an approval needs --author, --approver and --reason; missing: {missing}", missing=tuple(missing)
        )
        raise ValueError(message)
    in_force = ledger.rules
    if in_force is not None and in_force.version == config.rules.version:
        return None
    known = (None, None) if in_force is None else (in_force.version, in_force.record)
    fields = {name: people[name] for name in NEEDED_FOR_APPROVAL} | dict(
        zip(("replaces", "record"), known, strict=True)
    )
    try:
        return Approval.model_validate({"version": config.rules.version, "approved": wall()} | fields)
    except ValidationError as error:
        raise ValueError(explained(error)) from None


def read_approval(folder: DataFolder) -> Approval | None:
    """Return the approval that waits for a start; None if there is none or it cannot be read."""
    try:
        return Approval.model_validate_json(folder.approval.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        reason = explained(error)
    except OSError as error:
        reason = message_of(error)
    logger.warning("%s path=%s reason=%s", Message("approval not read"), folder.approval, reason)
    return None


def write_approval(folder: DataFolder, approval: Approval) -> None:
    """Write an approval for the next start; raise OSError if that fails."""
    folder.path.mkdir(parents=True, exist_ok=True)
    fresh = folder.approval.with_suffix(".new")
    fresh.write_text(approval.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder.approval)


def approval_for(
    config: Config, reader: JournalReader, ledger: Ledger, offered: Approval | None, waiting: Approval | None
) -> Approval | None:
    """Return the approval under which the rules of a site file come into force; None if they need no approval.

    No approval is needed if the rules are in force already, if the journal has no rule-set yet (watching beats
    waiting), or if only the version hash changed with the program.

    Raises
    ------
    UnapprovedError
        The rules need an approval, and neither of the two fits.

    """
    version, in_force = config.rules.version, ledger.rules
    approvals = [approval for approval in (offered, waiting) if approval is not None]
    fitting = [approval for approval in approvals if approval.fits(version, in_force)]
    if fitting:
        return fitting[0]
    if in_force is None or says(version, in_force, content_of(reader, in_force)):
        return None
    raise UnapprovedError(version, in_force, waiting, without_rule(config, ledger))


def without_rule(config: Config, ledger: Ledger) -> list[str]:
    """Return the active conditions without a rule in a site file, or whose rule watches another point now."""
    specs = alarm_specs(config)
    return sorted(
        event.condition
        for event in ledger.standing_events()
        if event.condition not in specs or not specs[event.condition].speaks_for(event.hazard_source, event.point)
    )


def journal_rules(records: Sequence[Record], rules: RuleSet, folder: DataFolder, journal: Journal) -> None:
    """Journal the rule-set of this start if it was not in force, and delete the approval that waited for it."""
    journaled = journal.append(records)
    if any(isinstance(record.entry, RulesAdoption) and record.entry.approver is None for record in records):
        event = Message("the first rule-set of this data folder has no author and no approver")
        logger.warning("%s rules=%s", event, rules.version)
    waiting = read_approval(folder)
    if waiting is not None and (records or waiting.version == rules.version):
        # The approval is the only proof until the journal has it on disk, so the file goes last.
        with suppress(JournalError):
            journaled.result()
            folder.approval.unlink(missing_ok=True)


def says(version: str, in_force: RulesInForce, content: str | None) -> bool:
    """Tell whether a version is the rule-set in force, or the same content as this version of the program reads it."""
    try:
        return in_force.version == version or (content is not None and RuleSet.read(content).version == version)
    except ValueError:
        return False
