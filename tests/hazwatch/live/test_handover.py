"""A kill parts no record from its samples: what the history does not hold yet is in the journal."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import Historian, Journal, JournalReader, PendingEntry, StartEntry
from bench.attacks.stores import last_transaction
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import EntriesAhead, Gaps, Unstored
from hazwatch.live.recorded_log import Past
from hazwatch.live.restart import Snapshot, catch_up
from hazwatch.live.resume import resumed
from hazwatch.site.config import Config
from plant import NO_ARRIVAL, PointTable, SampleBatch
from tests.hazwatch.live.live_runs import BEGIN, S, Step, batch_of, config_in
from tests.hazwatch.live.walked_logs import journaled, rebuilt, steps

NEVER = 3600.0
"""A history that lingers so long writes nothing before it is closed. [s]"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


def killed(config: Config, folder: DataFolder, steps: list[Step], now: int, *, stored: bool = False) -> DataFolder:
    """Play a live run by hand, and return the folder as a kill at its end leaves it, history stored or not."""
    copy = folder.path.with_name("killed")
    unstored = Unstored.of(folder, config.points.ids)
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, unstored, retention_days=None, linger=NEVER)) as historian,
    ):
        ahead = EntriesAhead(historian, unstored)
        pipeline = resumed(config, folder, journal, (), now)
        entry = ahead.note(now, None)
        journal.append(pipeline.start(now), ahead.handover())
        if not folder.snapshot.exists():
            Snapshot.of(pipeline, NO_ARRIVAL).write(folder.snapshot)
        ahead.store(entry)
        for wait, point, samples in steps:
            now += round(wait * S)
            if point == "-":
                if records := pipeline.tick(now):
                    journal.append(records, ahead.handover())
                continue
            stamped, records = pipeline.feed(batch_of(config, point, samples, now), now)
            entry = ahead.note(int(stamped.arrival[0]), stamped)
            if records:
                journal.append(records, ahead.handover())
            ahead.store(entry)
        journal.append([]).result()
        if not stored:
            copytree(folder.path, copy)
    if stored:
        copytree(folder.path, copy)
    return DataFolder(copy)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, stored=st.booleans())
def test_after_a_kill_the_log_gives_the_events_of_the_journal(
    tmp_path_factory: pytest.TempPathFactory, config: Config, steps: list[Step], stored: bool
) -> None:
    folder = killed(config, DataFolder(tmp_path_factory.mktemp("kill") / "data"), steps, BEGIN, stored=stored)
    assert rebuilt(config, Past(config, folder).log()) == journaled(folder)


def test_the_next_run_stores_what_the_kill_left_and_the_journal_drops_it(tmp_path: Path, config: Config) -> None:
    # T1.mean waits two seconds: its samples came before the alarm that they raise
    steps: list[Step] = [(1.0, "T1", [(0.0, 4)]), (1.0, "T1", [(0.0, 4)]), (1.5, "T1", [(0.0, 4)])]
    left = killed(config, DataFolder(tmp_path / "data"), steps, BEGIN)
    unstored = Unstored.of(left, config.points.ids)
    assert [entry.batch is None for entry in unstored.entries] == [True, False, False, False]
    (left.path.parent / "next").mkdir()
    again = DataFolder(Path(copytree(left.path, left.path.parent / "next" / "data")))
    killed(config, again, [(20.0, "T2", [(0.0, 0)])] * 2, BEGIN + 60 * S, stored=True)
    assert Unstored.of(again, config.points.ids).entries == ()
    assert rebuilt(config, Past(config, again).log()) == journaled(again)
    (again.path.parent / "killed").rename(again.path.parent / "killed before")
    killed(config, again, [], BEGIN + 120 * S, stored=True)
    assert [entry.number for entry in JournalReader(again.journal).pending()[1]] == [8]


def test_what_the_history_has_is_no_gap_whatever_pieces_it_comes_in() -> None:
    def entry(number: int, time: int, *, starts: bool = False) -> PendingEntry:
        return PendingEntry(number, time, None if starts else SampleBatch.of([0], [time], [1.0], arrival=time))

    entries = [entry(1, 10, starts=True), entry(2, 10), entry(3, 20), entry(4, 30), entry(5, 40, starts=True)]
    gaps = Gaps(entries)
    assert gaps.period == (10, 41)
    gaps.see(StartEntry(40))
    gaps.see(SampleBatch.of([0] * 4, [9] * 4, [1.0] * 4, arrival=[9, 10, 30, 50]))
    assert [entry.number for entry in gaps.lacking()] == [1, 3]
    assert Gaps([]).lacking() == []


def test_the_past_reaches_as_far_as_the_history_though_the_journal_has_older_entries_of_it(
    tmp_path: Path, config: Config
) -> None:
    left = killed(config, DataFolder(tmp_path / "data"), [(1.0, "T2", [(0.0, 4)])] * 9, BEGIN, stored=True)
    with closing(sqlite3.connect(left.journal)) as database:
        database.execute("DELETE FROM pending WHERE number > 3")
        database.commit()
    assert Past(config, left).span() == (BEGIN, BEGIN + 9 * S)


def test_samples_of_a_point_that_the_new_site_file_lacks_are_stored(tmp_path: Path, config: Config) -> None:
    left = killed(config, DataFolder(tmp_path / "data"), [(1.0, "T2", [(0.0, 4)])], BEGIN)
    fewer = PointTable([point for point in config.points.points if point.id != "T2"])
    unstored = Unstored.of(left, fewer.ids)
    assert unstored.ids == ("T1", "KG", "T2")
    with closing(Historian(left.history, unstored, retention_days=None)) as historian:
        EntriesAhead(historian, unstored)
    log = list(Past(config, left).log())
    assert sum(int((piece.point == config.points.column("T2")).sum()) for piece in log) == 1


def test_a_damaged_entry_ends_what_is_taken_over(tmp_path: Path, config: Config) -> None:
    left = killed(config, DataFolder(tmp_path / "data"), [(1.0, "T2", [(0.0, 4)])] * 3, BEGIN)
    with closing(sqlite3.connect(left.journal)) as database:
        database.execute("UPDATE pending SET batch = zeroblob(length(batch)) WHERE number = 2")
        database.commit()
    assert [entry.number for entry in Unstored.of(left, config.points.ids).entries] == [1]


def ended(folder: DataFolder, config: Config, count: int) -> DataFolder:
    """Return the folder of a run whose history had so many batches on disk, as the journal knows."""
    unstored, copy = Unstored.of(folder, config.points.ids), DataFolder(folder.path.with_name("copy"))
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, unstored, retention_days=None)) as historian,
    ):
        ahead = EntriesAhead(historian, unstored)
        for number in range(count):
            time = BEGIN + number * S
            entry = ahead.note(time, SampleBatch.of([0], [time], [0.5], arrival=time) if number else None)
            ahead.store(entry).result(30.0)
        journal.append([], ahead.handover()).result()
        copytree(folder.path, copy.path)
    return copy


def cut(history: Path) -> None:
    """Cut the last transaction off the write-ahead log, as a power loss does."""
    (log,) = history.glob("*-wal")
    content = log.read_bytes()
    log.write_bytes(content[: last_transaction(content)])
    for path in history.glob("*-shm"):
        path.unlink()


def test_a_last_transaction_of_the_history_that_vanishes_is_a_damage(tmp_path: Path, config: Config) -> None:
    folder = ended(DataFolder(tmp_path / "data"), config, 5)
    sound = Past(config, folder)
    assert sum(len(piece) for piece in sound.log()) > 4
    assert sound.damages == []
    cut(folder.history)
    past = Past(config, folder)
    assert list(past.log(None, BEGIN + 3 * S))
    assert past.damages == []
    assert list(past.log())
    (damage,) = past.damages
    assert (damage.start, damage.end) == (BEGIN + 3 * S + 1, BEGIN + 4 * S + 1)
    assert "newest entries" in str(damage.what)


def test_a_start_on_a_history_that_lost_its_end_takes_no_snapshot(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ended(DataFolder(tmp_path / "data"), config, 5)
    with Journal(folder.journal) as journal:
        pipeline = resumed(config, folder, journal, (), BEGIN)
        journal.append(pipeline.start(BEGIN)).result()
        Snapshot.of(pipeline, NO_ARRIVAL).write(folder.snapshot)
    assert catch_up(config, folder, BEGIN + 60 * S) is not None
    cut(folder.history)
    assert catch_up(config, folder, BEGIN + 60 * S) is None
    assert "the history is damaged" in caplog.text
