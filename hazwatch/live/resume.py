"""Continues where the last run in a data folder ended: its pipeline, and the late data that nobody reviewed yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from zoneinfo import ZoneInfo

from adapters.stores import DamageLog, HistoryFileError, HistoryReader, Journal, JournalError
from alarms import Approval, Ledger, Record, Remove
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import MOST_BEHIND, KeptLedger, keep_state
from hazwatch.live.late.queue import Backlog, Reviews
from hazwatch.live.late.review import review
from hazwatch.live.late.worker import apart
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.restart import Snapshot, catch_up
from hazwatch.live.rule_sets import approval_for, content_of, journal_adoptions, read_approval
from hazwatch.live.site_in_force import keep_copy, presentation_in_force
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from ingest import LateWatch
from plant import NO_ARRIVAL, Message

logger = getLogger(__name__)


class RemovedRuleError(Exception):
    """The rules of active alarms are no longer in the site file."""

    def __init__(self, conditions: Sequence[str]) -> None:
        super().__init__(
            Message(
                "these alarms stand, and the site file no longer has their rules, or has them for another point: "
                "{conditions}; put the rules back, or name each with --remove, and say --by whom and for what --reason",
                conditions=tuple(conditions),
            )
        )


@dataclass(frozen=True, slots=True)
class AlarmRemoval:
    """The removal of an active alarm whose rule is no longer in the site file: the person and the reason."""

    condition: str
    by: str
    reason: str


def resumed(
    config: Config,
    folder: DataFolder,
    journal: Journal,
    removals: Sequence[AlarmRemoval],
    now: int,
    *,
    approval: Approval | None = None,
    damages: DamageLog | None = None,
) -> Pipeline:
    """Return a pipeline that continues where the last run in a data folder ended. [ns, UTC].

    Raises
    ------
    UnapprovedError
        Rules or presentation differ from those in force, and nobody approved them.
    RemovedRuleError
        The rule of an active alarm is no longer in the site file.
    alarms.CommandRefusedError, alarms.IllegalTransitionError
        A removal names an alarm that is not active, or whose rule is still in the site file.

    """
    kept = KeptLedger.of(folder, journal, alarm_specs(config), ZoneInfo(config.site.timezone))
    ledger = kept.ledger
    # A state that was refused stays until the look through the journal has reported it on the page.
    if kept.behind >= MOST_BEHIND and not kept.is_state_refused:
        keep_state(folder, journal, ledger)
    approvals = approval, read_approval(folder)
    under = approval_for(config, journal, ledger, approvals, presentation_in_force(folder, ledger))
    in_force, rules = ledger.rules, config.rules
    edited = in_force is not None and in_force.version != rules.version
    content = None if in_force is None else content_of(journal, in_force)
    walked = catch_up(config, folder, now, in_force, content, damages=damages)
    if walked is not None and ledger.lost and not walked.agrees_with(ledger):
        event = Message("snapshot not used, conditions are taken from the journal")
        logger.warning("%s reason=%s", event, Message("damaged records of the journal were left out"))
        walked = None
    missed = [] if walked is None else ledger.apply(walked.missed, walked.intake.position[0])
    if walked is not None and edited:
        # The ledger also has events of rules that were removed earlier and are now back.
        walked.engine.remember(ledger.recent_events())
    gone = removed(ledger, removals, now)
    # Nothing reaches the journal before this line: all refusals above leave it unchanged.
    journal.append([*missed, *gone])
    pipeline = Pipeline(config, ledger, None if walked is None else (walked.intake, walked.engine))
    adopted, texts = ledger.adopt(rules.version, rules.content, under, now), Presentation.of(config)
    adopted += ledger.present(texts.version, texts.content, under, now)
    journal_adoptions(adopted, ledger, folder, journal)
    keep_copy(config, folder)
    return pipeline


def latest(folder: DataFolder, damages: DamageLog | None = None) -> int:
    """Return the latest time in the history of a data folder; NO_ARRIVAL if it is empty. [ns, UTC]."""
    span = HistoryReader(folder.history, damages=damages).span()
    return NO_ARRIVAL if span is None else span[1]


def reviews_of(
    config: Config, folder: DataFolder, pipeline: Pipeline, before: int, damages: DamageLog | None = None
) -> Reviews:
    """Return the backlog and the reviewer of late data; the backlog starts with unreviewed data of earlier runs.

    If neither journal nor snapshot tells how far reviews had come, the backlog starts with the last run. [ns, UTC].
    """
    watch = LateWatch(config.points, config.site, config.arrival_timed())
    watch.resume(pipeline.engine.readings().time)
    snapshot = Snapshot.read(folder.snapshot)
    ledger = pipeline.ledger
    known = [ledger.late.reviewed or NO_ARRIVAL, NO_ARRIVAL if snapshot is None else snapshot.reviewed]
    reviewed = max((time for time in known if time != NO_ARRIVAL), default=ledger.started or NO_ARRIVAL)
    backlog = Backlog(watch, reviewed=reviewed, before=before)
    look = partial(apart, review, config, folder, expected=(HistoryFileError, JournalError))
    return Reviews(backlog, look, DamageLog() if damages is None else damages)


def removed(ledger: Ledger, removals: Sequence[AlarmRemoval], now: int) -> list[Record]:
    """Return the records by which the alarms of removed rules return; raises the errors of `resumed`. [ns, UTC]."""
    records: list[Record] = []
    for removal in removals:
        alarm = ledger.alarms.get(removal.condition)
        command = Remove(
            alarm=removal.condition,
            episode="none" if alarm is None else alarm.episode,
            by=removal.by,
            reason=removal.reason,
            key=f"remove {removal.condition} {now}",
        )
        records += ledger.command(command, now, in_doubt=())
    if ledger.without_rule:
        raise RemovedRuleError(ledger.without_rule)
    return records
