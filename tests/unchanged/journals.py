"""Journals of random sites: commands, restarts, kills, an approved edit of the rules, reviews of late data."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from adapters.stores import Historian, Journal
from alarms import Approval, CommandRefusedError, IllegalTransitionError, Ledger, parse_command
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.late.review import Job, review
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.restart import Snapshot
from hazwatch.live.resume import latest, resumed
from hazwatch.site.config import Config, load
from plant import NO_ARRIVAL, SampleBatch
from tests.logs.random_logs import Case, S, random_case
from tests.logs.reference_log import Batch, Sample
from tests.unchanged.site_files import Tables, tables_of, write_site

JOURNALS: Final = [f"random {seed}" for seed in range(40)]
PEOPLE: Final = ("张三", "李四", "王五")
STEPS: Final[tuple[dict[str, Any], ...]] = (
    {"command": "rectify", "responsible": "李四", "measures": "m", "due": 1_500_000_000 * S},
    {"command": "submit"},
    {"command": "accept", "note": "n"},
    {"command": "refuse", "reason": "r"},
)


def records_of(name: str, folder: Path) -> list[str]:
    """Play the runs of a site in an empty folder; return the records that its journal stores."""
    seed = int(name.removeprefix("random "))
    case, data = random_case(seed), DataFolder(folder / "data")
    config = load(write_site(case, tables_of(case), folder / "site.toml"))
    chance, batches = random.Random(seed), list(case.batches)
    for start, stop in zip(case.starts, case.stops, strict=True):
        own = [batch for batch in batches if start < batch[0] <= stop]
        _Run(config, data, chance, start, None).play(own, stop)
    gap = case.stops[-1] - case.starts[0] + 30 * S
    edited = load(write_site(case, edited_tables(case), folder / "edited.toml"))
    own = [_later(batch, gap) for batch in batches if case.starts[0] < batch[0] <= case.stops[0]]
    _Run(edited, data, chance, case.starts[0] + gap, _approval(edited, data)).play(own, case.stops[0] + gap)
    with closing(sqlite3.connect(data.journal)) as journal:
        rows = journal.execute(
            "SELECT time, kind, body FROM record WHERE kind <> 'presentation' ORDER BY number"
        ).fetchall()
    # The hashes are of a version without presentations: without these, records and their order are the same as ever.
    return ["|".join(map(str, (number, *row))) for number, row in enumerate(rows, start=1)]


def edited_tables(case: Case) -> Tables:
    """Return the tables of a site file with other delays."""
    chance, tables = random.Random(case.seed), tables_of(case)
    for limit in tables["limit"]:
        limit["off_delay"] = chance.choice(("0s", "1s", "4s"))
        limit["on_delay"] = chance.choice((limit.get("on_delay", "0s"), "3s"))
    return tables


class _Run:
    """One run of the engine over a data folder."""

    def __init__(
        self, config: Config, folder: DataFolder, chance: random.Random, start: int, approval: Approval | None
    ) -> None:
        self.config, self.folder, self.chance, self.start = config, folder, chance, start
        self.approval = approval
        self.commands = 0
        self.before = NO_ARRIVAL

    def play(self, batches: Sequence[Batch], stop: int) -> None:
        """Feed all batches; then either end as a killed process does, or review late data and stop."""
        self.before = latest(self.folder) if self.folder.history.is_dir() else NO_ARRIVAL
        lost = self.chance.choice((0, 0, 5))
        with (
            Journal(self.folder.journal) as journal,
            closing(Historian(self.folder.history, self.config.points, retention_days=None)) as historian,
        ):
            pipeline = resumed(self.config, self.folder, journal, (), self.start, approval=self.approval)
            historian.start(self.start)
            journal.append(pipeline.start(self.start))
            self._feed(pipeline, journal, historian, batches[: len(batches) - lost])
            for arrival, samples in batches[len(batches) - lost :]:
                # stored, and then the process is killed: the next run has to find the events of these samples
                historian.append(_sample_batch(self.config, samples).stamped(pipeline.intake.stamp(arrival)))
            if not lost:
                journal.append(pipeline.tick(stop)).result()
        if not lost:
            self._review(pipeline, stop)

    def _feed(self, pipeline: Pipeline, journal: Journal, historian: Historian, batches: Sequence[Batch]) -> None:
        """Feed batches between ticks and commands, and write a snapshot after one of them."""
        snapshot = self.chance.randrange(len(batches) + 1)
        for number, (arrival, samples) in enumerate(batches):
            if self.chance.random() < 0.3:
                journal.append(pipeline.tick(arrival - 1))
            stamped, records = pipeline.feed(_sample_batch(self.config, samples), arrival)
            stored = historian.append(stamped)
            journal.append(records)
            self._act(pipeline, journal, arrival)
            if number == snapshot:
                stored.result()
                journal.append([]).result()
                Snapshot.of(pipeline, self.before).write(self.folder.snapshot)

    def _review(self, pipeline: Pipeline, now: int) -> None:
        with Journal(self.folder.journal) as journal:
            for outcome in review(self.config, self.folder, Job(self.start - 1, now)):
                journal.append(pipeline.review(outcome, now))
            for _ in range(3):
                self._act(pipeline, journal, now)

    def _act(self, pipeline: Pipeline, journal: Journal, now: int) -> None:
        for form in _forms(self.chance, pipeline.ledger):
            self.commands += 1
            command = parse_command({"by": self.chance.choice(PEOPLE), "key": f"{self.start} {self.commands}"} | form)
            with suppress(CommandRefusedError, IllegalTransitionError):
                journal.append(pipeline.command(command, now))


def _forms(chance: random.Random, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield random commands as JSON. The ledger refuses many of them."""
    if ledger.alarms and chance.random() < 0.2:
        alarm = chance.choice(list(ledger.alarms.values()))
        yield {"command": "acknowledge", "alarm": alarm.condition, "episode": alarm.episode, "note": "n"}
    if ledger.tickets and chance.random() < 0.4:
        yield chance.choice(STEPS) | {"ticket": chance.choice(list(ledger.tickets))}
    if ledger.late.by_id and chance.random() < 0.5:
        yield {"command": "analyse", "found": chance.choice(list(ledger.late.by_id)), "note": "n"}


def _sample_batch(config: Config, samples: Sequence[Sample]) -> SampleBatch:
    names = ("time", "value", "quality", "state", "backfilled")
    columns = {name: [getattr(sample, name) for sample in samples] for name in names}
    return SampleBatch.of([config.points.column(sample.point) for sample in samples], **columns)


def _later(batch: Batch, gap: int) -> Batch:
    arrival, samples = batch
    return arrival + gap, [sample._replace(time=sample.time + gap) for sample in samples]


def _approval(config: Config, folder: DataFolder) -> Approval:
    """Return an approval by which the rules of a site file replace the rules in force."""
    with closing(sqlite3.connect(folder.journal)) as journal:
        query = "SELECT number, json_extract(body, '$.version') FROM record WHERE kind = 'rules' ORDER BY number DESC"
        number, version = journal.execute(query).fetchone()
    return Approval(
        version=config.rules.version,
        replaces=version,
        record=number,
        author="张三",
        approver="李四",
        reason="r",
        approved=1_400_000_000 * S,
    )
