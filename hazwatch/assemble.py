"""Assembles a live engine from stores, pipeline, sources and page, and runs it in one event loop until a signal."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from threading import Event
from typing import Final
from zoneinfo import ZoneInfo

from adapters.sources import Source
from adapters.sources.registry import PROTOCOLS
from adapters.stores import DamageLog, Historian, HistoryCheck, HistoryFileError, HistoryReader, Journal, JournalError
from alarms import Approval, Ledger, Record, Remove
from console import CONNECTIONS, Hub, LevelName, create_app, serve_on
from hazwatch.desk.desk import LiveDesk
from hazwatch.live.anchors.keeper import AnchorKeeper
from hazwatch.live.anchors.succession import open_to_write
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Unstored
from hazwatch.live.journal_watch import JournalWatch
from hazwatch.live.judgements import judgement_notice, log_judgements
from hazwatch.live.kept_ledger import MOST_BEHIND, KeptLedger, keep_state
from hazwatch.live.late.queue import Backlog, Reviews
from hazwatch.live.late.review import review
from hazwatch.live.late.worker import apart
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.process import left_for_pages, raise_limit, stop_on_signals
from hazwatch.live.restart import Snapshot, catch_up
from hazwatch.live.rule_sets import approval_for, content_of, journal_adoptions, read_approval
from hazwatch.live.runtime import Runtime
from hazwatch.live.site_in_force import keep_copy, presentation_in_force
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from hazwatch.words import both, text
from hazwatch.words.breaks import lost_notice
from ingest import LateWatch
from plant import NO_ARRIVAL, Message, Text

logger = getLogger(__name__)

SWITCH: Final = 0.0005
"""Longest time for which a thread may keep the interpreter from the others. [s]"""
# Python's default of 5 ms would let the thread that compacts history delay an alarm by that much.
LINGER: Final = 0.03
"""Delay of a batch's history behind its alarms. [s]"""
# Both go to the same disk: an alarm would otherwise wait for the flush of the history.
CHECK_EVERY: Final = 10.0
"""Time between two looks for day files that are new, lost or mended. [s]"""
HOSTS: Final = ("127.0.0.1", "localhost", "::1")


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


@dataclass(frozen=True, slots=True)
class Live:
    """A live engine before its start: site, data folder, clock, and the listening socket of its page."""

    config: Config
    folder: DataFolder
    clock: ScaledClock
    listener: socket.socket | None
    removals: tuple[AlarmRemoval, ...] = ()
    approval: Approval | None = None
    notice: Text | None = None

    async def run(self, ready: Callable[[Runtime], None] = lambda runtime: None) -> None:
        """Run until SIGTERM, SIGINT or cancellation, then store everything that has entered."""
        # The journal opens first and closes last: its lock keeps a second engine out of the folder.
        with ExitStack() as stack:
            self.folder.path.mkdir(parents=True, exist_ok=True)
            journal = stack.enter_context(open_to_write(self.config, self.folder))
            unstored = Unstored.of(self.folder, self.config.points.ids)
            historian = stack.enter_context(
                closing(
                    Historian(
                        self.folder.history,
                        unstored,
                        retention_days=self.config.historian.days,
                        linger=LINGER,
                        anchor=lambda: journal.anchor,
                    )
                )
            )
            await self._run(journal, historian, unstored, ready)

    async def _run(
        self, journal: Journal, historian: Historian, unstored: Unstored, ready: Callable[[Runtime], None]
    ) -> None:
        log_judgements(self.config.judgements)
        hub = Hub()
        damages = DamageLog()
        pipeline = resumed(
            self.config,
            self.folder,
            journal,
            self.removals,
            self.clock.now(),
            approval=self.approval,
            damages=damages,
        )
        # What the history keeps of the journal from the start entry on must include what this start has recorded.
        with suppress(JournalError):
            await asyncio.wrap_future(journal.append([]))
        before = max(latest(self.folder, damages), unstored.latest)
        runtime = Runtime(
            pipeline,
            sources=open_sources(self.config, self.clock),
            clock=self.clock,
            journal=journal,
            historian=historian,
            unstored=unstored,
            snapshot=self.folder.snapshot,
            before=before,
            reviews=reviews_of(self.config, self.folder, pipeline, before, damages),
        )
        history = HistoryReader(self.folder.history, self.config.points, damages)
        watch = JournalWatch(self.folder, lambda: pipeline.ledger.last_number)
        keeper = AnchorKeeper(self.config, self.folder, journal)
        desk = LiveDesk(self.config, runtime, hub, history, partial(self._notices, watch, keeper, pipeline.ledger))
        runtime.observers.append(desk.publish)
        calm_collector()
        sys.setswitchinterval(SWITCH)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(runtime.run(), name="runtime"), group.create_task(desk.refresh(), name="desk")]
            tasks.append(group.create_task(check_history(HistoryCheck(self.folder.history, damages)), name="check"))
            tasks.append(group.create_task(watch.run(), name="journal watch"))
            tasks.append(group.create_task(keeper.run(), name="anchors"))
            if self.listener is not None:
                pages = left_for_pages(raise_limit(), len(self.config.sources), CONNECTIONS)
                app = create_app(desk, hub, hosts=(*HOSTS, self.listener.getsockname()[0]), say=both)
                tasks.append(group.create_task(serve_on(app, self.listener, connections=pages), name="page"))
            stop_on_signals(tasks)
            ready(runtime)

    def _notices(self, watch: JournalWatch, keeper: AnchorKeeper, ledger: Ledger) -> dict[str, tuple[LevelName, Text]]:
        """Return the notices of this start, and of what was found about the journal since."""
        notices: dict[str, tuple[LevelName, Text]] = {}
        if self.notice is not None:
            notices["site"] = ("orange", self.notice)
        if self.config.judgements:
            notices["judgements"] = ("orange", text(judgement_notice(self.config.judgements)))
        if watch.trouble is not None:
            notices["journal changed"] = ("red", text(watch.trouble))
        elif ledger.lost:
            notices["journal records"] = ("orange", text(lost_notice(ledger.lost)))
        if keeper.trouble is not None:
            notices["anchors"] = ("yellow", text(Message("no anchor of the journal: {reason}", reason=keeper.trouble)))
        return notices


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


def open_sources(config: Config, clock: ScaledClock) -> list[Source]:
    """Return a source for each [[source]] that has points."""
    specs = [(spec, config.points_of(spec.id)) for spec in config.sources]
    return [PROTOCOLS[spec.protocol].open_source(spec, points, clock) for spec, points in specs if points]


async def check_history(check: HistoryCheck) -> None:
    """Look over the history at the start, so that its damage is known at once, and then for what changed."""
    stop = Event()
    try:
        while True:
            await asyncio.to_thread(check.look, stop)
            await asyncio.sleep(CHECK_EVERY)
    finally:
        stop.set()


def calm_collector() -> None:
    """Exempt permanent objects from garbage collection, whose pauses would delay alarms."""
    # A full collection of a large site takes hundreds of milliseconds. Frozen objects are not visited, and the high
    # thresholds make the remaining collections rare.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
