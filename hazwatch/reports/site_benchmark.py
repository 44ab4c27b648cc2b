"""Measures the cost of a site on this machine, each figure beside a floor from the same run."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores import Historian, Journal
from alarms import Record, RunStart
from hazwatch.live.clock import monotonic
from hazwatch.site.config import Config
from ingest import Log
from plant import HEALTH_KINDS, Point, SampleBatch
from plant.units import SECOND
from rules import FEATURES, Engine, Limit

MEASURED: Final = 30
"""Measured time after the windows have filled. [s]"""
LONGEST_FILL: Final = 600
"""Longest time for the windows to fill. [s]"""
COMMITS: Final = 100
LINE: Final = 256


@dataclass(frozen=True, slots=True)
class EngineCost:
    """Cost of a site's rules for one sample per second of every point that a source reads.

    Attributes
    ----------
    points : int
        Number of points that sources read.
    filled : int
        Time played before the measurement. [s]
    events : int
        Events during the run; 0 if only normal operation was measured. [1]
    batch, scalar : float
        Time per second of samples: of the engine, and of a plain Python loop that compares values with the setpoints of
        the `value` limits. [s]

    """

    points: int
    filled: int
    events: int
    batch: float
    scalar: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Median and longest of a hundred durations. [s]."""

    middle: float
    longest: float


@dataclass(frozen=True, slots=True)
class StoreCost:
    """Cost of a durable journal record, a durable history batch, and 256 bytes on the disk."""

    journal: Waits
    history: Waits
    disk: Waits


def engine_cost(config: Config) -> EngineCost:
    """Measure with steady values away from all limits, once the windows are full."""
    points = config.points.points
    read = np.array([column for column, point in enumerate(points) if point.expression is None], dtype=np.int32)
    noise = np.random.default_rng(1)
    level = np.array([steady_level(points[column], config.rules.limits) for column in read])
    step = np.array([points[column].resolution or 0.0 for column in read])
    engine, events, taken, scalar = Engine(config.rules), 0, [], []
    compare = _scalar_loop(config, read)
    filled = filling(config)
    for second in range(1, filled + MEASURED + 1):
        values = level + step * noise.integers(-1, 2, len(read))
        batch = SampleBatch.of(read, np.full(len(read), second * SECOND), values)
        log = Log.of_samples(batch, batch.time, batch.quality)
        # The batch is ready before the clock starts: a live source pays for decoding, the engine does not.
        begun = monotonic()
        events += len(engine.evaluate(log))
        taken.append(monotonic() - begun)
        scalar.append(_time(compare, values))
        events += len(engine.evaluate(Log.of_ticks(np.array([second * SECOND]))))
    return EngineCost(len(read), filled, events, median(taken[filled:]), median(scalar[filled:]))


def steady_level(point: Point, limits: Sequence[Limit]) -> float:
    """Return the middle between a point's highest low limit and lowest high limit, or the ends of its range.

    Without a limit and a range on one side, return one below or above the other side. [unit of the point].
    """
    own = [limit for limit in limits if limit.point == point.id and FEATURES[limit.feature].beside_values]
    low = max((limit.setpoint for limit in own if limit.direction == "low"), default=None)
    high = min((limit.setpoint for limit in own if limit.direction == "high"), default=None)
    if point.range is not None:
        low, high = point.range[0] if low is None else low, point.range[1] if high is None else high
    if low is None:
        return 1.0 if high is None else high - 1.0
    return low + 1.0 if high is None else (low + high) / 2


def filling(config: Config) -> int:
    """Return the time to fill the longest window, at most `LONGEST_FILL`. [s]."""
    windows = [limit.window or 0 for limit in config.rules.limits]
    windows += [row.duration("window", point) for point in config.points.points for row in HEALTH_KINDS.values()]
    return min(-(-max(windows, default=0) // SECOND), LONGEST_FILL)


def _scalar_loop(config: Config, read: NDArray[np.int32]) -> Callable[[NDArray[np.float64]], int]:
    """Return a function that compares values with setpoints one by one."""
    place = {config.points.id(int(column)): number for number, column in enumerate(read)}
    limits = [
        (place[limit.point], limit.setpoint, limit.direction == "high")
        for limit in config.rules.limits
        if FEATURES[limit.feature].is_value and limit.point in place
    ]

    def compare(values: NDArray[np.float64]) -> int:
        numbers = values.tolist()
        return sum(numbers[point] >= at if high else numbers[point] <= at for point, at, high in limits)

    return compare


def store_cost(config: Config, folder: Path) -> StoreCost:
    """Write a journal, a history and a plain file in an empty folder, in turns."""
    points = config.points
    columns = np.arange(len(points), dtype=np.int32)
    historian = Historian(folder / "history", points, retention_days=None)
    journal, history, disk = [], [], []
    with Journal(folder / "journal.db") as kept, (folder / "plain").open("wb", buffering=0) as plain:
        for number in range(1, COMMITS + 1):
            batch = SampleBatch.of(columns, np.full(len(points), number * SECOND), np.full(len(points), 0.5))
            record = Record(number, number * SECOND, RunStart(rules=config.rules.version))
            # In turns, so that a slow moment of the disk hits all three alike.
            disk.append(_time(_write_durably, plain.fileno()))
            journal.append(_time(_append, kept, [record]))
            stamped = batch.stamped(number * SECOND)
            history.append(_time(_append, historian, stamped))
    historian.close()
    return StoreCost(_waits(journal), _waits(history), _waits(disk))


def _write_durably(file: int) -> None:
    os.write(file, b"." * LINE)
    os.fdatasync(file)


def _append(store: Journal | Historian, what: Any) -> None:
    store.append(what).result()


def _time(act: Callable[..., object], *arguments: object) -> float:
    begun = monotonic()
    act(*arguments)
    return monotonic() - begun


def _waits(taken: Sequence[float]) -> Waits:
    return Waits(median(taken), quantiles(taken, n=COMMITS)[-1])
