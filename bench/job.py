"""The job of the engine and its peers: points with four limits of `value`, some of which change in each second."""

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
"""Pairs of setpoint and clear."""

PassT = TypeVar("PassT")
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Job:
    """The size of a measurement.

    `changing` is the share of the points that change per second, `batch` the samples per call, `warm` the seconds that
    do not count. `windows` adds limits of two features with windows of 60 samples.
    """

    points: int
    seconds: int
    warm: int = 5
    changing: float = 0.001
    batch: int = 10_000
    windows: bool = False


def rules_of(job: Job) -> RuleSet:
    """Return sensors with three high limits and a low limit, and two limits with windows if the job has them."""
    points, limits = [], []
    for n in range(job.points):
        points.append(
            Point(id=f"P{n}", hazard_source="h", name="p", range=(0.0, 4.0), resolution=0.01, stale_after="20s")
        )
        fields_of_limits = [
            {"feature": "value", side: at, "clear": clear} for side in LIMITS for at, clear in LIMITS[side]
        ]
        if job.windows:
            fields_of_limits += [{"feature": "slope", "window": "60s", "high": 2.0}]
            fields_of_limits += [{"feature": "projected", "window": "60s", "horizon": "60s", "high": 3.0}]
        limits += [
            Limit.model_validate({"id": f"P{n}.{k}", "point": f"P{n}", "level": "red"} | fields)
            for k, fields in enumerate(fields_of_limits)
        ]
    return RuleSet(points, limits, [], [])


def values_of(job: Job) -> Iterator[NDArray[np.float64]]:
    """Yield the values of every second; each point moves between 0.5 and 1.2 when it changes."""
    random = np.random.default_rng(1)
    # 1.2 is beyond the first setpoint and 0.5 is not, so every change of a point raises or clears one limit.
    up = np.zeros(job.points, dtype=np.bool_)
    for _ in range(job.seconds):
        up ^= random.random(job.points) < job.changing
        # Two decimals are the resolution of the points; the noise keeps most successive values different.
        yield np.round(np.where(up, 1.2, 0.5) + random.uniform(-0.05, 0.05, job.points), 2)


def cost_per_value(run: Callable[[PassT], None], passes: Sequence[PassT], job: Job) -> float:
    """Return the median cost of a value after the warm-up, in thread time. [ns]."""
    costs = []
    for values in passes:
        begun = thread_time_ns()
        run(values)
        costs.append(thread_time_ns() - begun)
    return median(costs[job.warm :]) / job.points
