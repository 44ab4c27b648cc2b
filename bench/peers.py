"""Measures peers beside our engine on one job: four limits of `value` with clear values, 10,000 points, 0.1 % changing.

What each of them does is not the same: ours orders, keeps times, qualities and staleness, and writes events; numpy, the
scalar loop and csp only compare; Prometheus scrapes and stores, which is not counted, and evaluates once a second.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import thread_time_ns
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench import prometheus_peer
from bench.engine import LIMITS, Job, numpy_pass, rules_of, scalar_pass, values_of
from ingest import Log
from plant import SampleBatch
from rules import Engine

JOB = Job(10_000, 40)
WARM = 10
S = 1_000_000_000
Values = NDArray[np.float64]
PassT = TypeVar("PassT")


def ours(seconds: Sequence[Values]) -> float:
    """Return what our engine takes for a sample. [ns]."""
    engine = Engine(rules_of(JOB))
    points = np.arange(JOB.points)

    def evaluate(log: Log) -> None:
        engine.evaluate(log)

    logs = []
    for second, values in enumerate(seconds):
        batch = SampleBatch.of(points, np.full(JOB.points, second * S), values)
        ticks = Log.of_ticks(np.array([second * S]))
        logs.append(Log.concatenate((Log.of_samples(batch, batch.time, batch.quality), ticks)))
    return each(evaluate, logs)


def each(run: Callable[[PassT], None], passes: Sequence[PassT]) -> float:
    """Return the median of what a value takes, after some warm-up. [ns]."""
    costs = []
    for values in passes:
        begun = thread_time_ns()
        run(values)
        costs.append(thread_time_ns() - begun)
    return median(costs[WARM:]) / JOB.points


def csp(python: str, seconds: Sequence[Values]) -> float:
    """Return what csp takes for a value, in an interpreter that has it. [ns]."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.npy"
        np.save(path, np.array(seconds))
        sides = [json.dumps(LIMITS[side]) for side in ("high", "low")]
        script = Path(__file__).with_name("csp_peer.py")
        told = subprocess.run([python, script, path, *sides], check=True, capture_output=True, text=True)
    return float(json.loads(told.stdout)["ns"])


def has_csp(python: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec("csp") is not None
    return subprocess.run([python, "-c", "import csp"], check=False, capture_output=True).returncode == 0


def prometheus(seconds: Sequence[Values], own: float) -> None:
    """Say what its rules take by the clock, and of its processor: the difference to the same without rules."""
    found = prometheus_peer.measure(seconds, prometheus_peer.rules_text(LIMITS), warm=20, reads=40)
    bare = prometheus_peer.measure(seconds, prometheus_peer.NO_RULES, warm=20, reads=40)
    say("Prometheus, its rules, by the clock", found.evaluation / JOB.points * 1e9, own)
    say("Prometheus, its rules, processor", (found.processor - bare.processor) / JOB.points * 1e9, own)
    say("Prometheus, scraping and storing, processor", bare.processor / JOB.points * 1e9, own)
    print(f"{'':<44} {found.firing} firing at the end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csp-python", default=sys.executable, metavar="PYTHON", help="an interpreter that has csp")
    arguments = parser.parse_args()
    seconds = list(values_of(JOB))
    own = ours(seconds)
    say("our engine", own, own)
    say("numpy passes, comparisons only", each(numpy_pass(), seconds), own)
    say("scalar Python loop, comparisons only", each(scalar_pass(), seconds), own)
    if has_csp(arguments.csp_python):
        say("csp, one node, comparisons only", csp(arguments.csp_python, seconds), own)
    else:
        print(
            "csp is not here: python -m venv /tmp/csp; /tmp/csp/bin/pip install csp; --csp-python /tmp/csp/bin/python"
        )
    if prometheus_peer.available():
        prometheus(seconds, own)
    else:
        print("Prometheus is not here: apt-get install --no-install-recommends prometheus")


def say(name: str, cost: float, own: float) -> None:
    print(f"{name:<44} {cost:10.1f} ns a value, four limits {cost / own:10.1f} x ours")


if __name__ == "__main__":
    main()
