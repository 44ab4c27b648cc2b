"""The journal keeps every record in its order, tells when it is on disk, and shows what was tampered with."""

import random
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.stores import (
    TAIL,
    Journal,
    JournalBrokenError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReader,
    JournalWriteError,
)
from adapters.stores.journal_file import open_journal_file
from adapters.stores.journal_period import EARLIEST_TIME, HAPPENED
from adapters.stores.journal_reader import READ
from adapters.stores.journal_schema import chained
from alarms import FORMAT_VERSION, ConditionEvent, Record, RecordKind, RunStart, TicketAttachment
from plant import Level
from plant.units import DAY
from rules.engine.event import Event

EVENT = Event(
    seq=1,
    id="93a597c44913daff",
    time=1_400_000_005_000_000_000,
    hazard_source="gas-3101",
    point="甲烷 T1",
    condition="T1.alarm",
    transition="raise",
    level="orange",
    value=1e-07,
    setpoint=1.0,
    quality="GOOD",
    rules="0123456789ab",
)
PATIENCE = 20.0  # s


def _record(number: int, kind: RecordKind = "start", text: str = "") -> Record:
    entry = ConditionEvent(event=EVENT) if kind == "event" else RunStart(rules=f"T{number} {text}")
    return Record(number, 1000 + number, entry)


def _records(first: int, last: int) -> list[Record]:
    return [_record(number) for number in range(first, last + 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "日志" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def _filled(path: Path, count: int = 10) -> None:
    with Journal(path) as journal:
        journal.append(_records(1, count))


def _tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for name in ("record_stays", "record_remains", "record_follows"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_records_come_back_as_they_went_in(journal: Journal) -> None:
    records = [
        Record(1, 5, RunStart(rules="0123456789ab")),
        Record(2, 6, ConditionEvent(event=EVENT)),
        Record(3, 6, TicketAttachment(ticket='字"\n', episode="", level=Level.RED)),
    ]
    assert journal.append(records[:1]).result(PATIENCE) == 1
    assert journal.append(records[1:]).result(PATIENCE) == 3
    back = list(journal.read())
    assert back == records
    assert back[1].text() == EVENT.to_json()


def test_reading_chooses_by_number_kind_and_period(journal: Journal) -> None:
    kinds: tuple[RecordKind, ...] = ("event", "start")
    journal.append([_record(n, kinds[n % 2]) for n in range(1, 2501)]).result(PATIENCE)
    assert [record.number for record in journal.read(2498)] == [2499, 2500]
    assert [record.number for record in journal.read(kinds=["event"], since=1010, until=1016)] == [10, 12, 14]
    assert [record.number for record in journal.read(12, kinds=["event"], since=1010, until=1016)] == [14]
    assert sum(1 for _ in journal.read(kinds=["event"])) == 1250
    assert not list(journal.read(since=9999))
    assert not list(journal.read(until=1001))


def test_a_period_is_found_also_where_the_clock_was_set_back(journal: Journal) -> None:
    times = [10, 20, 30, 12, 22, 32]
    journal.append([Record(n, time, RunStart(rules="")) for n, time in enumerate(times, 1)]).result(PATIENCE)
    assert [record.time for record in journal.read(since=12, until=30)] == [20, 12, 22]


def _happened(number: int, time: int) -> Record:
    return Record(number, time + 1, ConditionEvent(event=replace(EVENT, time=time)))


def test_events_are_found_by_their_own_time_also_where_the_clock_was_set_back(path: Path) -> None:
    times = [10, 30, 20, 40, 50]
    with Journal(path) as journal:
        journal.append([_happened(number, day * DAY) for number, day in enumerate(times, 1)]).result(PATIENCE)
        assert journal.happened(20 * DAY, 40 * DAY) == (2, 4)
        assert journal.happened(30 * DAY, None) == (2, 5)
        assert journal.happened(None, 11 * DAY) == (1, 1)
        assert journal.happened(None, None) == (1, 5)
        first, last = journal.happened(60 * DAY, None)
        assert first > last
        assert [record.number for record in journal.read(1, up_to=3)] == [2, 3]


def test_events_are_found_by_an_index_also_beside_a_broken_body(path: Path) -> None:
    with Journal(path) as journal:
        journal.append([_happened(number, number * DAY) for number in range(1, 10)]).result(PATIENCE)
    _tamper(path, "UPDATE record SET body = '{\"time\": 5' WHERE number = 5", "DROP INDEX event_by_time")
    open_journal_file(path).close()
    first, last = JournalReader(path).happened(4 * DAY, 7 * DAY)
    assert (first, last) == (4, 7)
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {HAPPENED}", (4, 6)).fetchall()
    assert "event_by_time" in plan[0][3]


def test_a_damaged_index_hides_no_event(path: Path) -> None:
    count, rng = 300, random.Random(1)
    with Journal(path) as journal:
        journal.append([_happened(number, number * DAY) for number in range(1, count + 1)]).result(PATIENCE)
    content = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        pages = [root for (root,) in connection.execute("SELECT rootpage FROM sqlite_schema WHERE type = 'index'")]
    for page in pages:
        for junk in (bytes(4096), rng.randbytes(4096), *(None for _ in range(60))):
            damaged, begin = bytearray(content), (page - 1) * 4096
            if junk is None:
                damaged[begin + rng.randrange(4096)] ^= 1 << rng.randrange(8)
            else:
                damaged[begin : begin + 4096] = junk
            path.write_bytes(damaged)
            first, last = JournalReader(path).happened(150 * DAY, 200 * DAY)
            assert first <= 150
            assert last >= 199


def test_each_run_ends_with_its_last_event(path: Path) -> None:
    kinds: tuple[RecordKind, ...] = ("start", "event", "event", "start", "start", "event")
    with Journal(path) as journal:
        journal.append([_record(number, kind) for number, kind in enumerate(kinds, 1)]).result(PATIENCE)
        assert journal.runs() == [(1001, 1003), (1004, 1004), (1005, 1006)]
        assert journal.runs(2) == [(EARLIEST_TIME, 1003), (1004, 1004), (1005, 1006)]
        assert journal.runs(4) == [(EARLIEST_TIME, 1003), (1005, 1006)]
        assert [record.number for record in journal.read(1, kinds=["start"])] == [4, 5]


def test_records_are_read_without_an_index(path: Path) -> None:
    _filled(path)
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {READ}", (1,) * READ.count("?")).fetchall()
    assert "INTEGER PRIMARY KEY" in plan[0][3]


def test_the_hash_of_a_record_is_that_of_the_head_when_it_was_the_last(path: Path) -> None:
    with Journal(path) as journal:
        journal.append(_records(1, 3)).result(PATIENCE)
        _, digest = journal.head()
        journal.append(_records(4, 5)).result(PATIENCE)
        assert journal.hash_of(3) == bytes.fromhex(digest)
        assert journal.hash_of(0) == bytes(32)
        assert journal.hash_of(6) is None


def test_another_reader_sees_what_is_durable_while_it_is_written(path: Path) -> None:
    with Journal(path) as journal:
        journal.append(_records(1, 3)).result(PATIENCE)
        reader = JournalReader(path)
        reading = reader.read()
        assert next(reading).number == 1
        journal.append(_records(4, 5)).result(PATIENCE)
        assert [record.number for record in reader.read(3)] == [4, 5]
        assert reader.verify() is None
    assert [record.number for record in reading] == [2, 3, 4, 5]
    assert [record.number for record in JournalReader(path).read()] == [1, 2, 3, 4, 5]


def test_a_journal_goes_on_where_it_stopped(path: Path) -> None:
    _filled(path, 3)
    with Journal(path) as journal:
        with pytest.raises(ValueError, match="expected records from 4 on"):
            journal.append(_records(3, 4))
        with pytest.raises(ValueError, match="expected records from 4 on"):
            journal.append([_record(4), _record(6)])
        assert journal.append([_record(4)]).result(PATIENCE) == 4
        assert journal.verify() is None


def test_appends_of_many_threads_keep_the_order_in_which_they_entered(journal: Journal) -> None:
    gate, futures, number = threading.Lock(), [], 0

    def work() -> None:
        nonlocal number
        for _ in range(50):
            with gate:
                futures.append(journal.append(_records(number + 1, number + 3)))
                number += 3

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [future.result(PATIENCE) for future in futures] == list(range(3, 601, 3))
    assert [record.number for record in journal.read()] == list(range(1, 601))
    assert journal.verify() is None


def test_an_append_of_nothing_tells_when_all_before_it_is_durable(path: Path) -> None:
    with Journal(path, max_pages=8) as journal:
        assert journal.append([]).result(PATIENCE) == 0
        future, barrier = journal.append([_record(1, text="x" * 100_000)]), journal.append([])
        assert isinstance(future.exception(PATIENCE), JournalFullError)
        assert isinstance(barrier.exception(PATIENCE), JournalFullError)
        journal.max_pages = 10_000
        assert journal.append([]).result(PATIENCE) == 1
        assert journal.head()[0] == 1


def test_what_is_no_json_is_refused_before_anything_is_kept(journal: Journal) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.append([Record(1, 1, ConditionEvent(event=replace(EVENT, value=float("nan"))))])
    assert journal.append([_record(1)]).result(PATIENCE) == 1


def test_close_writes_what_is_left_and_ends_it(path: Path) -> None:
    journal = Journal(path)
    futures = [journal.append([_record(number)]) for number in range(1, 101)]
    journal.close()
    assert [future.result(0) for future in futures] == list(range(1, 101))
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append([_record(101)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET body = '{}' WHERE number = 3",
        "DELETE FROM record WHERE number = 10",
        "INSERT OR REPLACE INTO record VALUES (3, 0, 'alarm', '{}', x'00')",
        "INSERT INTO record VALUES (12, 0, 'alarm', '{}', x'00')",
    ],
)
def test_the_file_itself_refuses_to_be_altered(path: Path, statement: str) -> None:
    _filled(path)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    assert JournalReader(path).verify() is None


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        pytest.param(["UPDATE record SET body = '{}' WHERE number = 3"], 3, id="body"),
        pytest.param(["UPDATE record SET time = time + 1 WHERE number = 1"], 1, id="time"),
        pytest.param(["UPDATE record SET kind = 'event' WHERE number = 10"], 10, id="kind"),
        pytest.param(["UPDATE record SET hash = zeroblob(32) WHERE number = 7"], 7, id="hash"),
        pytest.param(["DELETE FROM record WHERE number = 5"], 5, id="removed"),
        pytest.param(["DELETE FROM record WHERE number = 1"], 1, id="first removed"),
        pytest.param(["DELETE FROM record WHERE number > 8"], 9, id="last removed"),
        pytest.param(["DELETE FROM record"], 1, id="all removed"),
        pytest.param(
            [
                "UPDATE record SET number = -4 WHERE number = 4",
                "UPDATE record SET number = 4 WHERE number = 6",
                "UPDATE record SET number = 6 WHERE number = -4",
            ],
            4,
            id="reordered",
        ),
        pytest.param(
            [
                "DELETE FROM record WHERE number = 5",
                "UPDATE record SET number = number - 1 WHERE number > 5",
            ],
            5,
            id="closed up",
        ),
    ],
)
def test_tampering_is_found_at_the_first_broken_record(path: Path, statements: list[str], broken: int) -> None:
    _filled(path)
    _tamper(path, *statements)
    assert JournalReader(path).verify() == broken
    with pytest.raises(JournalBrokenError, match=f"broken at record {broken};") as refused:
        Journal(path)
    assert refused.value.number == broken


def test_an_old_break_is_found_by_verify_and_does_not_stop_a_run(path: Path) -> None:
    _filled(path, TAIL + 5)
    _tamper(path, "UPDATE record SET body = '{}' WHERE number = 2")
    with Journal(path) as journal:
        assert journal.verify() == 2
        assert journal.verify(after_number=2) is None


def test_the_head_proves_what_was_there(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.head() == (0, "0" * 64)
        journal.append(_records(1, 2)).result(PATIENCE)
        number, found = journal.head()
    assert number == 2
    assert JournalReader(path).head() == (2, found)


@pytest.mark.live
def test_one_journal_has_one_writer(path: Path) -> None:
    with Journal(path):
        with pytest.raises(JournalLockedError, match=r"process \d+ is writing it"):
            Journal(path)
        other = subprocess.run([sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, check=False)
        assert "JournalLockedError" in other.stderr
    with Journal(path) as again:
        assert again.head()[0] == 0


def test_a_full_disk_is_said_and_nothing_is_lost_when_there_is_room_again(path: Path) -> None:
    with Journal(path, max_pages=16) as journal:
        futures = [journal.append([_record(n, text="x" * 900), _record(n + 1)]) for n in range(1, 100, 2)]
        failures = [future.exception(PATIENCE) for future in futures]
        good, last = 2 * failures.count(None), 100
        assert isinstance(failures[-1], JournalFullError)
        assert "no room for new records" in str(failures[-1])
        assert isinstance(journal.failure, JournalFullError)
        assert journal.head()[0] == good
        with pytest.raises(JournalFullError):
            journal.append([_record(last + 1, text="x" * 900)]).result(PATIENCE)
        assert journal.verify() is None
        journal.max_pages = 10_000
        assert journal.append([_record(last + 2)]).result(PATIENCE) == last + 2
        assert journal.failure is None
        assert [record.number for record in journal.read()] == list(range(1, last + 3))
        assert journal.verify() is None


def test_a_journal_that_is_closed_while_the_disk_is_full_names_what_is_lost(path: Path) -> None:
    journal = Journal(path, max_pages=8)
    future = journal.append([_record(1, text="x" * 100_000)])
    with pytest.raises(JournalFullError):
        future.result(PATIENCE)
    with pytest.raises(JournalWriteError, match="records 1 to 1 were not written"):
        journal.close()
    with Journal(path) as again:
        assert again.head()[0] == 0


@pytest.mark.live
def test_a_file_system_that_refuses_is_said_and_tried_again(path: Path) -> None:
    limits = str(resource.RLIMIT_FSIZE)
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, str(path), limits], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["JournalWriteError", "2", "None"], done.stderr


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path, content = tmp_path / "journal.db", b"not a database, but long enough to be taken for one" * 40
    path.write_bytes(content)
    for open_it in (Journal, JournalReader):
        with pytest.raises(JournalError):
            open_it(path)
    assert path.read_bytes() == content


def test_another_database_and_another_version_are_refused(tmp_path: Path) -> None:
    other, newer = tmp_path / "other.db", tmp_path / "newer.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (x)")
    _filled(newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 9")
    for open_it in (Journal, JournalReader):
        with pytest.raises(JournalError, match="found another database"):
            open_it(other)
        with pytest.raises(JournalError, match="has format 9, and this version of Hazwatch reads formats up to 2"):
            open_it(newer)


def test_a_journal_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"journal\.db: unable to open"):
        JournalReader(tmp_path / "journal.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.live
@pytest.mark.parametrize("acknowledged", [1, 7, 60, 350, 1200])
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(path: Path, acknowledged: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(acknowledged)]
        writer.kill()
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
    reader = JournalReader(path)
    numbers = [record.number for record in reader.read()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= told[-1]
    assert len(numbers) % 3 == 0, "an append is written whole or not at all"
    assert reader.verify() is None
    with Journal(path) as journal:
        assert journal.append([_record(len(numbers) + 1)]).result(PATIENCE) == len(numbers) + 1
        assert journal.verify() is None


OPEN = """
import sys
from pathlib import Path
from adapters.stores import Journal
Journal(Path(sys.argv[1]))
"""

WRITE = """
import sys
from itertools import count
from pathlib import Path
from adapters.stores import Journal
from alarms import Record, RunStart
journal = Journal(Path(sys.argv[1]))
waiting = []
for n in count(1, 3):
    waiting.append(journal.append([Record(n + i, n, RunStart(rules="T1")) for i in range(3)]))
    while waiting and (len(waiting) > 20 or waiting[0].done()):
        print(waiting.pop(0).result(), flush=True)
"""

REFUSED = """
import resource, sys
from pathlib import Path
from adapters.stores import Journal, JournalError
from alarms import Record, RunStart
journal = Journal(Path(sys.argv[1]))
limit = int(sys.argv[2])
_, hard = resource.getrlimit(limit)
resource.setrlimit(limit, (100_000, hard))
try:
    journal.append([Record(1, 1, RunStart(rules="x" * 500_000))]).result(20)
except JournalError as error:
    print(type(error).__name__)
resource.setrlimit(limit, (hard, hard))
print(journal.append([Record(2, 2, RunStart(rules="x"))]).result(20), journal.failure)
assert [record.number for record in journal.read()] == [1, 2] and journal.verify() is None
journal.close()
"""


def test_what_is_acknowledged_was_flushed_to_the_disk(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_ended_is_said_and_takes_nothing_more(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    broken = journal.append([Record(1, 2**63, RunStart(rules="0"))])
    with pytest.raises(JournalError, match="the writer has ended"):
        broken.result(10)
    assert journal.failure is not None
    with pytest.raises(JournalError, match="closed"):
        journal.append([Record(2, 0, RunStart(rules="0"))])
    with pytest.raises(JournalError):
        journal.close()


def test_a_record_that_no_format_has_is_named_whatever_is_asked_for(path: Path) -> None:
    _filled(path, 3)
    before = JournalReader(path).hash_of(1)
    assert before is not None
    # A later version wrote it: its hash is right.
    later = chained(before, 2, 1002, "later", "{}").hex()
    _tamper(path, f"UPDATE record SET kind = 'later', body = '{{}}', hash = x'{later}' WHERE number = 2")
    with pytest.raises(JournalError, match=r"journal\.db: record 2: kind: expected one of start"):
        list(JournalReader(path).read(kinds=["event"]))


def test_a_new_journal_states_its_format(path: Path) -> None:
    _filled(path, 1)
    assert _stated(path) == FORMAT_VERSION


def test_a_journal_of_an_older_format_is_read_and_states_the_present_one_when_it_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _filled(path, 3)
    monkeypatch.setattr("adapters.stores.journal_schema.FORMAT_VERSION", FORMAT_VERSION + 1)
    head = JournalReader(path).head()
    assert [record.number for record in JournalReader(path).read()] == [1, 2, 3]
    assert _stated(path) == FORMAT_VERSION
    with Journal(path) as journal:
        assert journal.head() == head
    assert _stated(path) == FORMAT_VERSION + 1
    monkeypatch.undo()
    with pytest.raises(JournalError, match="run the version that wrote it"):
        JournalReader(path)


def _stated(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
