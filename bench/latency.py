"""Measures the time from a change of a value in an OPC UA server to the alarm on a page, and the product's part of it.

`latency_rig` runs four processes on one machine: a simulator, a relay, `hazwatch run`, and the WebSocket client of a
page. The relay records when an answer of the server is complete: the time before it is the publishing interval, the
time after it is the product's.
"""

import argparse
import statistics
import struct
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapters.stores import HistoryReader
from bench.floors import echoes
from bench.latency_rig import load_during, set_up, shut_down
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant.units import SECOND

WARM_UP = 3
"""Length of the first period, which does not count. [s]"""
SINCE_1601 = 11_644_473_600 * SECOND


@dataclass(frozen=True)
class Passed:
    """Times of one alarm: change of the value, complete notification, arrival stamp, and display on the page. [ns]."""

    changed: int
    complete: int
    stamped: int
    shown: int


def join(
    answers: Sequence[tuple[int, bytes]], shown: dict[tuple[str, int], int], history: HistoryReader, begin: int
) -> list[Passed]:
    """Return the times of each alarm: finds the answer that carried its change, and the arrival stamp of its sample."""
    completed = [complete for complete, _ in answers]
    passed = []
    for (point, changed), now in shown.items():
        if changed < begin:
            continue
        # OPC UA counts 100 ns since 1601; a source time of its own identifies each change in the bytes of an answer.
        text = struct.pack("<q", (changed + SINCE_1601) // 100)
        later = answers[bisect_left(completed, changed) :]
        complete = next(complete for complete, answer in later if text in answer)
        stamped = int(history.samples(point, changed, changed + 1).arrival[0])
        passed.append(Passed(changed, complete, stamped, now))
    return passed


def measure(arguments: argparse.Namespace, folder: Path) -> tuple[list[Passed], dict[str, float], list[float]]:
    """Run the four processes; return the alarms, the processor share of each process, and the times of the disk."""
    file, data = folder / "site.toml", DataFolder(folder / "data")
    rig = set_up(arguments, WARM_UP + arguments.seconds, file, data)
    # Let the work of starting up end before the first change.
    time.sleep(2)
    rig.field.send(None)
    begin = rig.field.recv()
    time.sleep(WARM_UP)
    shares, disk = load_during(rig, folder, arguments.seconds)
    # The last alarms are still on their way.
    time.sleep(1.5)
    answers, shown = shut_down(rig)
    history = HistoryReader(data.history, load(file).points)
    passed = join(answers, shown, history, begin + WARM_UP * SECOND)
    if len(passed) < 2:
        sys.exit(f"too few alarms came; the log of hazwatch run:\n{(folder / 'log').read_text(encoding='utf-8')}")
    return passed, shares, disk


def quantiles(taken: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return cuts[49], cuts[98], max(taken)


def row(name: str, taken: Sequence[float]) -> str:
    return f"{name:<52}" + "".join(f"{number:9.2f}" for number in quantiles(taken))


def report(passed: Sequence[Passed], shares: dict[str, float], floors: dict[str, list[float]]) -> None:
    def spans(begin: str, end: str) -> list[float]:
        return [(getattr(alarm, end) - getattr(alarm, begin)) / 1e6 for alarm in passed]

    own = spans("complete", "shown")
    print(f"{'[ms]':<52}{'p50':>9}{'p99':>9}{'max':>9}")
    print(row("change in the server -> alarm on the page", spans("changed", "shown")))
    print(row("  publishing interval, until the answer is here", spans("changed", "complete")))
    print(row("  our own part, durable journal included", own))
    print(row("    decoding, until the arrival is stamped", spans("complete", "stamped")))
    print(row("    rules, alarms, journal on disk, page", spans("stamped", "shown")))
    for name, taken in floors.items():
        print(row(f"floor: {name}", taken))
    least = np.sum([quantiles(taken) for taken in floors.values()], axis=0).tolist()
    ratios = [mine / floor for mine, floor in zip(quantiles(own), least, strict=True)]
    print(f"{'our own part / both floors [1]':<52}" + "".join(f"{ratio:9.1f}" for ratio in ratios))
    print("share of a processor: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--points", type=int, default=1000, help="points, each of which changes once a second (1000)")
    parser.add_argument("--seconds", type=int, default=120, help="how long is measured, after a warm-up (120)")
    parser.add_argument("--publishing", default="100ms", help="publishing interval of the source (100ms)")
    parser.add_argument("--default-collector", action="store_true", help="variant: Python's garbage collector untamed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        passed, shares, disk = measure(arguments, Path(name))
        floors = {
            "append 256 bytes and fdatasync, meanwhile": disk,
            "256 bytes over a WebSocket and back, after": echoes(500),
        }
    print(f"{arguments.points} points at 1 Hz, {arguments.seconds} s, publishing {arguments.publishing}", end="")
    print(f"{', default collector' if arguments.default_collector else ''}: {len(passed)} alarms")
    report(passed, shares, floors)


if __name__ == "__main__":
    main()
