"""A history knows its days: one that is lost or exchanged is named, and no value of another mine passes for ours."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.stores import Damage, DamageLog, Historian, HistoryReader, StartEntry, is_list_sound, verify_history
from adapters.stores.historian.day_list import NAME, read_list
from adapters.stores.historian.folder import path_of
from bench.attacks.history import BEGIN, points
from plant import SampleBatch
from plant.units import DAY, SECOND

FIRST = BEGIN // DAY
DATES = ("2024-10-04", "2024-10-05", "2024-10-06")


def write(folder: Path, days: Sequence[int], *, value: float = 0.5, retention_days: int | None = None) -> None:
    """Write a run of a few batches on each of some days, counted from the first."""
    historian = Historian(folder, points(), retention_days=retention_days, synchronous="normal", longest_head=3)
    for day in days:
        historian.start(BEGIN + day * DAY).result(60)
        for number in range(1, 6):
            time = BEGIN + day * DAY + number * SECOND
            historian.append(SampleBatch.of([0, 1], [time, time], [value, number], arrival=time)).result(60)
    historian.close()


def read(folder: Path) -> tuple[list[float], list[Damage]]:
    """Return the values of the first point, and the damages that were met."""
    damages: list[Damage] = []
    samples = HistoryReader(folder, points()).samples("T1", BEGIN, BEGIN + 9 * DAY, damages=damages)
    return samples.value.tolist(), damages


def named(damages: Sequence[Damage]) -> list[tuple[str, str]]:
    return [(damage.day, str(damage.what)) for damage in damages]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, (0, 1, 2))
    return tmp_path


def test_a_sound_history_has_its_days_in_the_list_and_a_checksum_of_those_that_are_over(folder: Path) -> None:
    seals = read_list(folder)
    assert seals is not None
    assert [seal is None for _, seal in sorted(seals.items())] == [False, False, True]
    assert read(folder) == ([0.5] * 15, [])
    assert is_list_sound(folder)


@pytest.mark.parametrize("day", [0, 1, 2])
def test_a_day_that_is_gone_is_named_by_every_reader(folder: Path, day: int) -> None:
    path_of(folder, FIRST + day).unlink()
    lost = [(DATES[day], "the file is missing")]
    values, damages = read(folder)
    assert (len(values), named(damages)) == (10, lost)
    log = DamageLog()
    reader = HistoryReader(folder, points(), log)
    reader.span()
    assert named(list(log)) == lost
    met: list[Damage] = []
    assert len(list(reader.stretches(damages=met))) > 0
    assert named(met) == lost
    assert [named(file.damages) for file in verify_history(folder) if file.damages] == [lost]


def test_a_day_that_is_gone_does_not_matter_before_it(folder: Path) -> None:
    path_of(folder, FIRST + 2).unlink()
    met: list[Damage] = []
    list(HistoryReader(folder, points()).stretches(BEGIN, BEGIN + DAY, met))
    assert met == []


@pytest.mark.parametrize("other", ["another mine", "an older copy"])
def test_a_day_file_of_another_history_is_named_and_none_of_its_values_is_read(
    tmp_path: Path, folder: Path, other: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if other == "another mine":
        write(elsewhere, (0, 1, 2), value=9.0)
    else:
        write(elsewhere, (0, 1))
        write(elsewhere, (1,))
        write(elsewhere, (2,))
    shutil.copyfile(path_of(elsewhere, FIRST + 1), path_of(folder, FIRST + 1))
    values, damages = read(folder)
    assert values == [0.5] * 10
    assert named(damages) == [(DATES[1], "the file is not the one that was written on this day")]


def test_a_day_that_is_written_again_after_the_clock_was_set_back_gets_a_new_checksum(folder: Path) -> None:
    write(folder, (1, 2))
    values, damages = read(folder)
    assert (len(values), damages) == (25, [])
    seals = read_list(folder)
    assert seals is not None
    assert seals[FIRST + 1] is not None


def test_days_that_retention_deletes_are_not_missed(tmp_path: Path) -> None:
    write(tmp_path, (0, 1, 2, 3), retention_days=1)
    seals = read_list(tmp_path)
    assert seals is not None
    assert sorted(seals) == [FIRST + 2, FIRST + 3]
    assert read(tmp_path) == ([0.5] * 10, [])


def test_a_lost_day_leaves_the_list_when_its_time_is_over(folder: Path) -> None:
    path_of(folder, FIRST).unlink()
    write(folder, (3, 4, 5), retention_days=2)
    assert read(folder)[1] == []


def test_every_bit_of_the_list_counts_and_a_start_writes_it_anew(folder: Path) -> None:
    path = folder / NAME
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            path.write_bytes(bytes(changed))
            assert is_list_sound(folder) is False
    assert read(folder) == ([0.5] * 15, [])
    write(folder, (3,))
    assert is_list_sound(folder)


def test_a_folder_without_a_list_is_read_as_it_is_and_gets_one(folder: Path) -> None:
    (folder / NAME).unlink()
    path_of(folder, FIRST).unlink()
    assert is_list_sound(folder) is None
    assert read(folder)[1] == []
    write(folder, (3,))
    assert sorted(read_list(folder) or {}) == [FIRST + 1, FIRST + 2, FIRST + 3]


def test_a_start_entry_alone_makes_a_day(tmp_path: Path) -> None:
    historian = Historian(tmp_path, points(), retention_days=None)
    historian.start(BEGIN).result(60)
    historian.close()
    assert list(HistoryReader(tmp_path).log()) == [StartEntry(BEGIN)]
    assert read_list(tmp_path) == {FIRST: None}
