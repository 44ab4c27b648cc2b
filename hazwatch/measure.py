"""Measures what a site costs on this machine, each figure beside a floor that was taken in the same run."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores import Historian, Journal
from alarms import Record
from hazwatch.clock import monotonic
from hazwatch.config import Config
from ingest import Log
from plant import SampleBatch
from rules import Engine

SECONDS: Final = 60
SECOND: Final = 1_000_000_000
COMMITS: Final = 100
LINE: Final = 256


@dataclass(frozen=True, slots=True)
class EngineCost:
    """What the rules of a site cost, once a second for every point that is read.

    Attributes
    ----------
    points : int
        How many are read.
    batch, scalar : float
        Time of the engine for all of them, and of a plain Python loop that only compares them with the setpoints of the
        limits of `value`. [s]

    """

    points: int
    batch: float
    scalar: float


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took, the median and the longest of a hundred. [s]."""

    middle: float
    longest: float


@dataclass(frozen=True, slots=True)
class StoreCost:
    """What the stores cost: a durable record of the journal, a durable batch of history, and 256 bytes to the disk."""

    journal: Waits
    history: Waits
    disk: Waits


def engine_cost(config: Config) -> EngineCost:
    """Play steady values of all points that are read, after the windows had time to fill."""
    points = config.points.points
    read = np.array([column for column, point in enumerate(points) if point.expression is None], dtype=np.int32)
    noise = np.random.default_rng(1)
    middle = np.array([sum(points[column].range or (0.0, 2.0)) / 2 for column in read])
    step = np.array([points[column].resolution or 0.0 for column in read])
    engine, taken, scalar = Engine(config.rules), [], []
    compare = _scalar_loop(config, read)
    for second in range(1, SECONDS):
        values = middle + step * noise.integers(-1, 2, len(read))
        batch = SampleBatch.of(read, np.full(len(read), second * SECOND), values)
        log = Log.of_samples(batch, batch.time, batch.quality)
        taken.append(_time(engine.evaluate, log))
        scalar.append(_time(compare, values))
        engine.evaluate(Log.of_ticks(np.array([second * SECOND])))
    half = SECONDS // 2
    return EngineCost(len(read), median(taken[half:]), median(scalar[half:]))


def _scalar_loop(config: Config, read: NDArray[np.int32]) -> Callable[[NDArray[np.float64]], int]:
    """Return what compares values with the setpoints, one by one."""
    place = {config.points.id(int(column)): number for number, column in enumerate(read)}
    limits = [
        (place[limit.point], limit.setpoint, limit.direction == "high")
        for limit in config.rules.limits
        if limit.feature == "value" and limit.point in place
    ]

    def compare(values: NDArray[np.float64]) -> int:
        given = values.tolist()
        return sum(given[point] >= at if high else given[point] <= at for point, at, high in limits)

    return compare


def store_cost(config: Config, folder: Path) -> StoreCost:
    """Write a journal, a history and a plain file in an empty folder, by turns."""
    points = config.points
    columns = np.arange(len(points), dtype=np.int32)
    historian = Historian(folder / "history", points, retention_days=None)
    journal, history, disk = [], [], []
    with Journal(folder / "journal.db") as kept, (folder / "plain").open("wb", buffering=0) as plain:
        for number in range(1, COMMITS + 1):
            batch = SampleBatch.of(columns, np.full(len(points), number * SECOND), np.full(len(points), 0.5))
            record = Record(number, number * SECOND, "start", {"rules": config.rules.version})
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


def _time(act: Callable[..., object], *given: object) -> float:
    begun = monotonic()
    act(*given)
    return monotonic() - begun


def _waits(taken: Sequence[float]) -> Waits:
    return Waits(median(taken), quantiles(taken, n=COMMITS)[-1])
