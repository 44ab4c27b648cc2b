"""A damaged journal names the records that are broken, and every other record is read as it was written."""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from adapters.stores import Break, Journal, JournalError, JournalReader
from alarms import Record, RunStart
from tests.strangers import as_a_stranger

COUNT = 60
BREAK_RECORDS = [Record(n, 1000 + n, RunStart(rules=f"甲烷 {n} " + "x" * (n % 7) * 40)) for n in range(1, COUNT + 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.append(BREAK_RECORDS)
    return path


def altered(path: Path, *statements: str) -> JournalReader:
    with closing(sqlite3.connect(path)) as database:
        for name in ("record_stays", "record_remains", "record_follows"):
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()
    return JournalReader(path)


@pytest.mark.parametrize(
    ("statements", "breaks", "lost"),
    [
        pytest.param(["UPDATE record SET body = '{}' WHERE number = 7"], [Break(7, 7, "altered")], {7}, id="body"),
        pytest.param(["UPDATE record SET time = time + 4 WHERE number = 7"], [Break(7, 7, "altered")], {7}, id="time"),
        pytest.param(["UPDATE record SET hash = zeroblob(32) WHERE number = 7"], [Break(7, 7, "hash")], (), id="hash"),
        pytest.param(["DELETE FROM record WHERE number IN (7, 8)"], [Break(7, 8, "missing")], {7, 8}, id="removed"),
        pytest.param(["DELETE FROM record WHERE number > 55"], [Break(56, 60, "missing")], range(56, 61), id="end"),
        pytest.param(
            ["UPDATE record SET body = '{}' WHERE number IN (3, 9)", "DELETE FROM record WHERE number = 30"],
            [Break(3, 3, "altered"), Break(9, 9, "altered"), Break(30, 30, "missing")], {3, 9, 30},
            id="three places",
        ),
        pytest.param(
            ["UPDATE record SET number = 1000000 WHERE number = 60"],
            [Break(60, 60, "missing"), Break(1000000, 1000000, "altered")], {60},
            id="a number that is far away",
        ),
        pytest.param(
            ["DELETE FROM record WHERE number = 8", "UPDATE record SET number = 8 WHERE number = 7"],
            [Break(7, 7, "missing"), Break(8, 8, "altered")], {7, 8},
            id="a record under the next number",
        ),
        pytest.param(["UPDATE sqlite_sequence SET seq = 5"], [], (), id="counter too low"),
    ],
)  # fmt: skip
def test_each_break_is_named_and_costs_its_records_alone(
    path: Path, statements: list[str], breaks: list[Break], lost: Collection[int]
) -> None:
    reader = altered(path, *statements)
    assert list(reader.breaks()) == breaks
    assert list(reader.read()) == [record for record in BREAK_RECORDS if record.number not in lost]
    assert [part for part in reader.breaks_met if part.first <= COUNT] == [
        part for part in breaks if part.first <= COUNT
    ]


def test_a_last_record_without_a_hash_has_a_head_and_is_named(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'record'")
        database.commit()
    reader = altered(path, "UPDATE record SET hash = NULL WHERE number = 60")
    assert reader.head() == (60, "00" * 32)
    assert list(reader.breaks()) == [Break(60, 60, "altered")]


def test_a_record_that_is_left_out_is_logged_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reader = altered(path, "UPDATE record SET body = '{}' WHERE number = 7")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            assert len(list(reader.read(kinds=["start"]))) == COUNT - 1
    assert caplog.text.count("records are left out") == 1
    assert "count=1 first=7 last=7 what=altered" in caplog.text


def test_many_records_that_are_left_out_are_logged_in_one_line(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reader = altered(
        path, "UPDATE record SET body = '{}' WHERE number IN (3, 7, 8)", "DELETE FROM record WHERE number = 20"
    )
    with caplog.at_level(logging.ERROR):
        assert len(list(reader.read())) == COUNT - 4
    assert caplog.text.count("records are left out") == 1
    assert "count=4 first=3 last=20 what=altered,missing" in caplog.text


def test_reading_one_kind_leaves_a_broken_record_out_as_well(path: Path) -> None:
    reader = altered(path, "UPDATE record SET body = '{}' WHERE number = 7")
    assert 7 not in [record.number for record in reader.read(kinds=["start"], since=1003, until=1010)]
    assert reader.breaks_met == (Break(7, 7, "altered"),)


def test_guards_that_are_gone_are_named(path: Path) -> None:
    assert JournalReader(path).problems() == []
    names = [problem.arguments["name"] for problem in altered(path).problems()]
    assert names == ["record_follows", "record_stays", "record_remains"]


def test_an_index_that_says_something_else_is_named(path: Path) -> None:
    content = bytearray(path.read_bytes())
    page = next(n for n in range(len(content) // 4096) if content[n * 4096] == 0x0A)  # a leaf of an index
    content[page * 4096 + 4090] ^= 1
    path.write_bytes(content)
    (problem,) = JournalReader(path).problems()
    assert problem.startswith("the tree of the database is damaged")


def flip(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    changed[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: int(rng.integers(len(content)))]


def noise(content: bytes, rng: np.random.Generator) -> bytes:
    begin, size = int(rng.integers(len(content))), int(rng.integers(1, 4096))
    return (content[:begin] + rng.bytes(size) + content[begin + size :])[: len(content)]


@pytest.mark.parametrize("attack", [flip, cut, noise])
def test_whatever_is_damaged_nothing_else_is_read_and_nothing_is_lost_without_a_word(
    path: Path, attack: Callable[[bytes, np.random.Generator], bytes]
) -> None:
    content = path.read_bytes()
    for seed in range(60):
        path.write_bytes(attack(content, np.random.default_rng(seed)))
        try:
            reader = JournalReader(path)
            records = list(reader.read())
            named = [*reader.breaks(), *reader.problems()]
        except JournalError:
            continue
        assert {record.number: record for record in records}.items() <= {r.number: r for r in BREAK_RECORDS}.items()
        assert named or records == BREAK_RECORDS, f"seed {seed}"


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that nobody but its owner may write."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "data"
        folder.mkdir()
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("with_log", [False, True])
def test_a_journal_in_a_read_only_folder_is_read_and_verified(path: Path, read_only: Path, with_log: bool) -> None:
    target = read_only / "journal.db"
    with Journal(path) as journal:
        if with_log:
            journal.append([Record(COUNT + 1, 5000, RunStart(rules="newest"))]).result(10)
            for companion in ("", "-wal"):
                copyfile(f"{path}{companion}", f"{target}{companion}")
    if not with_log:
        copyfile(path, target)
    read_only.chmod(0o555)
    with as_a_stranger():
        reader = JournalReader(target)
        assert len(list(reader.read())) == reader.head()[0] == COUNT + with_log
        assert (reader.verify(), reader.problems()) == (None, [])
    assert sorted(file.name for file in read_only.iterdir()) == ["journal.db"] + ["journal.db-wal"] * with_log


def test_a_reader_of_a_read_only_folder_copies_once_and_again_after_a_change(
    path: Path, read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, copies = read_only / "journal.db", read_only.parent / "copies"
    copies.mkdir()
    copies.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    with Journal(path) as journal:
        for more in (1, 2):
            journal.append([Record(COUNT + more, 5000, RunStart(rules="newest"))]).result(10)
            for companion in ("", "-wal"):
                copyfile(f"{path}{companion}", f"{target}{companion}")
            read_only.chmod(0o555)
            with as_a_stranger():
                if more == 1:
                    reader = JournalReader(target)
                before = list(copies.iterdir())
                heads = [reader.head()[0] for _ in range(3)]
                after = list(copies.iterdir())
            assert heads == [COUNT + more] * 3
            assert len(before) == len(after) == 1
            assert (before == after) is (more == 1)
            read_only.chmod(0o755)
    del reader
    assert list(copies.iterdir()) == []
