"""Measures the engine on one core, beside a scalar Python loop and plain numpy passes over the same values.

Thread time, medians over batches; four limits of `value` per point. Windows are 60 samples of slope and projected.
Memory is that of the engine; its rule-set, as read from the site file, takes 9 kB a point more.
"""

import argparse
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import thread_time_ns

import numpy as np
from numpy.typing import NDArray

from ingest import Log
from plant import Point, SampleBatch
from rules import Engine, Limit, RuleSet

S = 1_000_000_000
LIMITS = {"high": ((1.0, 0.9), (1.5, 1.4), (2.0, 1.9)), "low": ((0.05, 0.06),)}
"""Setpoints and clears."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: how many points, for how long, how many of them changing per second, in which batches."""

    points: int
    seconds: int
    warm: int = 5
    changing: float = 0.001
    batch: int = 10_000
    windows: bool = False


JOBS = (
    Job(10_000, 40),
    Job(10_000, 20, changing=0.2),
    Job(10_000, 160, warm=90, windows=True),
    Job(100, 100, batch=10),
    Job(1_000, 200),
    Job(100_000, 10, warm=3),
)
MILLION = Job(1_000_000, 10, warm=3)
PEERS = Job(10_000, 20)


def rules_of(job: Job) -> RuleSet:
    """Return sensors with three high limits and a low one, and limits of two windows if wanted."""
    points, limits = [], []
    for n in range(job.points):
        points.append(
            Point(id=f"P{n}", hazard_source="h", name="p", range=(0.0, 4.0), resolution=0.01, stale_after="20s")
        )
        given = [{"feature": "value", side: at, "clear": clear} for side in LIMITS for at, clear in LIMITS[side]]
        if job.windows:
            given += [{"feature": "slope", "window": "60s", "high": 2.0}]
            given += [{"feature": "projected", "window": "60s", "horizon": "60s", "high": 3.0}]
        limits += [
            Limit.model_validate({"id": f"P{n}.{k}", "point": f"P{n}", "level": "red"} | fields)
            for k, fields in enumerate(given)
        ]
    return RuleSet(points, limits, [], [])


def values_of(job: Job) -> Iterator[NDArray[np.float64]]:
    """Return the values of every second: about 0.5, or 1.2 from one change of a point to its next."""
    random = np.random.default_rng(1)
    up = np.zeros(job.points, dtype=np.bool_)
    for _ in range(job.seconds):
        up ^= random.random(job.points) < job.changing
        yield np.round(np.where(up, 1.2, 0.5) + random.uniform(-0.05, 0.05, job.points), 2)


def measure_engine(job: Job) -> None:
    """Print what a sample and a call cost."""
    rules = rules_of(job)
    tracemalloc.start()
    engine = Engine(rules)
    memory = tracemalloc.get_traced_memory()[0] / job.points
    tracemalloc.stop()
    costs, events = [], 0
    for second, value in enumerate(values_of(job)):
        batch = SampleBatch.of(np.arange(job.points), np.full(job.points, second * S), value)
        log = Log.of_samples(batch, batch.time, batch.quality)
        for begin in range(0, job.points, job.batch):
            piece = log[begin : begin + job.batch]
            start = thread_time_ns()
            found = engine.evaluate(piece)
            costs.append((second, thread_time_ns() - start, len(piece)))
            events += len(found) if second >= job.warm else 0
        engine.evaluate(Log.of_ticks(np.array([second * S])))
    kept = [(cost, count) for second, cost, count in costs if second >= job.warm]
    each, call = median(cost / count for cost, count in kept), median(cost for cost, _ in kept) / 1000
    print(
        f"{job.points:>9} points, {job.changing:5.1%} changing, batches of {min(job.batch, job.points):>6}"
        f"{', windows' if job.windows else '':<9} {each:8.1f} ns/sample {1000 / each:7.1f} M/s {call:9.1f} us/call"
        f" {events:>6} events {memory:6.0f} bytes/point"
    )


def scalar_pass() -> Callable[[NDArray[np.float64]], None]:
    """Return a Python loop over the points, with one state per limit."""
    states = [[False] * 4 for _ in range(PEERS.points)]

    def run(values: NDArray[np.float64]) -> None:
        for value, state in zip(values.tolist(), states, strict=True):
            place = 0
            for at, clear in LIMITS["high"]:
                state[place] = value >= clear if state[place] else value >= at
                place += 1
            for at, clear in LIMITS["low"]:
                state[place] = value <= clear if state[place] else value <= at
                place += 1

    return run


def numpy_pass() -> Callable[[NDArray[np.float64]], None]:
    """Return passes over all points at once, one state per limit."""
    states = [np.zeros(PEERS.points, dtype=np.bool_) for _ in range(4)]

    def run(values: NDArray[np.float64]) -> None:
        for state, (at, clear) in zip(states[:3], LIMITS["high"], strict=True):
            state[:] = (values >= at) | (state & (values >= clear))
        for state, (at, clear) in zip(states[3:], LIMITS["low"], strict=True):
            state[:] = (values <= at) | (state & (values <= clear))

    return run


def measure_peer(name: str, run: Callable[[NDArray[np.float64]], None]) -> None:
    """Print what a value costs without times, qualities, timers, staleness and events."""
    costs = []
    for values in values_of(PEERS):
        start = thread_time_ns()
        run(values)
        costs.append(thread_time_ns() - start)
    print(f"{PEERS.points:>9} points, {name:<42} {median(costs) / PEERS.points:8.1f} ns/value")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="a million points, too: 12 GB, some minutes")
    chosen = parser.parse_args()
    measure_peer("scalar Python, four comparisons only", scalar_pass())
    measure_peer("numpy passes, four comparisons only", numpy_pass())
    for job in (*JOBS, *[MILLION] * chosen.million):
        measure_engine(job)


if __name__ == "__main__":
    main()
