"""What the engine and its peers are measured on: points with four limits of `value`, some changing in each second."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import thread_time_ns
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from plant import Point
from rules import Limit, RuleSet

S: Final = 1_000_000_000
LIMITS: Final = {"high": ((1.0, 0.9), (1.5, 1.4), (2.0, 1.9)), "low": ((0.05, 0.06),)}
"""Setpoints and clears."""

PassT = TypeVar("PassT")
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: how many points, for how long, how many of them changing per second, in which batches."""

    points: int
    seconds: int
    warm: int = 5
    changing: float = 0.001
    batch: int = 10_000
    windows: bool = False


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


def each(run: Callable[[PassT], None], passes: Sequence[PassT], job: Job) -> float:
    """Return the median of what a value takes, after the seconds of warm-up; thread time. [ns]."""
    costs = []
    for values in passes:
        begun = thread_time_ns()
        run(values)
        costs.append(thread_time_ns() - begun)
    return median(costs[job.warm :]) / job.points
