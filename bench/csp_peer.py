"""Plays values of points through csp and prints the cost of a value in ns; `bench.engine` runs it if csp is installed.

    python bench/csp_peer.py VALUES.npy HIGH LOW

VALUES.npy: (seconds, points) float64. HIGH and LOW: setpoints and clears, as JSON. Each value is its own engine cycle,
and one node keeps the states of all limits: csp is fastest this way if values arrive one by one.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import csp
import numpy as np
from csp import ts
from numpy.typing import NDArray

HIGH, LOW = (json.loads(argument) for argument in sys.argv[2:4])
BEGIN = np.datetime64("2026-01-01", "ns")
STEP = np.timedelta64(1, "us")
REPEATS = 5


@csp.node
def changes(point: ts[int], value: ts[float], points: int) -> ts[int]:
    """Output a point when one of its limits changes."""
    with csp.state():
        s_states = [[False] * (len(HIGH) + len(LOW)) for _ in range(points)]
    if csp.ticked(value):
        state = s_states[point]
        place = 0
        changed = False
        for at, clear in HIGH:
            now = value >= (clear if state[place] else at)
            if now is not state[place]:
                state[place] = now
                changed = True
            place += 1
        for at, clear in LOW:
            now = value <= (clear if state[place] else at)
            if now is not state[place]:
                state[place] = now
                changed = True
            place += 1
        if changed:
            csp.output(point)


def played(values: NDArray[np.float64]) -> tuple[int, float]:
    """Return the number of changes and the cost of a value. [ns]."""
    # csp takes equal times as one cycle, so each value gets its own microsecond.
    times = BEGIN + np.arange(values.size) * STEP
    points = np.tile(np.arange(values.shape[1]), len(values))

    @csp.graph
    def graph() -> None:
        inputs = csp.curve(int, (times, points)), csp.curve(float, (times, values.ravel()))
        csp.add_graph_output("changes", changes(*inputs, values.shape[1]))

    begun = process_time()
    outputs: Any = csp.run(graph, starttime=BEGIN.astype("datetime64[us]").item(), endtime=timedelta(days=1))
    return len(outputs["changes"]), (process_time() - begun) / values.size * 1e9


def main() -> None:
    values = np.load(Path(sys.argv[1]))
    runs = [played(values) for _ in range(REPEATS)]
    changed, _ = runs[0]
    print(json.dumps({"ns": median(cost for _, cost in runs), "changes": changed}))


if __name__ == "__main__":
    main()
