"""Measures the historian beside a plain table: ingest on one core, bytes per sample, and reading one point."""

import multiprocessing
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Literal

import numpy as np

from adapters.stores import Historian, HistoryReader
from plant import Point, PointTable, SampleBatch
from plant.units import SECOND

POINTS = 10_000
BATCH = 10_000
BEGIN = 20_000 * 86_400 * SECOND
HALF_HOUR = 1800


class Mine:
    """Points in steps of 0.01 and 0.1, once a second; a fifth of them moves.

    Parameters
    ----------
    kind
        "scan": fixed phases. "jitter": phases that vary by 50 ms. "changes": only points that move, in random order.
        "noise": values with random bits.

    """

    # Every kind defeats another part of the packing: jitter the differences of times, changes those of points, noise
    # the decimal grid.
    def __init__(self, kind: str = "scan") -> None:
        self.rng = np.random.default_rng(3101)
        self.kind = kind
        self.steps = self.rng.integers(0, 4000, POINTS)
        self.grid = np.where(np.arange(POINTS) % 2 == 0, 100.0, 10.0)
        self.phase = self.rng.integers(0, 1000, POINTS) * 1_000_000

    def batches(self, first: int, count: int) -> list[SampleBatch]:
        return [self._batch(BEGIN + number * SECOND) for number in range(first, first + count)]

    def _batch(self, now: int) -> SampleBatch:
        moved = self.rng.random(POINTS) < 0.2
        self.steps = self.steps + moved * self.rng.integers(-3, 4, POINTS)
        point = np.arange(POINTS)
        value = self.rng.normal(size=POINTS) if self.kind == "noise" else self.steps / self.grid
        at = now - SECOND + self.phase
        if self.kind == "jitter":
            at = at + self.rng.integers(0, 50, POINTS) * 1_000_000
        if self.kind == "changes":
            point = self.rng.permutation(np.flatnonzero(moved))
            at = now - SECOND + self.rng.integers(0, 1000, POINTS) * 1_000_000
        return SampleBatch.of(point, at[point], value[point], arrival=now)


def table() -> PointTable:
    return PointTable([Point(id=f"3101.T{number:05}", hazard_source="gas", name="T") for number in range(POINTS)])


def ingest(folder: Path, mine: Mine, seconds: int, synchronous: Literal["full", "normal"]) -> tuple[int, float, float]:
    """Return the number of samples, and the wall and processor time until the last one is on disk. [1, s, s]."""
    historian = Historian(folder, table(), retention_days=None, synchronous=synchronous)
    samples, taken, worked = 0, 0.0, 0.0
    for first in range(0, seconds, 100):
        batches = mine.batches(first, min(100, seconds - first))
        waiting: deque[Future[None]] = deque()
        begun, busy = time.perf_counter(), time.process_time()
        for batch in batches:
            waiting.append(historian.append(batch))
            # The engine never waits; here a bound keeps the measurement to what the disk sustains.
            if len(waiting) > 20:
                waiting.popleft().result()
        waiting[-1].result()
        taken += time.perf_counter() - begun
        worked += time.process_time() - busy
        samples += sum(len(batch) for batch in batches)
    begun, busy = time.perf_counter(), time.process_time()
    historian.close()
    return samples, taken + time.perf_counter() - begun, worked + time.process_time() - busy


def lone(folder: Path, batches: list[SampleBatch]) -> list[float]:
    """Return the time until each batch is on disk, if each waits for the one before; compactions included. [s]."""
    historian = Historian(folder, table(), retention_days=None)
    waits = []
    for batch in batches:
        begun = time.perf_counter()
        historian.append(batch).result()
        waits.append(time.perf_counter() - begun)
    historian.close()
    return waits


def ingest_rows(path: Path, mine: Mine, seconds: int) -> tuple[int, float]:
    """Store the same samples in a table with a row per sample, as quickly as SQLite can."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE sample (point INTEGER, time INTEGER, arrival INTEGER, value REAL, quality INTEGER, state INTEGER,"
        " PRIMARY KEY (point, time, arrival)) WITHOUT ROWID"
    )
    samples, taken = 0, 0.0
    for batch in mine.batches(0, seconds):
        begun = time.perf_counter()
        columns = (batch.point, batch.time, batch.arrival, batch.value, batch.quality, batch.state)
        rows = zip(*[column.tolist() for column in columns], strict=True)
        database.execute("BEGIN")
        database.executemany("INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.execute("COMMIT")
        taken += time.perf_counter() - begun
        samples += len(batch)
    database.close()
    return samples, taken


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def half_hour(folder: Path, count: int) -> str:
    """Return the times of reading one point over the last 30 minutes, as text."""
    reader = HistoryReader(folder)
    rng = np.random.default_rng(7)
    taken, worked = [], []
    for number in rng.integers(0, POINTS, 10 + count).tolist():
        span = reader.span()
        end = span[1] if span else 0
        begun, busy = time.perf_counter(), time.thread_time()
        samples = reader.samples(f"3101.T{number:05}", end - HALF_HOUR * SECOND, end)
        taken.append(time.perf_counter() - begun)
        worked.append(time.thread_time() - busy)
        assert len(samples) > 0
    # The first ten reads compile and fill the page cache.
    return f"{quantiles(taken[10:])}   processor p50 {statistics.median(worked[10:]) * 1e3:5.2f} ms"


def write_on(folder: Path, first: int, stop: Event, ready: Event) -> None:
    """Write 100 batches a second until `stop` is set."""
    # The highest core, while the reader uses the others: they compete for the file, not for a core.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    historian = Historian(folder, table(), retention_days=None)
    mine = Mine()
    for batch in _without_end(mine, first):
        historian.append(batch).result()
        ready.set()
        if stop.wait(0.01):
            break
    historian.close()


def _without_end(mine: Mine, first: int) -> Iterator[SampleBatch]:
    while True:
        yield from mine.batches(first, 10)
        first += 10


def quantiles(taken: list[float]) -> str:
    cuts = statistics.quantiles(taken, n=100)
    return f"p50 {cuts[49] * 1e3:7.2f} ms   p99 {cuts[98] * 1e3:7.2f} ms   max {max(taken) * 1e3:7.2f} ms"


RUNS: tuple[tuple[str, Literal["full", "normal"]], ...] = (
    ("scan", "full"),
    ("scan", "normal"),
    ("jitter", "full"),
    ("changes", "full"),
    ("noise", "full"),
)
"""Kind of the mine, and synchronous mode of the historian."""


def measure_ingest(root: Path, seconds: int) -> None:
    """Print the throughput and size of each run, beside a table with a row per sample."""
    rows, taken = ingest_rows(root / "rows.db", Mine(), min(seconds, 60))
    rows_rate, rows_size = rows / taken, (root / "rows.db").stat().st_size / rows
    print(f"{'a row per sample, FULL':34} {rows_rate / 1e6:6.2f} M samples/s           {rows_size:6.2f} B/sample")
    for kind, synchronous in RUNS:
        folder = root / f"{kind}-{synchronous}"
        samples, taken, worked = ingest(folder, Mine(kind), seconds, synchronous)
        rate, bytes_per_sample = samples / taken, size(folder) / samples
        print(
            f"{'historian, ' + kind + ', ' + synchronous.upper():34} {rate / 1e6:6.2f} M samples/s"
            f" ({rate / rows_rate:5.1f} x; {samples / worked / 1e6:5.2f} M a processor second)"
            f" {bytes_per_sample:6.2f} B/sample ({rows_size / bytes_per_sample:5.1f} x less)"
        )
    print(f"{'a lone batch acknowledged, FULL':34} {quantiles(lone(root / 'lone', Mine().batches(0, 300)))}")


def measure_reading(folder: Path, seconds: int) -> None:
    """Print the times of reading a point, alone and while another process writes."""
    print(f"{'one point, 30 minutes':34} {half_hour(folder, 300)}")
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    writer = context.Process(target=write_on, args=(folder, seconds, stop, ready))
    writer.start()
    ready.wait(60)
    print(f"{'  while another process writes':34} {half_hour(folder, 300)}")
    stop.set()
    writer.join()


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else HALF_HOUR
    cores = os.sched_getaffinity(0)
    # One core for the ingest: the writer thread then has no free core, as on a busy machine.
    os.sched_setaffinity(0, {min(cores)})
    with tempfile.TemporaryDirectory() as name:
        print(f"{POINTS} points, {seconds} s, batches of {BATCH}, one core")
        measure_ingest(Path(name), seconds)
        os.sched_setaffinity(0, cores)
        measure_reading(Path(name) / "scan-full", seconds)


if __name__ == "__main__":
    main()
