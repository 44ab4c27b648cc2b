"""A damaged day file yields the samples that are as they were written, names the others, and never yields another."""

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from adapters.stores import Damage, DamageLog, Historian, HistoryReader
from adapters.stores.historian.day.segment_content import inflate
from adapters.stores.historian.folder import all_files
from adapters.stores.historian.packing.block import decode, encode
from adapters.stores.historian.packing.columns import PackedError, pack, pick, unpack
from bench.attacks.history import BEGIN, attacks, entries, judge, keep, keys_of, points
from plant.units import DAY, SECOND
from tests.adapters.stores.old_day_file import write_old_format

LOG = entries()
WRITTEN = keys_of(LOG)
ATTACKS = list(attacks())
Harm = Callable[[Path, np.random.Generator], None]


@pytest.fixture(scope="module")
def day_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return keep(tmp_path_factory.mktemp("history"), LOG).read_bytes()


def put(folder: Path, content: bytes) -> Path:
    path = folder / "2024-10-04.hist"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("name", "attack"), ATTACKS, ids=[name for name, _ in ATTACKS])
def test_a_damage_is_named_and_never_another_value(tmp_path: Path, day_file: bytes, name: str, attack: Harm) -> None:
    must_be_named = not name.startswith(("flip anywhere", "flip structure", "junk", "swap pages"))
    for seed in range(12):
        path = put(tmp_path, day_file)
        attack(path, np.random.default_rng(seed))
        verdict = judge(tmp_path, WRITTEN)
        assert verdict.wrong is None, f"seed {seed}"
        assert verdict.named or not must_be_named, f"seed {seed}"


@pytest.mark.parametrize(("name", "attack"), ATTACKS, ids=[name for name, _ in ATTACKS])
def test_a_writer_goes_on_whatever_is_damaged(tmp_path: Path, day_file: bytes, name: str, attack: Harm) -> None:
    for seed in range(1):
        for path in tmp_path.iterdir():
            path.unlink()
        attack(put(tmp_path, day_file), np.random.default_rng(100 + seed))
        keep(tmp_path, entries(2, 90)[61:])
        after = keys_of(entries(2, 90)[61:])
        verdict = judge(tmp_path, np.concatenate([WRITTEN, after]))
        assert verdict.wrong is None, f"{name}, seed {seed}"


def test_a_sound_file_has_no_damage(tmp_path: Path, day_file: bytes) -> None:
    put(tmp_path, day_file)
    assert judge(tmp_path, WRITTEN) == (False, None)


def test_a_damaged_page_costs_its_points_in_its_segment_alone(tmp_path: Path, day_file: bytes) -> None:
    path = put(tmp_path, day_file)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE page SET samples = zeroblob(50) WHERE page = (SELECT min(page) FROM page)")
        database.commit()
    damages = DamageLog()
    kept = keys_of(list(HistoryReader(tmp_path, points(), damages).log()))
    (damage,) = damages
    assert (damage.day, str(damage.what)) == ("2024-10-04", "page 1 of segment 1 is damaged")
    assert damage.points == tuple(point.id for point in points().points)  # one page holds all points of so few samples
    assert (damage.start, damage.end) == (BEGIN, BEGIN + 6 * SECOND + 1)
    assert len(kept) == np.count_nonzero((WRITTEN["arrival"] >= damage.end) | (WRITTEN["point"] < 0))


def test_a_damage_is_logged_once(tmp_path: Path, day_file: bytes, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, day_file[:-9000])
    reader = HistoryReader(tmp_path, points())
    for _ in range(3):
        list(reader.log())
    assert len(caplog.records) == len(reader.damages) > 0
    assert "day=2024-10-04" in caplog.text


def test_a_query_names_what_may_be_missing_in_its_own_period(tmp_path: Path, day_file: bytes) -> None:
    path = put(tmp_path, day_file)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE head SET time = time + 1 WHERE entry = 58")
        database.commit()
    reader = HistoryReader(tmp_path, points())
    met: dict[str, list[Damage]] = {"before": [], "of that time": [], "after": []}
    reader.samples("T1", BEGIN, BEGIN + 10 * SECOND, damages=met["before"])
    list(reader.stretches(BEGIN + 55 * SECOND, BEGIN + 59 * SECOND, met["of that time"]))
    reader.samples("T1", BEGIN + DAY, BEGIN + 2 * DAY, damages=met["after"])
    # Late samples of the first seconds may have been in the lost entry.
    assert {name: len(damages) for name, damages in met.items()} == {"before": 1, "of that time": 1, "after": 0}
    assert met["of that time"][0].what == "entries 58 to 58 are damaged"


def test_a_day_file_without_checksums_is_read_and_gets_them_when_it_is_written_on(
    tmp_path: Path, day_file: bytes
) -> None:
    path = put(tmp_path, day_file)
    write_old_format(path)
    assert judge(tmp_path, WRITTEN) == (False, None)
    keep(tmp_path, [])
    assert judge(tmp_path, WRITTEN) == (False, None)
    assert [file.name for _, file in all_files(tmp_path)] == [path.name]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.execute("UPDATE head SET time = time + 1 WHERE entry = 58")
        database.commit()
    assert judge(tmp_path, WRITTEN) == (True, None)


@pytest.mark.parametrize("where", ["flip anywhere", "truncate", "junk", "flip in pages"])
def test_a_damaged_day_file_without_checksums_never_crashes(tmp_path: Path, day_file: bytes, where: str) -> None:
    path = put(tmp_path, day_file)
    write_old_format(path)
    old = path.read_bytes()
    attack = dict(attacks())[where]
    for seed in range(15):
        path.write_bytes(old)
        attack(path, np.random.default_rng(seed))
        judge(tmp_path, WRITTEN)


def packed() -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    return pack(rng.integers(-(2**40), 2**40, (3, 50)))


@pytest.mark.parametrize("read", [unpack, lambda bytes_: pick(bytes_, 7)], ids=["all", "one"])
def test_damaged_columns_are_refused_before_they_are_restored(read: Callable[[NDArray[np.uint8]], object]) -> None:
    rng = np.random.default_rng(6)
    refused = 0
    for _ in range(300):
        damaged = packed()
        damaged[int(rng.integers(112))] ^= np.uint8(1 << int(rng.integers(8)))
        try:
            read(damaged)
        except PackedError:
            refused += 1
    assert refused > 50
    for size in (0, 15, 16, 40, 111, len(packed()) - 1):
        with pytest.raises(PackedError):
            read(packed()[:size])


def test_a_damaged_block_is_refused() -> None:
    blob = encode(np.zeros((5, 9), dtype=np.int64))
    for place, byte in ((0, 4), (8, 7), (16, 255), (23, 255), (32, 200), (27, 1)):
        with pytest.raises(PackedError):
            decode(blob[:place] + bytes([byte]) + blob[place + 1 :])
    with pytest.raises(PackedError):
        decode(blob[:20])


def test_a_page_is_never_inflated_beyond_its_bound() -> None:
    bomb = zlib.compress(bytes(1 << 24))
    with pytest.raises(PackedError):
        inflate(bomb, 1 << 16)
    with pytest.raises(PackedError):
        inflate(bomb[:-1], 1 << 25)


def test_days_that_go_take_their_files_that_were_set_aside_along(tmp_path: Path, day_file: bytes) -> None:
    put(tmp_path, day_file[:-9000])
    Historian(tmp_path, points(), retention_days=1).close()
    assert len(all_files(tmp_path)) == 2
    for days in (1, 2):
        historian = Historian(tmp_path, points(), retention_days=1)
        historian.start(BEGIN + days * DAY).result(60)
        historian.close()
    assert [file.name for _, file in all_files(tmp_path)] == ["2024-10-05.hist", "2024-10-06.hist"]


def test_a_destroyed_tree_is_given_up_in_bounded_time(tmp_path: Path, day_file: bytes) -> None:
    path = put(tmp_path, day_file)
    dict(ATTACKS)["junk"](path, np.random.default_rng(499))  # leaves keys that no search ends between
    assert judge(tmp_path, WRITTEN) == (True, None)
