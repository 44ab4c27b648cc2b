"""What is acknowledged outlives a kill and a full disk, and another process reads it meanwhile."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.stores import HistoryReader, StartEntry
from adapters.stores.historian.folder import day_files
from plant import SampleBatch
from tests.adapters.stores.historian_child import POINTS, batch

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("historian_child.py")


def child(folder: Path, work: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def batches(folder: Path) -> list[SampleBatch]:
    return [entry for entry in HistoryReader(folder, POINTS).log() if not isinstance(entry, StartEntry)]


def check(found: list[SampleBatch], numbers: list[int]) -> None:
    assert len(found) == len(numbers)
    for entry, number in zip(found, numbers, strict=True):
        expected = batch(number)
        for name in ("point", "time", "value", "quality", "state", "backfilled", "arrival"):
            assert getattr(entry, name).tobytes() == getattr(expected, name).tobytes(), (name, number)


def test_nothing_acknowledged_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    rng = random.Random(3101)
    last = -1
    for _ in range(5):
        process = child(tmp_path, "crash")
        goal = rng.randrange(20, 120)
        lines = [line(process) for _ in range(goal)]
        process.kill()
        assert process.stdout is not None
        rest, _ = process.communicate(timeout=30)
        acknowledged = [int(number) for number in [*lines, *rest.split()] if number]
        assert acknowledged[0] > last or last == -1
        found = batches(tmp_path)
        last = len(found) - 1
        assert last >= acknowledged[-1]
        check(found, list(range(last + 1)))
    assert len(day_files(tmp_path)) == 2


def test_a_full_disk_is_said_refuses_beyond_the_bound_and_loses_nothing_else(tmp_path: Path) -> None:
    process = child(tmp_path, "full")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    fault, bound, recovered = output.splitlines()
    assert fault != "None"
    refused, within, error = bound.split()
    taken, fault = recovered.split()
    number = int(taken) - 1
    assert (int(refused), within, error, fault) == (len(batch(number)), "True", "HistorianFullError", "None")
    check(batches(tmp_path), [*range(number), number + 1])


def test_another_process_reads_what_was_acknowledged_while_it_is_written(tmp_path: Path) -> None:
    process = child(tmp_path, "keep")
    assert process.stdin is not None
    reader = HistoryReader(tmp_path, POINTS)
    for number in range(300):
        process.stdin.write("\n")
        process.stdin.flush()
        assert line(process) == str(number)
        if number % 60 == 0:
            check(batches(tmp_path), list(range(number + 1)))
            expected = sum(int((batch(earlier).point == 3).sum()) for earlier in range(number + 1))
            assert len(reader.samples("T3", 0, 2**62)) == expected
    process.communicate(timeout=30)
    check(batches(tmp_path), list(range(300)))
