"""The measurement of latency runs, and prints what docs/en/performance.md quotes."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
ROWS = [
    "change in the server -> alarm on the page",
    "publishing interval, until the answer is here",
    "our own part, durable journal included",
    "decoding, until the arrival is stamped",
    "rules, alarms, journal on disk, page",
    "floor: append 256 bytes and fdatasync, meanwhile",
    "floor: 256 bytes over a WebSocket and back, after",
]


def test_a_short_run_prints_every_row() -> None:
    words = [sys.executable, "-m", "bench.latency", "--points", "20", "--seconds", "3"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = {line[:52].strip(): line[52:].split() for line in done.stdout.splitlines()}
    for name in ROWS:
        p50, p99, most = map(float, figures[name])
        assert 0 < p50 <= p99 <= most
    assert "hazwatch run" in done.stdout
