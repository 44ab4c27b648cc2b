"""Intake: turns stamped batches and the passing of time into the log of a live run."""

import numpy as np
from numpy.typing import NDArray

from ingest.arrange import arranged
from ingest.log import START, Log
from ingest.skew import trusted_time
from ingest.tick import first_multiple, ticks_among, ticks_between
from plant import NO_ARRIVAL, PointTable, SampleBatch, Site


class IllegalArrivalError(ValueError):
    """A batch without one legal arrival: it is not stamped, or older than what has entered."""


class Intake:
    """The order of the log, live.

    Parameters
    ----------
    points : PointTable
    site : Site
    arrival_timed : (points,) bool
        The source of the point has `time = "arrival"`.

    References
    ----------
    docs/en/semantics.md, "The order of the log".

    """

    def __init__(self, points: PointTable, site: Site, arrival_timed: NDArray[np.bool_]) -> None:
        if arrival_timed.shape != (len(points),):
            raise ValueError(f"arrival_timed: expected {len(points)} rows, found shape {arrival_timed.shape}")
        self._site = site
        self._arrival_timed = arrival_timed
        self._entered = NO_ARRIVAL
        self._stamped = NO_ARRIVAL
        self._next_tick: int | None = None

    def start(self, now: int) -> Log:
        """Begin a run, at a time later than every arrival of the runs before it; return its start entry."""
        begin = now - self._site.allowance
        self._entered = self._stamped = now
        self._next_tick = first_multiple(begin, self._site.tick_period)
        return Log.of_ticks(np.array([begin], dtype=np.int64), START)

    def stamp(self, now: int) -> int:
        """Return the arrival of the next batch: `now`, or the next nanosecond that is still legal. [ns, UTC]."""
        self._stamped = max(now, self._entered + 1, self._stamped + 1)
        return self._stamped

    def accept(self, batch: SampleBatch) -> Log:
        """Return the ticks that are due before a stamped batch, then its samples in their order.

        Raises
        ------
        IllegalArrivalError
            The rows have no arrival, have several, or one that is not later than all that has entered.

        """
        if not len(batch):
            return Log.concatenate(())
        arrival = int(batch.arrival[0])
        if arrival <= self._entered or np.any(batch.arrival != arrival):
            raise IllegalArrivalError(f"expected one arrival later than {self._entered}, found {arrival}")
        ticks = self.clock(arrival)
        self._entered = arrival
        time, quality = trusted_time(batch, self._arrival_timed, self._site.max_clock_skew)
        samples = Log.of_samples(batch, time, quality)[np.lexsort((batch.point, time))]
        return Log.concatenate((ticks, samples))

    def accept_all(self, batches: SampleBatch) -> Log:
        """Return what `accept` returns for one stamped batch after the other.

        Parameters
        ----------
        batches : SampleBatch
            Many arrival batches, in their order.

        Raises
        ------
        IllegalArrivalError
            An arrival that is not later than all that has entered.

        """
        if not len(batches):
            return Log.concatenate(())
        arrival, site = batches.arrival, self._site
        if arrival[0] <= self._entered or np.any(np.diff(arrival) < 0):
            raise IllegalArrivalError(f"expected arrivals later than {self._entered}, each later than the one before")
        time, quality = trusted_time(batches, self._arrival_timed, site.max_clock_skew)
        samples = Log.of_samples(batches, time, quality)
        rows = arranged(arrival, time, batches.point)
        if rows is not None:
            samples = samples[rows]
        first = np.array([self._started], dtype=np.int64)
        ticks = ticks_among(np.concatenate((first, np.maximum(arrival - site.allowance, first))), site.tick_period)
        self._entered = int(arrival[-1])
        if not len(ticks):
            return samples
        self._next_tick = int(ticks[-1]) + site.tick_period
        return samples.with_ticks(ticks, np.searchsorted(arrival, ticks + site.allowance, side="right"))

    @property
    def _started(self) -> int:
        if self._next_tick is None:
            raise ValueError("expected start() before the first batch or tick")
        return self._next_tick

    def clock(self, now: int) -> Log:
        """Return the ticks whose time and allowance the clock has passed."""
        site, begin = self._site, self._started
        ticks = ticks_between(begin, max(now - site.allowance, begin), site.tick_period)
        if len(ticks):
            self._next_tick = int(ticks[-1]) + site.tick_period
            self._entered = max(self._entered, int(ticks[-1]) + site.allowance)
        return Log.of_ticks(ticks)

    @property
    def position(self) -> tuple[int, int, int]:
        """Where the log stands: what has entered, the last stamp, the next tick; for `resume`. [ns, UTC]."""
        if self._next_tick is None:
            raise ValueError("expected start() before there is a position")
        return self._entered, self._stamped, self._next_tick

    def resume(self, position: tuple[int, int, int]) -> None:
        """Go on at a position, as if all that came before had entered here."""
        self._entered, self._stamped, self._next_tick = position

    @property
    def next_due(self) -> int:
        """When the clock has to pass for the next tick to enter. [ns, UTC]."""
        return self._started + self._site.allowance + 1
