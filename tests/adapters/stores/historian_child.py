"""A process that writes history until it is killed: python historian_child.py FOLDER crash|full|keep."""

import os
import resource
import sys
from concurrent.futures import Future, wait
from pathlib import Path

import numpy as np

from adapters.stores import Historian
from plant import Point, PointTable, SampleBatch
from plant.units import DAY

POINTS = PointTable([Point(id=f"T{number}", hazard_source="gas", name="T") for number in range(20)])
BEGIN = 20_000 * DAY - 200_000_000


def batch(number: int) -> SampleBatch:
    """Return the batch with a number; anybody can make it again."""
    rng = np.random.default_rng(number)
    size = int(rng.integers(1, 60))
    arrival = BEGIN + number * 1_000_000
    return SampleBatch.of(
        rng.integers(0, 20, size), arrival - rng.integers(0, 10**9, size), rng.random(size).round(2), arrival=arrival
    )


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def until_killed(folder: Path) -> None:
    historian = Historian(folder, POINTS, retention_days=None, synchronous="normal", longest_head=9)
    number = 0 if historian.acknowledged < 0 else (historian.acknowledged - BEGIN) // 1_000_000 + 1
    while True:
        futures = [historian.append(batch(number + more)) for more in range(7)]
        for future in futures:
            future.result(30)
            say(number)
            number += 1


def until_full(folder: Path) -> None:
    """Fill a disk of 400 kB; see what waits and what is refused; go on when there is space again."""
    historian = Historian(folder, POINTS, retention_days=None, most_waiting=2000, retry=0.02)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    futures: list[Future[None]] = []
    while historian.refused == 0:
        futures.append(historian.append(batch(len(futures))))
        if historian.fault is None and historian.waiting > 500:
            wait(futures, timeout=0.1)
    say(historian.fault)
    say(historian.refused, historian.waiting <= 2000, type(futures[-1].exception()).__name__)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for future in futures[:-1]:
        future.result(30)
    say(len(futures), historian.fault)
    historian.append(batch(len(futures))).result(30)
    historian.close()


def until_told(folder: Path) -> None:
    """Write one batch for each line that comes in."""
    historian = Historian(folder, POINTS, retention_days=None, synchronous="normal")
    for number, _ in enumerate(sys.stdin):
        historian.append(batch(number)).result(30)
        say(number)
    historian.close()


if __name__ == "__main__":
    {"crash": until_killed, "full": until_full, "keep": until_told}[sys.argv[2]](Path(sys.argv[1]))
