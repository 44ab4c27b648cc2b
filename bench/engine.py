"""Measures the engine on one core, and its peers on the first job in the same run.

Numbers are medians of thread time over batches, with four limits of `value` per point. Windows are 60 samples of
`slope` and `projected`. Memory is the engine's own; the rule-set from the site file takes another 9 kB per point.
"""

import argparse
import sys
import tracemalloc
from statistics import median
from time import thread_time_ns

import numpy as np

from bench import peers
from bench.job import Job, S, rules_of, values_of
from ingest import Log
from plant import SampleBatch
from rules import Engine

JOBS = (
    Job(10_000, 40),
    Job(10_000, 20, changing=0.2),
    Job(10_000, 160, warm=90, windows=True),
    Job(100, 100, batch=10),
    Job(1_000, 200),
    Job(100_000, 10, warm=3),
)
MILLION = Job(1_000_000, 10, warm=3)


def measure_engine(job: Job) -> float:
    """Print the costs of a sample and of a call, and return the cost of a sample. [ns]."""
    rules = rules_of(job)
    tracemalloc.start()
    engine = Engine(rules)
    memory = tracemalloc.get_traced_memory()[0] / job.points
    # tracemalloc slows every allocation, so it must not run while the costs are measured.
    tracemalloc.stop()
    costs, events = [], 0
    for second, value in enumerate(values_of(job)):
        batch = SampleBatch.of(np.arange(job.points), np.full(job.points, second * S), value)
        log = Log.of_samples(batch, batch.time, batch.quality)
        for begin in range(0, job.points, job.batch):
            piece = log[begin : begin + job.batch]
            start = thread_time_ns()
            new_events = engine.evaluate(piece)
            # Thread time: other processes of a shared machine do not count.
            costs.append((second, thread_time_ns() - start, len(piece)))
            events += len(new_events) if second >= job.warm else 0
        # The engine judges staleness at ticks; a tick costs per second, not per sample, so it is not timed.
        engine.evaluate(Log.of_ticks(np.array([second * S])))
    kept = [(cost, count) for second, cost, count in costs if second >= job.warm]
    per_sample = median(cost / count for cost, count in kept)
    call = median(cost for cost, _ in kept) / 1000
    print(
        f"{job.points:>9} points, {job.changing:5.1%} changing, batches of {min(job.batch, job.points):>6}"
        f"{', windows' if job.windows else '':<9} {per_sample:8.1f} ns/sample {1000 / per_sample:7.1f} M/s"
        f" {call:9.1f} us/call {events:>6} events {memory:6.0f} bytes/point"
    )
    return per_sample


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="a million points, too: 12 GB, some minutes")
    parser.add_argument("--no-peers", action="store_true", help="the engine alone; Prometheus takes two minutes")
    parser.add_argument("--csp-python", default=sys.executable, metavar="PYTHON", help="an interpreter that has csp")
    chosen = parser.parse_args()
    jobs = (*JOBS, MILLION) if chosen.million else JOBS
    own, *_ = [measure_engine(job) for job in jobs]
    if not chosen.no_peers:
        peers.measure(JOBS[0], own, chosen.csp_python)


if __name__ == "__main__":
    main()
