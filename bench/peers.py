"""Measures the peers on one job of the engine: four limits of `value` with clear values per point.

The peers do less than the engine, which orders samples, keeps times, qualities and staleness, and writes events. numpy,
the scalar loop and csp only compare. Prometheus scrapes and stores (not counted) and evaluates once a second.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench import prometheus_peer
from bench.job import LIMITS, Job, Values, cost_per_value, values_of


def measure(job: Job, own: float, csp_python: str) -> None:
    """Print the cost of a value in each installed peer, and how to install the missing ones.

    Parameters
    ----------
    job : Job
        The job.
    own : float
        Cost of a value in our engine. [ns]
    csp_python : str
        Path of a Python interpreter with csp.

    """
    seconds = list(values_of(job))
    say("our engine", own, own)
    say("numpy passes, comparisons only", cost_per_value(numpy_pass(job), seconds, job), own)
    say("scalar Python loop, comparisons only", cost_per_value(scalar_pass(job), seconds, job), own)
    if has_csp(csp_python):
        say("csp, one node, comparisons only", csp(csp_python, seconds), own)
    else:
        print("csp is not here: python -m venv FOLDER; FOLDER/bin/pip install csp; --csp-python FOLDER/bin/python")
    if prometheus_peer.available():
        prometheus(seconds, own)
    else:
        print("Prometheus is not here: apt-get install --no-install-recommends prometheus")


def scalar_pass(job: Job) -> Callable[[Values], None]:
    """Return a Python loop over the points with one state per limit."""
    states = [[False] * 4 for _ in range(job.points)]

    def run(values: Values) -> None:
        for value, state in zip(values.tolist(), states, strict=True):
            place = 0
            for at, clear in LIMITS["high"]:
                state[place] = value >= clear if state[place] else value >= at
                place += 1
            for at, clear in LIMITS["low"]:
                state[place] = value <= clear if state[place] else value <= at
                place += 1

    return run


def numpy_pass(job: Job) -> Callable[[Values], None]:
    """Return passes over all points at once with one state per limit."""
    states = [np.zeros(job.points, dtype=np.bool_) for _ in range(4)]

    def run(values: Values) -> None:
        for state, (at, clear) in zip(states[:3], LIMITS["high"], strict=True):
            state[:] = (values >= at) | (state & (values >= clear))
        for state, (at, clear) in zip(states[3:], LIMITS["low"], strict=True):
            state[:] = (values <= at) | (state & (values <= clear))

    return run


def csp(python: str, seconds: Sequence[Values]) -> float:
    """Return the cost of a value in csp, measured in an interpreter that has it. [ns]."""
    # Another process, because csp may be installed in another environment than the product.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.npy"
        np.save(path, np.array(seconds))
        sides = [json.dumps(LIMITS[side]) for side in ("high", "low")]
        script = Path(__file__).with_name("csp_peer.py")
        result = subprocess.run([python, script, path, *sides], check=True, capture_output=True, text=True)
    return float(json.loads(result.stdout)["ns"])


def has_csp(python: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec("csp") is not None
    return subprocess.run([python, "-c", "import csp"], check=False, capture_output=True).returncode == 0


def prometheus(seconds: Sequence[Values], own: float) -> None:
    """Print the cost of Prometheus's rules by the clock, and their processor time as a difference to a bare run."""
    ruled = prometheus_peer.measure(seconds, prometheus_peer.rules_text(LIMITS), warm=20, reads=40)
    bare = prometheus_peer.measure(seconds, prometheus_peer.NO_RULES, warm=20, reads=40)
    say("Prometheus, its rules, by the clock", ruled.evaluation / len(seconds[0]) * 1e9, own)
    say("Prometheus, its rules, processor", (ruled.processor - bare.processor) / len(seconds[0]) * 1e9, own)
    say("Prometheus, scraping and storing, processor", bare.processor / len(seconds[0]) * 1e9, own)
    print(f"{'':<44} {ruled.firing} firing at the end")


def say(name: str, cost: float, own: float) -> None:
    print(f"{name:<44} {cost:10.1f} ns a value, four limits {cost / own:10.1f} x ours")
