"""Finds the rule-set in force in a data folder, and decides whether other rules and presentations may follow."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from logging import getLogger
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from adapters.stores import Journal, JournalError, JournalReader
from alarms import (
    Adoption,
    Approval,
    InForce,
    Ledger,
    PresentationAdoption,
    PresentationInForce,
    Record,
    RecordKind,
    RulesAdoption,
    RulesInForce,
    RunStart,
)
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import KeptLedger
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from hazwatch.site.profiles import in_order
from plant import Message, explained, message_of
from rules import RuleSet

logger = getLogger(__name__)

VERSIONS: Final[tuple[RecordKind, ...]] = ("start", "rules")
PRESENTATIONS: Final[tuple[RecordKind, ...]] = ("presentation",)
ADOPTIONS: Final[tuple[RecordKind, ...]] = ("start", "rules", "presentation")
NEEDED_FOR_APPROVAL: Final = ("author", "approver", "reason")
"""The options of a command line that an approval needs."""


class UnapprovedError(Exception):
    """The rule-set or the presentation differs from the one in force, and has no approval to follow it.

    Attributes
    ----------
    what : str
        `rules` or `presentation`.
    version, in_force : str
        Its version, and the version in force.
    waiting : Approval or None
        An approval in the data folder that does not fit.
    gone : list of str
        Active conditions that lose their rule by the edit.

    """

    def __init__(
        self,
        what: Literal["rules", "presentation"],
        versions: tuple[str, str],
        waiting: Approval | None,
        gone: list[str],
    ) -> None:
        version, in_force = versions
        super().__init__(
            Message("rule-set {version} is not approved; in force is {in_force}", version=version, in_force=in_force)
            if what == "rules"
            else Message(
                "presentation {version} is not approved; in force is {in_force}", version=version, in_force=in_force
            )
        )
        self.what: Final = what
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


def presentations(reader: JournalReader) -> Iterator[PresentationInForce]:
    """Yield the presentations that came into force, in order; journals of format 1 have none."""
    for record in reader.read(kinds=PRESENTATIONS):
        if isinstance(record.entry, PresentationAdoption):
            yield PresentationInForce.of(record.entry, record.number, record.time)


def rules_in_force(folder: DataFolder) -> tuple[RulesInForce | None, str | None]:
    """Return the rule-set in force in a data folder, and its content; both are None before the first start."""
    if not folder.journal.is_file() or folder.lost_journal:
        return None, None
    reader = JournalReader(folder.journal)
    rules = deque(history(reader), maxlen=1)
    return (rules[0], content_of(reader, rules[0])) if rules else (None, None)


def content_of(reader: JournalReader, in_force: InForce) -> str | None:
    """Return the content of a rule-set or presentation; None if an old journal has only its version."""
    record = next(reader.read(in_force.record - 1, kinds=ADOPTIONS, up_to=in_force.record), None)
    return record.entry.content if record is not None and isinstance(record.entry, Adoption) else None


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
    """Return the approval of a site file by author and approver; None if its rules and presentation are in force.

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
    versions = {"version": config.rules.version, "presentation": Presentation.of(config).version}
    in_force = (ledger.rules, ledger.presentation)
    if tuple(versions.values()) == tuple(each and each.version for each in in_force):
        return None
    fields = versions | {name: people[name] for name in NEEDED_FOR_APPROVAL} | {"approved": wall()}
    try:
        return Approval.model_validate(fields | _replaced(*in_force))
    except ValidationError as error:
        raise ValueError(explained(error)) from None


def _replaced(rules: InForce | None, presentation: InForce | None) -> dict[str, object]:
    """Return the keys of an approval that name the versions in force."""
    return {
        "replaces": rules and rules.version,
        "record": rules and rules.record,
        "presentation_replaces": presentation and presentation.version,
        "presentation_record": presentation and presentation.record,
    }


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
    config: Config,
    reader: JournalReader,
    ledger: Ledger,
    approvals: tuple[Approval | None, Approval | None],
    presented: Presentation | None,
) -> Approval | None:
    """Return the approval under which a site file comes into force; None if it needs no approval.

    No approval is needed if rules and presentation are in force already, if the journal has no rule-set yet (watching
    beats waiting), or if they changed with the program alone.

    Parameters
    ----------
    config, reader, ledger
        The site file, and the journal with its ledger.
    approvals : tuple of Approval or None
        The one that the start was given, and the one that waits in the data folder.
    presented : Presentation or None
        The presentation in force.

    Raises
    ------
    UnapprovedError
        Rules or presentation need an approval, and neither of the two fits.

    """
    rules, presentation = config.rules.version, Presentation.of(config)
    in_force, told_anew = ledger.rules, presented is not None and not presentation.says(presented.content)
    fitting = [approval for approval in approvals if approval is not None and approval.fits(rules, in_force)]
    for approval in fitting:
        # An approval of an older Hazwatch names no presentation.
        unnamed = approval.presentation is None and not told_anew
        if unnamed or approval.presents(presentation.version, ledger.presentation):
            return approval
    edited = in_force is not None and not says(config, in_force, content_of(reader, in_force))
    gone = ledger.without_rule
    if in_force is not None and edited and not fitting:
        raise UnapprovedError("rules", (rules, in_force.version), approvals[1], gone)
    if edited or told_anew:
        known = "-" if presented is None else presented.version
        raise UnapprovedError("presentation", (presentation.version, known), approvals[1], gone)
    return None


def journal_adoptions(records: Sequence[Record], ledger: Ledger, folder: DataFolder, journal: Journal) -> None:
    """Journal what comes into force with this start, and delete an approval that can bring nothing into force now."""
    journaled = journal.append(records)
    for entry in (record.entry for record in records):
        if isinstance(entry, RulesAdoption) and entry.approver is None:
            event = Message("the first rule-set of this data folder has no author and no approver")
            logger.warning("%s rules=%s", event, entry.version)
        elif isinstance(entry, PresentationAdoption) and entry.approver is None:
            event = Message("the first presentation of this data folder has no author and no approver")
            logger.warning("%s presentation=%s", event, entry.version)
    waiting, rules, presentation = read_approval(folder), ledger.rules, ledger.presentation
    if waiting and rules and presentation and not waiting.still_waits(rules, presentation):
        # The approval is the only proof until the journal has it on disk, so the file goes last.
        with suppress(JournalError):
            journaled.result()
            folder.approval.unlink(missing_ok=True)


def says(config: Config, in_force: RulesInForce, content: str | None) -> bool:
    """Tell whether a site file has the rules in force, or their content as this version of the program reads it."""
    version = config.rules.version
    if in_force.version == version or content is None:
        return in_force.version == version
    try:
        rules = RuleSet.read(content)
    except ValueError:
        return False
    # An older version put an override of a profile's limit at the place of its table.
    limits = in_order(rules.limits, config.statutory)
    return version in (rules.version, RuleSet(rules.points, limits, rules.votes, rules.interlocks).version)
