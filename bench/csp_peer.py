"""Plays values of points through csp and prints what a value took, in ns; `bench.engine` runs it where csp is.

    python bench/csp_peer.py VALUES.npy HIGH LOW

VALUES.npy: (seconds, points) float64. HIGH and LOW: setpoints and clears, as JSON. Each value is an engine cycle of its
own, and one node keeps the states of all limits: this is how csp is quickest with values that come one by one.
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
    """Tick with a point whose limits change."""
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
    """Return how often limits changed, and what a value took. [ns]."""
    times = BEGIN + np.arange(values.size) * STEP
    points = np.tile(np.arange(values.shape[1]), len(values))

    @csp.graph
    def graph() -> None:
        inputs = csp.curve(int, (times, points)), csp.curve(float, (times, values.ravel()))
        csp.add_graph_output("changes", changes(*inputs, values.shape[1]))

    begun = process_time()
    found: Any = csp.run(graph, starttime=BEGIN.astype("datetime64[us]").item(), endtime=timedelta(days=1))
    return len(found["changes"]), (process_time() - begun) / values.size * 1e9


def main() -> None:
    values = np.load(Path(sys.argv[1]))
    counts, costs = zip(*(played(values) for _ in range(REPEATS)), strict=True)
    print(json.dumps({"ns": median(costs), "changes": counts[0]}))


if __name__ == "__main__":
    main()
