"""Measures `hazwatch backtest` on a generated history: one sample per point and second, four limits of `value` each."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np

from adapters.stores import Historian
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config, load
from plant import SampleBatch
from plant.units import SECOND
from tests import sites

DAY = 86_400
BEGIN = 20_000 * DAY * SECOND
LIMITS = (("high", 1.0, 0.9), ("high", 1.5, 1.4), ("high", 2.0, 1.9), ("low", 0.05, 0.1))
CHUNK = 600
"""Seconds to generate at once."""


def site_text(points: int, off_delay: str) -> str:
    """Return a site of methane sensors."""
    limits = {
        str(number): {side: at, "clear": clear, "on_delay": "0s", "off_delay": off_delay, "level": "orange"}
        for number, (side, at, clear) in enumerate(LIMITS)
    }
    sensor = {"quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "stale_after": "20s"}
    tables = [sites.HEAD]
    for number in range(points):
        name = f"P{number}"
        tables.append(sites.point(name, **sensor))
        tables += [sites.limit(f"{name}.{key}", name, **keys) for key, keys in limits.items()]
    return sites.text(*tables)


class Mine:
    """Methane in steps of 0.01 that wanders around 0.5, with occasional periods of 1.2 for up to an hour."""

    def __init__(self, points: int, arrivals: int) -> None:
        self._points = points
        self._arrivals = arrivals
        self._random = np.random.default_rng(3101)
        self._steps = np.zeros(points)
        self._until = np.zeros(points)
        self._phase = self._random.integers(0, 1000, points) * 1_000_000

    def batches(self, first: int, count: int) -> Iterator[SampleBatch]:
        """Yield the arrival batches of some seconds, with one sample per point and second."""
        random, points = self._random, self._points
        moves = np.where(random.random((count, points)) < 0.2, random.integers(-3, 4, (count, points)), 0)
        # A high period starts on average every two days.
        starts = random.random((count, points)) < 0.1 / DAY * 5
        for second in range(count):
            now = BEGIN + (first + second) * SECOND
            self._steps = np.clip(0.999 * self._steps + moves[second], -40, 40)
            self._until = np.where(starts[second], first + second + random.integers(60, 3600), self._until)
            steps = np.round(self._steps + np.where(self._until > first + second, 120, 50))
            # Every point is sampled at its own phase of the second and belongs to the next arrival batch.
            for part in range(self._arrivals):
                arrival = now + (part + 1) * SECOND // self._arrivals
                rows = np.flatnonzero(self._phase * self._arrivals // SECOND == part)
                yield SampleBatch.of(rows, now + self._phase[rows], steps[rows] / 100.0, arrival=arrival)


def write_history(folder: Path, config: Config, seconds: int, arrivals: int) -> None:
    """Write a generated history into a folder with the historian itself."""
    historian = Historian(folder, config.points, retention_days=None, synchronous="normal")
    historian.start(BEGIN)
    mine = Mine(len(config.points), arrivals)
    waiting: deque[Future[None]] = deque()
    for first in range(0, seconds, CHUNK):
        for batch in mine.batches(first, min(CHUNK, seconds - first)):
            waiting.append(historian.append(batch))
            # The generator is faster than the disk: without this bound the historian would refuse samples.
            if len(waiting) > 2000:
                waiting.popleft().result()
    historian.close()


def measure(arguments: list[str], samples: int, name: str) -> None:
    """Run the command, and print its time, throughput and memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "hazwatch", "backtest", *arguments], check=True, stdout=subprocess.DEVNULL)
    taken = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name:<24} {taken:7.1f} s, {samples / taken / 1e6:6.2f} M samples/s, {busy:7.1f} s of a processor,"
        f" {after.ru_maxrss / 1e3:6.0f} MB at most"
    )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument(
        "--arrivals", type=int, default=1, help="batches a second in which the samples come (%(default)d)"
    )
    parser.add_argument("--keep", type=Path, help="folder of the history; one that is there already is played again")
    parser.add_argument("--candidate", action="store_true", help="play a second rule-set, too")
    return parser.parse_args()


def main() -> None:
    arguments = parsed()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, off_delay in (("site", "0s"), ("candidate", "60s")):
            (folder / f"{name}.toml").write_text(site_text(arguments.points, off_delay), encoding="utf-8")
        config = load(folder / "site.toml")
        seconds = round(arguments.days * DAY)
        history = DataFolder(folder).history
        if not history.is_dir():
            write_history(history, config, seconds, arguments.arrivals)
        samples = seconds * arguments.points
        size = sum(path.stat().st_size for path in history.iterdir())
        print(
            f"{arguments.points} points, {arguments.days:g} days at 1 Hz, {samples / 1e6:.1f} M samples,"
            f" {size / samples:.2f} B each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        options = [str(folder / "site.toml"), "--data", str(folder)]
        measure(options, samples, "one rule-set")
        if arguments.candidate:
            measure([*options, "--candidate", str(folder / "candidate.toml")], samples, "two rule-sets")


if __name__ == "__main__":
    main()
