"""Snapshots of a running engine, and the restart from them: the engine walks the log since the last snapshot again.

The journal remains the authority. A snapshot is used only if walking on from it gives exactly the journal's events.
Otherwise the engine takes the active conditions from the journal, and windows and delays begin empty.
"""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from logging import getLogger
from pathlib import Path
from typing import Final, Self

from adapters.sealed_file import read_sealed, write_sealed
from adapters.stores import Anchor, DamageLog, HistoryFileError, JournalReader
from alarms import Ledger, RecordKind, RulesInForce, events_of
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.recorded_log import Past
from hazwatch.live.site_in_force import CopyError, read_copy
from hazwatch.site.config import Config
from ingest import IllegalArrivalError, Intake
from plant import NO_ARRIVAL, Message, PointTable
from rules import Engine, Event, RuleSet

logger = getLogger(__name__)

SNAPSHOT_MAGIC: Final = b"hazwatch snapshot 1\n"
EVENTS: Final[tuple[RecordKind, ...]] = ("event",)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An engine between two entries of the log.

    Attributes
    ----------
    record : int
        Number of the last journal record before the snapshot.
    position : tuple of int
        Position of the intake. [ns, UTC]
    before : int
        Latest time in the history of earlier runs; it exceeds the position if the clock was set back. [ns, UTC]
    engine : bytes
        State of the engine.
    reviewed : int
        Arrival up to which late data was reviewed; NO_ARRIVAL if unknown. [ns, UTC]
    anchor : Anchor or None
        Head of the journal on disk; None if unknown.

    """

    record: int
    position: tuple[int, int, int]
    before: int
    engine: bytes
    reviewed: int = NO_ARRIVAL
    anchor: Anchor | None = None

    @classmethod
    def of(cls, pipeline: Pipeline, before: int, reviewed: int = NO_ARRIVAL) -> Self:
        """Take a snapshot of a pipeline that has started on the history of runs before."""
        return replace(cls.without_engine(pipeline, before, reviewed), engine=pipeline.engine.snapshot())

    @classmethod
    def without_engine(cls, pipeline: Pipeline, before: int, reviewed: int = NO_ARRIVAL) -> Self:
        """Take a snapshot that lacks the state of the engine, the large part of it."""
        return cls(pipeline.ledger.last_number, pipeline.intake.position, before, b"", reviewed)

    def write(self, path: Path) -> None:
        """Replace the snapshot before, completely or not at all; raise OSError if that fails."""
        fields = {"record": self.record, "position": self.position, "before": self.before, "reviewed": self.reviewed}
        if self.anchor is not None:
            fields["anchor"] = (self.anchor.journal.hex(), self.anchor.number, self.anchor.digest.hex())
        write_sealed(path, SNAPSHOT_MAGIC, fields, self.engine)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the last snapshot; None if there is none, or if it is damaged or of another version."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            if (sealed := read_sealed(path, SNAPSHOT_MAGIC)) is not None:
                fields, engine = sealed
                entered, stamped, tick = fields["position"]
                position = (int(entered), int(stamped), int(tick))
                reviewed = int(fields.get("reviewed", NO_ARRIVAL))
                anchor = _anchor_of(*fields["anchor"]) if "anchor" in fields else None
                return cls(int(fields["record"]), position, int(fields["before"]), engine, reviewed, anchor)
        if path.exists():
            event = Message("snapshot cannot be read, conditions are taken from the journal")
            logger.warning("%s path=%s", event, path)
        return None


def _anchor_of(journal: str, number: int, digest: str) -> Anchor:
    return Anchor(bytes.fromhex(journal), int(number), bytes.fromhex(digest))


class UnfitError(Exception):
    """The snapshot does not fit the journal, the history or the clock."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """An intake and an engine at the end of the last run, and the events that this run had not journaled."""

    intake: Intake
    engine: Engine
    missed: Sequence[Event]

    def agrees_with(self, ledger: Ledger) -> bool:
        """Tell whether the alarms that stand in a ledger are those of the engine; a ledger may have lost records."""
        standing = {event.condition for event in ledger.standing_events()}
        for event in self.missed:
            if event.transition == "raise":
                standing.add(event.condition)
            else:
                standing.discard(event.condition)
        return standing == self.engine.standing()


def catch_up(
    config: Config,
    folder: DataFolder,
    now: int,
    in_force: RulesInForce | None = None,
    content: str | None = None,
    *,
    damages: DamageLog | None = None,
) -> CaughtUp | None:
    """Walk the log since the last snapshot; return None if no snapshot fits the journal, the rules and the clock.

    Parameters
    ----------
    config : Config
        The configuration of the run that starts.
    folder : DataFolder
        The data folder of the last run.
    now : int
        Time of the start. [ns, UTC]
    in_force, content
        The rule-set of the last run and its content, if the journal has them. The walk uses these rules, and ticks,
        allowance and sources of the last run from the copy of its site file. If any of them changed, the new engine
        takes over the state at the end of the walk.
    damages : DamageLog or None
        Collects the damages of the history that the walk meets.

    """
    snapshot = Snapshot.read(folder.snapshot)
    if snapshot is None:
        return None
    try:
        before = _before(config, folder, in_force, content)
        walked = _walk(snapshot, before, folder, now, damages)
    except (UnfitError, IllegalArrivalError, HistoryFileError, ValueError) as error:
        event = Message("snapshot not used, conditions are taken from the journal")
        logger.warning("%s reason=%s", event, error)
        return None
    if _log_of(before) == _log_of(config) and before.rules.version == config.rules.version:
        return walked
    intake = Intake(config.points, config.site, config.arrival_timed())
    intake.resume(walked.intake.position)
    return CaughtUp(intake, walked.engine.edited(config.rules), walked.missed)


def _before(config: Config, folder: DataFolder, in_force: RulesInForce | None, content: str | None) -> Config:
    """Return the configuration of the last run: the copy of its site file, or else this one with its rules."""
    if in_force is None:
        return config
    try:
        copy = read_copy(folder, in_force, content)
    except CopyError as error:
        event = Message("allowance and sources of the last run are taken from the new site file")
        logger.warning("%s reason=%s", event, error)
    else:
        if copy.rules.version == in_force.version:
            return copy
    if content is None or in_force.version == config.rules.version:
        return config
    return _under(config, RuleSet.read(content))


def _log_of(config: Config) -> Hashable:
    """Return the settings on which the log depends."""
    site, ids = config.site, tuple(point.id for point in config.points.points)
    return ids, config.arrival_timed().tobytes(), site.allowance, site.tick_period, site.max_clock_skew


def _walk(snapshot: Snapshot, config: Config, folder: DataFolder, now: int, damages: DamageLog | None) -> CaughtUp:
    """Walk the log since a snapshot, and compare its events with the journal's."""
    # After the clock was set back, the history holds two pasts for the same hours.
    if snapshot.before >= snapshot.position[0]:
        raise UnfitError(Message("the clock was set back"))
    journal = JournalReader(folder.journal)
    intake = Intake(config.points, config.site, config.arrival_timed())
    engine = Engine(config.rules)
    engine.resume(snapshot.engine)
    intake.resume(snapshot.position)
    past = Past(config, folder, damages, since=snapshot.record)
    events = [event for log in past.after(intake) for event in engine.evaluate(log)]
    if past.damages:
        # Windows and delays would go on as if nothing had happened in the time that nobody evaluated.
        raise UnfitError(Message("the history is damaged"))
    journaled = list(events_of(journal.read(snapshot.record, kinds=EVENTS)))
    # A kill may cut the journal short, but must not change its beginning.
    if events[: len(journaled)] != journaled or journal.head()[0] < snapshot.record:
        raise UnfitError(Message("the log since the snapshot gives other events than the journal has"))
    if intake.position[0] > now:
        raise UnfitError(Message("history is ahead of the clock"))
    event = Message("resumed from a snapshot")
    logger.info("%s events=%d missed=%d", event, len(events), len(events) - len(journaled))
    return CaughtUp(intake, engine, events[len(journaled) :])


def _under(config: Config, rules: RuleSet) -> Config:
    """Return a configuration with a rule-set of the past; the sources of its points are the present ones."""
    source = {point.id: point.source for point in config.points.points}
    points = tuple(point.model_copy(update={"source": source.get(point.id)}) for point in rules.points)
    rules = RuleSet(points, rules.limits, rules.votes, rules.interlocks)
    return replace(config, rules=rules, points=PointTable(points))
