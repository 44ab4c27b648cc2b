"""Late data of a run is reviewed over its history: what it held is journaled once, and no alarm moves by it."""

import json
import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from adapters.stores import Historian, HistoryFileError, Journal, JournalReader
from alarms import Analyse, CommandRefusedError, LateEntry, LateEvent, LateFinds, Ledger, Reason, RecordKind, events_of
from hazwatch.__main__ import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.late.queue import LONGEST_WAIT, SETTLE, Backlog
from hazwatch.live.late.review import Job, ReviewOutcome, review
from hazwatch.live.late.worker import ApartError, apart
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.recorded_log import Past
from hazwatch.live.resume import AlarmRemoval, latest, resumed, reviews_of
from hazwatch.live.rule_sets import approval_of, known_rules
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config
from ingest import LateWatch
from plant import NO_ARRIVAL, Quality, SampleBatch
from rules import Event
from tests.hazwatch.live.live_runs import BEGIN, SITE, S, config_in
from tests.hazwatch.live.walked_logs import journaled, rebuilt

END = 2**62
EVENT: Final[tuple[RecordKind, ...]] = ("event",)
PEOPLE: Final = {"author": "张工", "approver": "李总", "reason": "试验"}
RETROSPECTIVE: Final[tuple[RecordKind, ...]] = ("retrospective",)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


class Run:
    """A run by hand: every batch goes through the pipeline, the backlog, the journal and the historian."""

    def __init__(self, config: Config, folder: DataFolder, now: int, removals: Sequence[AlarmRemoval] = ()) -> None:
        self.config, self.folder, self.now = config, folder, now
        before = latest(folder) if folder.history.is_dir() else NO_ARRIVAL
        self.journal = Journal(folder.journal)
        self.historian = Historian(folder.history, config.points, retention_days=None)
        approval = approval_of(config, known_rules(config, folder)[0], PEOPLE)
        self.pipeline: Pipeline = resumed(config, folder, self.journal, removals, now, approval=approval)
        self.reviews = reviews_of(config, folder, self.pipeline, before)
        self.backlog = self.reviews.backlog
        self.backlog.start(now)
        self.historian.start(now)
        self.journal.append(self.pipeline.start(now)).result()

    def feed(self, batch: SampleBatch, now: int) -> None:
        self.now = now
        stamped, records = self.pipeline.feed(batch, now)
        self.historian.append(stamped).result()
        self.journal.append(records).result()
        self.backlog.note(stamped)

    def live(self, values: Iterable[float], start: float, names: Iterable[str] = ("T1", "T2")) -> None:
        """Bring a value of every point every second, half a second after its time."""
        columns = [self.config.points.column(name) for name in names]
        for second, value in enumerate(values):
            time = BEGIN + round((start + second) * S)
            self.feed(SampleBatch.of(columns, time, [value] * len(columns)), time + S // 2)

    def late(self, values: list[float], start: float, name: str = "T1", *, flagged: bool = True) -> None:
        """Bring history of a point at once."""
        times = [BEGIN + round((start + second) * S) for second in range(len(values))]
        column = [self.config.points.column(name)] * len(values)
        self.feed(SampleBatch.of(column, times, values, backfilled=flagged), self.now + S // 10)

    def review(self) -> list[Event]:
        """Let a minute pass, and review what is due."""
        self.now += SETTLE
        self.journal.append(self.pipeline.tick(self.now)).result()
        job = self.backlog.due(self.now, self.historian.acknowledged)
        if job is None:
            return []
        found: list[Event] = []
        for outcome in review(self.config, self.folder, job):
            records = self.pipeline.review(outcome, self.now)
            self.journal.append(records).result()
            found += [record.entry.event for record in records if isinstance(record.entry, LateEvent)]
        self.backlog.done()
        return found

    def close(self) -> None:
        self.journal.close()
        self.historian.close()


@pytest.fixture
def run(tmp_path: Path, config: Config) -> Iterator[Run]:
    run = Run(config, DataFolder(tmp_path / "data"), BEGIN)
    yield run
    run.close()


def cut_off(run: Run) -> None:
    """T1 is cut off from 60 s to 660 s; T2 goes on."""
    run.live([0.5] * 60, 1)
    run.live([0.5] * 600, 61, ["T2"])
    run.live([0.5] * 20, 661)


PEAK = [*[0.5] * 200, *[1.2] * 30, *[0.5] * 369]
"""From 61 s on: above the limit from 261 s to 290 s."""


def shown(events: Iterable[Event]) -> list[tuple[str, str, float]]:
    return [(event.condition, event.transition, (event.time - BEGIN) / S) for event in events]


def test_what_is_found_has_times_and_values(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    found = run.review()
    assert {("T1.alarm", "raise", 261.0), ("T1.alarm", "clear", 293.0)} <= set(shown(found))
    raised = next(event for event in found if event.condition == "T1.alarm")
    assert (raised.value, raised.setpoint, raised.level) == (1.2, 1.0, "orange")
    assert raised.rules == run.config.rules.version
    live = live_events(run.folder)
    assert {event.condition.partition(":")[0] for event in live} == {"stale"}
    assert [alarm.episode for alarm in run.pipeline.ledger.alarms.values()] == [
        next(event.id for event in reversed(live) if (event.condition, event.transition) == (name, "raise"))
        for name in run.pipeline.ledger.alarms
    ]
    assert run.pipeline.ledger.last_seq == live[-1].seq
    assert run.pipeline.ledger.tickets == {}
    assert {find.anomaly.of for find in run.pipeline.ledger.late.by_id.values()} == {None}
    assert not {event.id for event in found} & {event.id for event in live}
    assert rebuilt(run.config, Past(run.config, run.folder).log()) == journaled(run.folder)


def live_events(folder: DataFolder) -> list[Event]:
    return list(events_of(JournalReader(folder.journal).read(kinds=EVENT)))


def test_the_same_history_again_gives_nothing_again(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    first = run.review()
    assert first
    run.late(PEAK, 61)
    assert run.review() == []
    assert run.pipeline.ledger.late.samples == 2 * len(PEAK)


def test_late_data_that_holds_nothing_new_gives_nothing_but_its_count(run: Run) -> None:
    cut_off(run)
    run.late([0.5] * 599, 61)
    assert run.review() == []
    assert (run.pipeline.ledger.late.samples, run.pipeline.ledger.late.events) == (599, 0)


def test_late_samples_that_are_not_marked_are_reviewed_as_well(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61, flagged=False)
    assert ("T1.alarm", "raise", 261.0) in shown(run.review())


def test_a_vote_that_would_have_stood_is_found(run: Run) -> None:
    run.live([0.5] * 60, 1)
    run.live([0.5, 1.2, 1.2, 0.5], 61, ["T2"])
    run.live([0.5] * 20, 65)
    run.late([0.5, 1.2, 1.2, 0.5], 61)
    assert {("both", "raise", 62.0), ("both", "clear", 64.0)} <= set(shown(run.review()))


def test_an_alarm_that_began_while_the_link_was_down_is_told_to_have_begun_earlier(run: Run) -> None:
    run.live([0.5] * 60, 1)
    run.live([1.2] * 20, 661)
    run.late([*[0.5] * 500, *[1.2] * 100], 61)
    alarm = run.pipeline.ledger.alarms["T1.alarm"]
    assert alarm.raised.time == BEGIN + 661 * S
    found = run.review()
    assert ("T1.alarm", "raise", 561.0) in shown(found)
    (find,) = (one for one in run.pipeline.ledger.late.by_id.values() if one.anomaly.raised.condition == "T1.alarm")
    assert (find.anomaly.of, find.anomaly.cleared) == (alarm.episode, None)
    assert run.pipeline.ledger.alarms["T1.alarm"] == alarm


@pytest.mark.parametrize("lost", [False, True], ids=["stopped", "killed before the review was journaled"])
def test_what_was_not_reviewed_when_a_run_ended_is_reviewed_by_the_next(
    tmp_path: Path, config: Config, lost: bool
) -> None:
    folder = DataFolder(tmp_path / "data")
    run = Run(config, folder, BEGIN)
    cut_off(run)
    run.late(PEAK, 61)
    if lost:
        job = run.backlog.due(run.now + SETTLE, run.historian.acknowledged)
        assert job is not None
        assert len(list(review(config, folder, job))) == 1
    run.close()
    after = Run(config, folder, run.now + 5 * S)
    found = after.review()
    assert ("T1.alarm", "raise", 261.0) in shown(found)
    after.close()
    last = Run(config, folder, after.now + 5 * S)
    assert last.review() == []
    last.late(PEAK, 61)
    assert last.review() == []
    assert len(last.pipeline.ledger.late.by_id) == len(found) // 2
    last.close()


def test_much_late_data_is_reviewed_in_pieces_that_find_what_one_review_finds(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(run)
    for second in range(0, len(PEAK), 20):
        run.late(PEAK[second : second + 20], 61 + second)
    job = Job(NO_ARRIVAL, run.historian.acknowledged)
    (whole,) = review(run.config, run.folder, job)
    monkeypatch.setattr("hazwatch.live.late.review.MOST_SAMPLES", 70)
    monkeypatch.setattr("hazwatch.live.late.review.LONGEST_PIECE", 15 * S)
    pieces = list(review(run.config, run.folder, job))
    assert len(pieces) > 5
    assert sum(piece.samples for piece in pieces) == whole.samples == len(PEAK)
    ledger = Ledger(alarm_specs(run.config), ZoneInfo("UTC"))
    for piece in pieces:
        ledger.review(piece.anomalies, 0, until=piece.until, samples=piece.samples)
    together = {
        one.raised.id: one.cleared and one.cleared.id
        for one in whole.anomalies
        if one.raised.condition in ("T1.alarm", "T1.mean")
    }
    cleared = {name: find.anomaly.cleared for name, find in ledger.late.by_id.items()}
    assert {name: event and event.id for name, event in cleared.items() if name in together} == together


def test_a_peak_is_found_of_a_rule_that_was_removed_while_its_alarm_stood_and_put_back(
    tmp_path: Path, config: Config
) -> None:
    folder, less = DataFolder(tmp_path / "data"), tmp_path / "less"
    less.mkdir()
    first, second = SITE.index('[[limit]]\nid = "T1.mean"'), SITE.index('[[limit]]\nid = "T2.alarm"')
    without = config_in(less, SITE[:first] + SITE[second:])
    run = Run(config, folder, BEGIN)
    run.live([1.2] * 20, 1)
    assert any(alarm.stands for name, alarm in run.pipeline.ledger.alarms.items() if name == "T1.mean")
    run.close()
    run = Run(without, folder, BEGIN + 30 * S, [AlarmRemoval("T1.mean", "张工", "试验")])
    run.live([0.5] * 20, 31)
    run.close()
    run = Run(config, folder, BEGIN + 55 * S)
    try:
        cut_off(run)
        run.late(PEAK, 61)
        found = shown(run.review())
    finally:
        run.close()
    assert [transition for condition, transition, _ in found if condition == "T1.mean"] == ["raise", "clear"]


def test_late_data_waits_until_no_more_comes_but_not_for_ever(config: Config) -> None:
    def history(arrival: int) -> SampleBatch:
        return SampleBatch.of([0], [BEGIN], [1.0], backfilled=True, arrival=arrival)

    backlog = Backlog(
        LateWatch(config.points, config.site, config.arrival_timed()), reviewed=NO_ARRIVAL, before=NO_ARRIVAL
    )
    assert backlog.due(BEGIN + 2 * LONGEST_WAIT, END) is None
    first = BEGIN + 100 * S
    for second in range(0, 50, 10):
        backlog.note(history(first + second * S))
    last = first + 40 * S
    assert backlog.reviewed == first - 1
    assert backlog.due(last + SETTLE - 1, END) is None
    assert backlog.due(last + SETTLE, last - 1) is None, "it is not in the history yet"
    job = backlog.due(last + SETTLE, last + 7)
    assert job is not None
    assert (job.after, job.until) == (first - 1, last + 7)
    assert backlog.due(last + 2 * SETTLE, END) is None, "one at a time"
    backlog.failed(last + 2 * SETTLE)
    assert backlog.due(last + 3 * SETTLE, END) is None, "not at once"
    again = backlog.due(last + 2 * SETTLE + LONGEST_WAIT, END)
    assert again is not None
    assert again.after == job.after
    backlog.done()
    assert backlog.reviewed == last
    begin = last + 2 * LONGEST_WAIT
    for second in range(0, 700, 10):
        backlog.note(history(begin + second * S))
        if backlog.due(begin + second * S, END) is not None:
            break
    assert second == LONGEST_WAIT // S


def test_what_a_review_told_another_of_the_same_data_does_not_tell_again(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    told = run.review()
    job = Job(NO_ARRIVAL, run.historian.acknowledged)
    (again,), (afresh,) = (list(review(run.config, run.folder, job, afresh=anew)) for anew in (False, True))
    assert again.anomalies == ()
    assert {one.raised.id for one in afresh.anomalies} == {event.id for event in told if event.transition == "raise"}


def test_a_review_sees_nothing_that_arrived_after_what_it_reviews(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    until = run.now
    run.late(PEAK, 61.5)
    (outcome,) = review(run.config, run.folder, Job(NO_ARRIVAL, until))
    assert ("T1.alarm", "raise", 261.0) in shown(one.raised for one in outcome.anomalies)


def test_history_from_a_clock_that_is_ahead_is_found_at_its_arrival(run: Run) -> None:
    run.live([0.5] * 60, 1)
    run.late([1.2], 100_000)
    arrived = (run.now - BEGIN) / S
    raised = next(event for event in run.review() if event.condition == "T1.alarm")
    assert ((raised.time - BEGIN) / S, raised.quality) == (arrived, Quality.UNCERTAIN.name)


def test_a_vote_with_an_alarm_that_stood_long_before_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hazwatch.live.late.review.warm_up", lambda _: 20 * S)
    run.live([1.3], 1, ["T1"])
    run.live([0.95] * 100, 2)
    run.late([1.2], 90.5, "T2")
    assert {("T2.alarm", "raise", 90.5), ("both", "raise", 90.5)} <= set(shown(run.review()))


def test_what_was_found_is_analysed_once(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    raised = run.review()[0]

    def analyse(by: str, key: str) -> None:
        command = Analyse(found=raised.id, by=by, key=key, note="放炮后瓦斯涌出")
        run.journal.append(run.pipeline.command(command, run.now)).result()

    analyse("通风科", "k1")
    with pytest.raises(CommandRefusedError) as refused:
        analyse("安监科", "k2")
    assert refused.value.reason is Reason.ANALYSED
    folded = LateFinds()
    for record in JournalReader(run.folder.journal).read(kinds=RETROSPECTIVE):
        assert isinstance(record.entry, LateEntry)
        folded.fold(record.entry, record.time)
    assert folded.by_id == run.pipeline.ledger.late.by_id
    seen = folded.by_id[raised.id].analysed
    assert seen is not None
    assert (seen.by, seen.note) == ("通风科", "放炮后瓦斯涌出")


@pytest.mark.live
async def test_a_review_runs_in_a_process_of_its_own(run: Run) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    job = Job(
        NO_ARRIVAL,
        run.historian.acknowledged,
        LateWatch(run.config.points, run.config.site, run.config.arrival_timed()),
    )
    expected = list(review(run.config, run.folder, job))
    found: list[ReviewOutcome] = [one async for one in apart(review, run.config, run.folder, job)]
    assert found == expected
    with pytest.raises(ApartError, match="ended"):
        _ = [one async for one in apart(ends)]
    with pytest.raises(ApartError, match="what is broken"):
        _ = [one async for one in apart(fails, expected=(HistoryFileError,))]


def ends() -> Iterator[ReviewOutcome]:
    """Die as a process does that is killed."""
    raise SystemExit(9)


def fails() -> Iterator[ReviewOutcome]:
    """Meet a file that cannot be read."""
    raise HistoryFileError("what is broken")


def test_reviews_can_be_made_by_hand_and_what_was_found_is_exported(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut_off(run)
    run.late(PEAK, 61)
    found = run.review()
    given = [str(tmp_path / "site.toml"), "--data", str(run.folder.path)]
    before = JournalReader(run.folder.journal).head()
    assert main(["review", *given]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["id"] for line in lines} == {event.id for event in found}
    assert "late samples: 599; " in err
    assert main(["review", *given, "--to", str(BEGIN + 600 * S)]) == 0
    assert capsys.readouterr().out == ""
    assert JournalReader(run.folder.journal).head() == before, "it only reads"
    assert main(["events", *given[1:], "--late"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in told] == [event.id for event in found]
    assert {line["found"] for line in told} == {run.now}
    assert main(["events", *given[1:]]) == 0
    assert "".join(f"{line}\n" for line in journaled(run.folder)) == capsys.readouterr().out
    assert main(["verify", *given[1:]]) == 0


def test_many_finds_are_handed_over_by_and_by(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(run)
    run.late([0.5, 0.5, 0.5, 0.5, 1.2] * 119, 61)
    job = Job(NO_ARRIVAL, run.historian.acknowledged)
    monkeypatch.setattr("hazwatch.live.late.review.MOST_ANOMALIES", 10_000)
    (whole,) = review(run.config, run.folder, job)
    assert len(whole.anomalies) > 50
    monkeypatch.setattr("hazwatch.live.late.review.MOST_ANOMALIES", 10)
    pieces = list(review(run.config, run.folder, job))
    assert max(len(piece.anomalies) for piece in pieces) == 10
    assert [one for piece in pieces for one in piece.anomalies] == list(whole.anomalies)
    assert [(piece.until, piece.samples) for piece in pieces[:-1]] == [(NO_ARRIVAL, 0)] * (len(pieces) - 1)
    assert (pieces[-1].until, pieces[-1].samples) == (whole.until, whole.samples)


def test_a_review_names_the_damage_that_it_met_so_that_the_page_has_it(run: Run) -> None:
    cut_off(run)
    run.late([0.5] * 600, 61)
    run.now += SETTLE
    job = run.backlog.due(run.now, run.historian.acknowledged)
    assert job is not None
    run.historian.close()
    (day_file,) = run.folder.history.glob("*.hist")
    with closing(sqlite3.connect(day_file)) as database:
        database.execute(
            "UPDATE head SET time = time + 1 WHERE entry = (SELECT max(entry) - 2 FROM head WHERE entry < 1 << 61)"
        )
        database.commit()
    outcomes = list(review(run.config, run.folder, job))
    damages = outcomes[-1].damages
    assert [damage.path for damage in damages] == [day_file]
    assert pickle.loads(pickle.dumps(outcomes[-1])).damages == damages
