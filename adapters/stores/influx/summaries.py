"""Down-sampled columns: what each point did in one minute or one hour, and their line protocol."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from adapters.stores.influx.series import PointSeries
from plant import SampleBatch
from plant.evidence import is_measured
from plant.units import HOUR, MINUTE

MEASUREMENTS: Final = {MINUTE: "hz_1m", HOUR: "hz_1h"}
"""Measurement of the summaries by the length of their interval. [ns]"""


class Summary:
    """One interval of all points: min, max, mean and last value, number of good and bad samples, worst quality.

    Values count while the sample is evidence by its value; every other sample is counted as bad.
    """

    def __init__(self, points: int) -> None:
        self._low: Final = np.full(points, np.inf)
        self._high: Final = np.full(points, -np.inf)
        self._sum = np.zeros(points)
        self._last: Final = np.zeros(points)
        self._last_time: Final = np.full(points, np.iinfo(np.int64).min)
        self._good = np.zeros(points, dtype=np.int64)
        self._bad = np.zeros(points, dtype=np.int64)
        self._worst: Final = np.zeros(points, dtype=np.uint8)

    def take(self, samples: SampleBatch) -> None:
        """Take samples of the interval, in their order of arrival; their times are those that count. [ns, UTC]."""
        good = is_measured(samples.value, samples.quality, samples.state)
        self._bad += np.bincount(samples.point[~good], minlength=len(self._bad))
        np.maximum.at(self._worst, samples.point, samples.quality)
        samples = samples.take(good)
        self._good += np.bincount(samples.point, minlength=len(self._good))
        self._sum += np.bincount(samples.point, samples.value, minlength=len(self._sum))
        np.minimum.at(self._low, samples.point, samples.value)
        np.maximum.at(self._high, samples.point, samples.value)
        # Of a repeated index numpy keeps the last assignment, so the newest sample of each point stays.
        newest = samples.take(np.argsort(samples.time, kind="stable"))
        newest = newest.take(newest.time >= self._last_time[newest.point])
        self._last[newest.point], self._last_time[newest.point] = newest.value, newest.time

    def lines(self, keys: Sequence[str], start: int) -> Iterator[bytes]:
        """Yield a line for each point that has samples, under its key; the interval begins at a time. [ns, UTC]."""
        for point in np.flatnonzero(self._good + self._bad).tolist():
            fields = [f"good={self._good[point]}", f"bad={self._bad[point]}", f"worst={self._worst[point]}"]
            if self._good[point]:
                mean = float(self._sum[point] / self._good[point])
                # Rounding may carry the mean of equal values beyond them.
                mean = min(max(mean, float(self._low[point])), float(self._high[point]))
                of_values = {"min": self._low[point], "max": self._high[point], "mean": mean, "last": self._last[point]}
                fields += [f"{name}={float(value)!r}" for name, value in of_values.items()]
            yield f"{keys[point]} {','.join(fields)} {start}\n".encode()


def summary_keys(series: Iterable[PointSeries], interval: int) -> list[str]:
    """Return what begins the line of each point in the measurement of an interval. [ns]."""
    return [each.key(MEASUREMENTS[interval]) for each in series]


def summary_lines(samples: Iterable[SampleBatch], keys: Sequence[str], interval: int, start: int) -> list[bytes]:
    """Return the lines of one interval from all samples whose time counts in it. [interval: ns, start: ns, UTC]."""
    summary = Summary(len(keys))
    for batch in samples:
        summary.take(batch.take((batch.time >= start) & (batch.time < start + interval)))
    return list(summary.lines(keys, start))
