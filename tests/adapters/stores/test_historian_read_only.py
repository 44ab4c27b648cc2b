"""A history that cannot be written, such as a backup or the folder of another user, is read and verified."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from adapters.stores import Historian, HistoryReader, verify_history
from adapters.stores.historian.folder import path_of
from bench.attacks.history import BEGIN, entries, judge, keep, keys_of, points
from plant import SampleBatch
from plant.units import DAY

LOG = entries()
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may look into; those of pytest are for one user alone."""
    with TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


@contextmanager
def cannot_write(folder: Path) -> Iterator[None]:
    """Be a user who cannot write the folder: root can write any, so root becomes another user meanwhile."""
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        assert not os.access(folder, os.W_OK, effective_ids=True)
        yield
    finally:
        os.seteuid(user)


def killed(target: Path) -> None:
    """Leave a folder as a killed engine does: the newest entries are in the write-ahead log."""
    source = target / "source"
    historian = Historian(source, points(), retention_days=None, synchronous="normal", longest_head=7)
    for entry in LOG:
        (historian.append(entry) if isinstance(entry, SampleBatch) else historian.start(entry.time)).result(60)
    day_file = path_of(source, BEGIN // DAY)
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{day_file}{suffix}", target / f"{day_file.name}{suffix}")
    historian.close()
    shutil.rmtree(source)
    assert (target / f"{day_file.name}-wal").stat().st_size > 0


@pytest.mark.parametrize("make", [keep, killed], ids=["closed", "killed"])
def test_it_is_read_and_verified_to_the_last_sample(folder: Path, make: object) -> None:
    if make is keep:
        keep(folder, LOG)
    else:
        killed(folder)
    names = {path.name for path in folder.iterdir()}
    with cannot_write(folder):
        assert judge(folder, keys_of(LOG)) == (False, None)
        assert [file.damages for file in verify_history(folder)] == [()]
    assert {path.name for path in folder.iterdir()} == names


def test_a_damage_in_it_is_named(folder: Path) -> None:
    path = keep(folder, LOG)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(bytes(content))
    with cannot_write(folder):
        verdict = judge(folder, keys_of(LOG))
    assert (verdict.named, verdict.wrong) == (True, None)


def test_a_file_that_another_user_writes_is_read_while_it_grows(folder: Path) -> None:
    historian = Historian(folder, points(), retention_days=None)
    historian.start(BEGIN).result(60)
    reader = HistoryReader(folder, points())
    for number in range(1, 4):
        historian.append(SampleBatch.of([0], [BEGIN + number], [1.0], arrival=BEGIN + number)).result(60)
        with cannot_write(folder):
            assert len(reader.samples("T1", BEGIN, BEGIN + DAY)) == number
        folder.chmod(0o755)
    historian.close()
    assert np.isfinite(reader.samples("T1", BEGIN, BEGIN + DAY).value).all()
