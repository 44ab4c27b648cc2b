"""The historian keeps the log of a run as it was: samples, batches, starts, in any day, also after a stop."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import (
    ArrivalOrderError,
    Historian,
    HistorianFormatError,
    HistorianLockedError,
    HistoryReader,
    StartEntry,
)
from adapters.stores.historian import historian as historian_module
from adapters.stores.historian.day.database import open_to_write
from adapters.stores.historian.folder import day_files, path_of
from plant import NO_ARRIVAL, Point, PointTable, SampleBatch
from plant.units import DAY, SECOND

MIDNIGHT = 20_000 * DAY
WAIT = 30.0

Log = Sequence[StartEntry | SampleBatch]


def table(*ids: str) -> PointTable:
    return PointTable([Point(id=id_, hazard_source="gas", name=id_) for id_ in ids])


POINTS = table("T1", "T2", "CO", "P")


def bits(entry: StartEntry | SampleBatch) -> tuple[bytes, ...] | StartEntry:
    if isinstance(entry, StartEntry):
        return entry
    columns = ("point", "time", "value", "quality", "state", "backfilled", "arrival")
    return tuple(getattr(entry, name).tobytes() for name in columns)


def same(found: Log, expected: Log) -> None:
    assert [bits(entry) for entry in found] == [bits(entry) for entry in expected]


def feed(historian: Historian, entries: Log) -> None:
    stored = [
        historian.start(entry.time) if isinstance(entry, StartEntry) else historian.append(entry) for entry in entries
    ]
    for future in stored:
        future.result(WAIT)


def keep(folder: Path, entries: Log, *, retention_days: int | None = None) -> None:
    historian = Historian(folder, POINTS, retention_days=retention_days, synchronous="normal", longest_head=7)
    try:
        feed(historian, entries)
    finally:
        historian.close()


def run(seed: int, *, begin: int = MIDNIGHT, batches: int = 60, period: int = SECOND) -> list[StartEntry | SampleBatch]:
    """A run whose batches are of all sizes, on and off the grid, late, doubled and back-filled."""
    rng = np.random.default_rng(seed)
    entries: list[StartEntry | SampleBatch] = [StartEntry(begin)]
    for number in range(batches):
        size = int(rng.integers(1, 30))
        arrival = begin + 1 + number * period
        entries.append(
            SampleBatch.of(
                rng.integers(0, len(POINTS), size),
                arrival - rng.integers(0, 3, size) * SECOND,
                np.where(rng.random(size) < 0.7, np.round(rng.random(size), 2), rng.random(size)),
                quality=rng.integers(0, 3, size),
                state=rng.choice([0, 1, 4, 128, 0xFFFF], size),
                backfilled=rng.random(size) < 0.1,
                arrival=arrival,
            )
        )
    return entries


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_log_is_rebuilt_across_compactions_midnights_and_restarts(tmp_path: Path, seed: int) -> None:
    first = run(seed, begin=MIDNIGHT - 20 * SECOND)
    second = run(seed + 100, begin=MIDNIGHT + DAY - 30 * SECOND)
    keep(tmp_path, first)
    keep(tmp_path, second)
    same(list(HistoryReader(tmp_path, POINTS).log()), first + second)
    assert len(day_files(tmp_path)) == 3


def test_one_point_is_all_its_samples_by_source_time(tmp_path: Path) -> None:
    entries = run(5, begin=MIDNIGHT - 20 * SECOND)
    keep(tmp_path, entries)
    whole = SampleBatch.concatenate([entry for entry in entries if isinstance(entry, SampleBatch)])
    start, end = MIDNIGHT - 10 * SECOND, MIDNIGHT + 15 * SECOND
    for column in range(len(POINTS)):
        expected = whole.take((whole.point == column) & (whole.time >= start) & (whole.time < end))
        expected = expected.take(np.argsort(expected.time, kind="stable"))
        reader = HistoryReader(tmp_path, POINTS)
        for point in (column, POINTS.id(column)):
            same([reader.samples(point, start, end)], [expected])
        same([reader.samples(column, start, end)], [expected])


def test_a_part_of_the_log_is_the_entries_that_arrived_in_it(tmp_path: Path) -> None:
    entries = run(6, begin=MIDNIGHT - 20 * SECOND)
    keep(tmp_path, entries)
    start, end = MIDNIGHT - 11 * SECOND + 1, MIDNIGHT + 9 * SECOND + 1
    expected = [
        entry
        for entry in entries
        if start <= (entry.time if isinstance(entry, StartEntry) else int(entry.arrival[0])) < end
    ]
    same(list(HistoryReader(tmp_path, POINTS).log(start, end)), expected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_bits_times_and_duplicates_come_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    word = st.integers(-(2**63), 2**63 - 1)
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    entries: list[StartEntry | SampleBatch] = []
    arrival = MIDNIGHT
    for size in sizes:
        arrival += data.draw(st.sampled_from([1, SECOND, DAY]))
        rows = st.lists(word, min_size=size, max_size=size)
        value = np.array(data.draw(rows), dtype=np.int64).view(np.float64)
        flags = np.array(data.draw(rows), dtype=np.int64).view(np.uint64)
        entries.append(
            SampleBatch(
                (flags % 4).astype(np.int32),
                np.array(data.draw(rows), dtype=np.int64),
                value,
                (flags >> 8).astype(np.uint8),
                (flags >> 16).astype(np.uint16),
                (flags & 1).astype(np.bool_),
                np.full(size, arrival),
            )
        )
    folder = tmp_path_factory.mktemp("history")
    keep(folder, entries)
    same(list(HistoryReader(folder, POINTS).log()), entries)


def test_an_entry_is_acknowledged_when_its_future_is_done(tmp_path: Path) -> None:
    historian = Historian(tmp_path, POINTS, retention_days=None)
    assert historian.acknowledged == NO_ARRIVAL
    historian.start(MIDNIGHT).result(WAIT)
    assert historian.acknowledged == MIDNIGHT
    historian.append(SampleBatch.of([0], MIDNIGHT, 1.0, arrival=MIDNIGHT + 5)).result(WAIT)
    assert (historian.acknowledged, historian.waiting, historian.refused) == (MIDNIGHT + 5, 0, 0)
    assert historian._writer._today is not None
    assert historian._writer._today.database.execute("PRAGMA synchronous").fetchone() == (2,), "on the disk"
    historian.close()
    again = Historian(tmp_path, POINTS, retention_days=None)
    assert again.acknowledged == MIDNIGHT + 5
    again.close()


def test_what_is_acknowledged_is_seen_by_a_reader_at_once(tmp_path: Path) -> None:
    historian = Historian(tmp_path, POINTS, retention_days=None, synchronous="normal")
    reader = HistoryReader(tmp_path, POINTS)
    assert reader.span() is None
    for number in range(1, 600):
        batch = SampleBatch.of([1], MIDNIGHT + number, float(number), arrival=MIDNIGHT + number)
        historian.append(batch).result(WAIT)
        if number % 50 == 0:
            assert len(reader.samples("T2", MIDNIGHT, MIDNIGHT + DAY)) == number
            assert reader.span() == (MIDNIGHT + 1, MIDNIGHT + number)
    historian.close()


def test_an_entry_that_does_not_follow_the_last_is_refused_and_nothing_of_it_kept(tmp_path: Path) -> None:
    entries: Log = [StartEntry(MIDNIGHT), SampleBatch.of([0], 1, 1.0, arrival=MIDNIGHT)]
    keep(tmp_path, entries)
    historian = Historian(tmp_path, POINTS, retention_days=None)
    for arrival in (MIDNIGHT - 1, MIDNIGHT, NO_ARRIVAL):
        with pytest.raises(ArrivalOrderError):
            historian.append(SampleBatch.of([0], 2, 2.0, arrival=arrival))
    with pytest.raises(ArrivalOrderError):
        historian.append(SampleBatch.of([0, 0], 2, 2.0, arrival=[MIDNIGHT + 1, MIDNIGHT + 2]))
    with pytest.raises(IndexError):
        historian.append(SampleBatch.of([4], 2, 2.0, arrival=MIDNIGHT + 1))
    historian.close()
    same(list(HistoryReader(tmp_path, POINTS).log()), entries)


def test_a_run_after_the_clock_was_set_back_follows_the_one_before(tmp_path: Path) -> None:
    first = run(1, begin=MIDNIGHT + 1000 * SECOND)
    second = run(2, begin=MIDNIGHT + 990 * SECOND)
    keep(tmp_path, first)
    reader = HistoryReader(tmp_path, POINTS)
    before = len(reader.samples("T1", 0, 2 * MIDNIGHT))
    keep(tmp_path, second)
    same(list(reader.log()), first + second)
    assert len(reader.samples("T1", 0, 2 * MIDNIGHT)) > before
    historian = Historian(tmp_path, POINTS, retention_days=None)
    historian.start(MIDNIGHT)
    with pytest.raises(ArrivalOrderError):
        historian.append(SampleBatch.of([0], 2, 2.0, arrival=MIDNIGHT - 1))
    historian.close()


@pytest.mark.parametrize("longest_head", [256, 40], ids=["in the head", "in segments"])
def test_what_a_run_kept_before_the_clock_was_set_back_can_be_left_out(tmp_path: Path, longest_head: int) -> None:
    for value, begin in enumerate((100, 0, 50)):
        historian = Historian(tmp_path, POINTS, retention_days=None, longest_head=longest_head)
        historian.start(MIDNIGHT + begin * SECOND)
        times = MIDNIGHT + SECOND * np.arange(begin + 1, begin + 120)
        kept = [historian.append(SampleBatch.of([0], time, float(value), arrival=time)) for time in times.tolist()]
        kept[-1].result(WAIT)
        historian.close()
    reader, span = HistoryReader(tmp_path, POINTS), (MIDNIGHT, MIDNIGHT + 150 * SECOND)
    assert set(reader.samples("T1", *span).value) == {0.0, 1.0, 2.0}
    assert set(reader.samples("T1", *span, newest=True).value) == {2.0}
    before = (MIDNIGHT, MIDNIGHT + 40 * SECOND)
    assert set(reader.samples("T2", *before, newest=True).value) == set()


def test_a_batch_without_samples_leaves_no_entry(tmp_path: Path) -> None:
    keep(tmp_path, [SampleBatch.of([], [], [])])
    assert list(HistoryReader(tmp_path).log()) == []


def test_points_are_kept_by_id_when_the_site_file_changes(tmp_path: Path) -> None:
    keep(tmp_path, [SampleBatch.of([0, 1], MIDNIGHT, [1.0, 2.0], arrival=MIDNIGHT)])
    changed = table("NEW", "T2")
    historian = Historian(tmp_path, changed, retention_days=None)
    historian.append(SampleBatch.of([0, 1], MIDNIGHT + 9, [3.0, 4.0], arrival=MIDNIGHT + 9)).result(WAIT)
    historian.close()
    reader = HistoryReader(tmp_path, changed)
    first, second = (entry for entry in reader.log() if isinstance(entry, SampleBatch))
    assert (first.point.tolist(), first.value.tolist()) == ([1], [2.0])
    assert (second.point.tolist(), second.value.tolist()) == ([0, 1], [3.0, 4.0])
    assert reader.samples("T2", 0, 2 * MIDNIGHT).value.tolist() == [2.0, 4.0]
    gone = reader.samples("T1", 0, 2 * MIDNIGHT)
    assert (gone.value.tolist(), gone.point.tolist()) == ([1.0], [-1])
    assert len(reader.samples("NOWHERE", 0, 2 * MIDNIGHT)) == 0


def test_a_reader_without_a_table_names_the_points_that_it_meets(tmp_path: Path) -> None:
    keep(tmp_path, [SampleBatch.of([2, 0], MIDNIGHT, [1.0, 2.0], arrival=MIDNIGHT)])
    reader = HistoryReader(tmp_path)
    (batch,) = reader.log()
    assert isinstance(batch, SampleBatch)
    assert [reader.id(column) for column in batch.point.tolist()] == ["CO", "T1"]


def test_the_newest_days_are_kept_beside_the_current_one(tmp_path: Path) -> None:
    def days() -> list[int]:
        return [day - MIDNIGHT // DAY for day, _ in day_files(tmp_path)]

    one = [SampleBatch.of([0], 0, 1.0, arrival=MIDNIGHT + day * DAY) for day in range(5)]
    keep(tmp_path, one, retention_days=2)
    assert days() == [2, 3, 4]
    assert not [path for path in tmp_path.iterdir() if "-wal" in path.name]
    keep(tmp_path, [SampleBatch.of([0], 0, 1.0, arrival=MIDNIGHT + 4000 * DAY)], retention_days=2)
    assert days() == [3, 4, 4000]
    with pytest.raises(ValueError, match="retention_days"):
        Historian(tmp_path, POINTS, retention_days=0)


def test_late_samples_are_found_by_their_source_time_whatever_day_they_came(tmp_path: Path) -> None:
    keep(
        tmp_path,
        [SampleBatch.of([0], [MIDNIGHT], [float(day)], arrival=MIDNIGHT + day * DAY) for day in range(4)],
    )
    reader = HistoryReader(tmp_path, POINTS)
    for _ in range(2):
        assert reader.samples("T1", MIDNIGHT, MIDNIGHT + 1).value.tolist() == [0.0, 1.0, 2.0, 3.0]
        assert len(reader.samples("T1", MIDNIGHT + 1, MIDNIGHT + 9 * DAY)) == 0


def test_one_historian_writes_in_a_folder(tmp_path: Path) -> None:
    historian = Historian(tmp_path, POINTS, retention_days=None)
    with pytest.raises(HistorianLockedError):
        Historian(tmp_path, POINTS, retention_days=None)
    historian.close()
    Historian(tmp_path, POINTS, retention_days=None).close()


def test_a_damaged_day_is_set_aside_and_the_history_goes_on(tmp_path: Path) -> None:
    keep(tmp_path, [SampleBatch.of([0], 0, 1.0, arrival=MIDNIGHT)])
    path_of(tmp_path, MIDNIGHT // DAY).write_bytes(b"no database" * 1000)
    reader = HistoryReader(tmp_path)
    assert list(reader.log()) == []
    assert [(damage.start, damage.end, damage.points) for damage in reader.damages] == [(MIDNIGHT, MIDNIGHT + DAY, ())]
    entries = [SampleBatch.of([0], 0, 2.0, arrival=MIDNIGHT + 1)]
    keep(tmp_path, entries)
    same(list(HistoryReader(tmp_path, POINTS).log()), entries)
    assert list(tmp_path.glob("*.broken-1"))


def test_a_file_of_another_version_is_said_and_left_alone(tmp_path: Path) -> None:
    path = path_of(tmp_path, MIDNIGHT // DAY)
    database = open_to_write(path, MIDNIGHT // DAY, "normal")
    database.execute("PRAGMA user_version = 99")
    database.execute("PRAGMA application_id = 99")
    database.close()
    with pytest.raises(HistorianFormatError, match="99"):
        Historian(tmp_path, POINTS, retention_days=None)
    with pytest.raises(HistorianFormatError, match="99"):
        HistoryReader(tmp_path).span()


def test_many_batches_that_wait_become_few_transactions_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(historian_module, "_GROUP_SAMPLES", 50)
    entries = run(9, batches=300)
    keep(tmp_path, entries)
    same(list(HistoryReader(tmp_path, POINTS).log()), entries)


def test_no_entry_is_written_before_the_records_up_to_it_are_or_have_failed(tmp_path: Path) -> None:
    def sample(arrival: int) -> SampleBatch:
        return SampleBatch.of([0], [MIDNIGHT], [0.5], arrival=MIDNIGHT + arrival)

    journaled: list[Future[int]] = [Future(), Future()]
    historian = Historian(tmp_path, POINTS, retention_days=None)
    stored = [historian.start(MIDNIGHT), historian.append(sample(1), journaled[0])]
    stored.append(historian.append(sample(2), journaled[1]))
    with pytest.raises(TimeoutError):
        stored[1].result(0.05)
    journaled[0].set_result(1)
    journaled[1].set_exception(OSError())
    stored[2].result(WAIT)
    historian.close()
    assert len(list(HistoryReader(tmp_path, POINTS).log())) == 3
