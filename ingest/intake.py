"""`Intake`: turns stamped batches and the passing of time into the log of a live run."""

import numpy as np
from numpy.typing import NDArray

from ingest.arrange import arranged
from ingest.log import START, Log
from ingest.skew import trusted_time
from ingest.tick import first_multiple, ticks_among, ticks_between
from plant import NO_ARRIVAL, PointTable, SampleBatch, Site


class IllegalArrivalError(ValueError):
    """A batch has no arrival, several arrivals, or an arrival that is not later than the last entry."""


class Intake:
    """The order of the log in a live run.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    site : Site
        Allowance, tick period and largest clock skew.
    arrival_timed : (points,) bool
        True if the source of the point has `time = "arrival"`.

    References
    ----------
    docs/en/semantics.md, "The order of the log".

    """

    def __init__(self, points: PointTable, site: Site, arrival_timed: NDArray[np.bool_]) -> None:
        if arrival_timed.shape != (len(points),):
            raise ValueError(f"arrival_timed: expected {len(points)} rows, found shape {arrival_timed.shape}")
        self._site = site
        self._arrival_timed = arrival_timed
        # No later entry may have an arrival up to `_entered`: it would change the log of the past, and a restart that
        # reads the log again would see another order. `_stamped` is the last arrival that a batch has received.
        self._entered = NO_ARRIVAL
        self._stamped = NO_ARRIVAL
        self._next_tick: int | None = None

    def start(self, now: int) -> Log:
        """Begin a run at a time later than every earlier arrival; return its start entry."""
        # The start counts as a sample time, and a sample may be as old as the allowance when it arrives.
        begin = now - self._site.allowance
        self._entered = self._stamped = now
        self._next_tick = first_multiple(begin, self._site.tick_period)
        return Log.of_ticks(np.array([begin], dtype=np.int64), START)

    def stamp(self, now: int) -> int:
        """Return the arrival of the next batch: `now`, or the first legal nanosecond after it. [ns, UTC]."""
        self._stamped = max(now, self._entered + 1, self._stamped + 1)
        return self._stamped

    def accept(self, batch: SampleBatch) -> Log:
        """Return the ticks that are due before a stamped batch, then its samples in log order.

        Raises
        ------
        IllegalArrivalError
            The batch has no arrival, several arrivals, or an arrival that is not later than the last entry.

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
        """Return the concatenated results of `accept` for many stamped batches.

        Parameters
        ----------
        batches : SampleBatch
            Many arrival batches in order of arrival.

        Raises
        ------
        IllegalArrivalError
            An arrival is not later than the last entry.

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
        """Return the ticks that are due: the clock has passed their time and the allowance."""
        # Samples may arrive late by the allowance, so a tick waits for it: it must not overtake samples before it.
        site, begin = self._site, self._started
        ticks = ticks_between(begin, max(now - site.allowance, begin), site.tick_period)
        if len(ticks):
            self._next_tick = int(ticks[-1]) + site.tick_period
            self._entered = max(self._entered, int(ticks[-1]) + site.allowance)
        return Log.of_ticks(ticks)

    @property
    def position(self) -> tuple[int, int, int]:
        """Position in the log, for `resume`: last entry, last stamp, next tick. [ns, UTC]."""
        if self._next_tick is None:
            raise ValueError("expected start() before there is a position")
        return self._entered, self._stamped, self._next_tick

    def resume(self, position: tuple[int, int, int]) -> None:
        """Continue at a position, as if this intake had made the log up to it."""
        self._entered, self._stamped, self._next_tick = position

    @property
    def next_due(self) -> int:
        """Time of the clock at which the next tick enters. [ns, UTC]."""
        return self._started + self._site.allowance + 1
