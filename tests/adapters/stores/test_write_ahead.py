"""A write-ahead log with a flipped bit is no shorter log: a start sets the file aside, and its loss is named."""

from pathlib import Path

import pytest

from adapters.stores import verify_history
from adapters.stores.historian.day.write_ahead import frames_of, is_log_damaged
from bench.attacks.history import entries, judge, keep, keys_of
from bench.attacks.stores import LATER, killed, last_transaction

DAY_FILE = "2024-10-04.hist"
WRITTEN = keys_of([*entries(), *LATER])


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A folder as a killed historian leaves it."""
    files = killed(tmp_path / "killed")
    folder = tmp_path / "left"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def change(folder: Path, place: int, bit: int = 1) -> None:
    log = folder / f"{DAY_FILE}-wal"
    content = bytearray(log.read_bytes())
    content[place] ^= bit
    log.write_bytes(bytes(content))


def test_a_sound_log_loses_nothing(left: Path) -> None:
    assert not is_log_damaged(left / DAY_FILE)
    keep(left, LATER)
    assert judge(left, WRITTEN) == (False, None)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9], ids=str)
def test_a_damage_in_the_log_is_named_by_verify_and_after_a_start(left: Path, share: float) -> None:
    change(left, round(share * (left / f"{DAY_FILE}-wal").stat().st_size) + 40)
    assert is_log_damaged(left / DAY_FILE)
    assert any(file.damages for file in verify_history(left))
    keep(left, LATER)
    assert (left / f"{DAY_FILE}.broken-1").exists()
    verdict = judge(left, WRITTEN)
    assert (verdict.named, verdict.wrong) == (True, None)


@pytest.mark.parametrize("place", range(32))
def test_every_byte_of_the_head_of_the_log_counts(left: Path, place: int) -> None:
    change(left, place, 0x10)
    assert is_log_damaged(left / DAY_FILE)


def test_a_log_that_a_power_loss_cut_is_sound(left: Path) -> None:
    log = left / f"{DAY_FILE}-wal"
    content = log.read_bytes()
    begin = last_transaction(content)
    for size in (begin, begin + 100, frames_of(content)[-1].begin + 5000, 40, 5, 0):
        log.write_bytes(content[:size])
        assert not is_log_damaged(left / DAY_FILE), size
    # The frames of one transaction may reach the disk in any order.
    torn = bytearray(content)
    torn[begin + 24 : begin + 2000] = bytes(1976)
    log.write_bytes(bytes(torn))
    assert not is_log_damaged(left / DAY_FILE)


def test_a_file_without_a_log_is_sound(tmp_path: Path) -> None:
    assert not is_log_damaged(keep(tmp_path, entries()))
