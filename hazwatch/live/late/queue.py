"""`Backlog`: determines from the log alone which late data waits for a review."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final

from adapters.stores import DamageLog
from hazwatch.live.late.review import Job, ReviewOutcome
from ingest import LateWatch
from plant import NO_ARRIVAL, SampleBatch
from plant.units import MINUTE

SETTLE: Final = MINUTE
"""Time without further late data after which a review starts. [ns of log time]"""
# A link that returns delivers its history in many batches; one review of all is much cheaper than one per batch.
LONGEST_WAIT: Final = 10 * MINUTE
"""Longest time for which the first late data waits for a review. [ns of log time]"""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The backlog of late data, the function that reviews a job, and what takes the damages that it met."""

    backlog: "Backlog"
    look: Callable[[Job], AsyncGenerator[ReviewOutcome, None]]
    damages: DamageLog


class Backlog:
    """The late data of a run that waits for a review; `note` must get every batch.

    Parameters
    ----------
    watch : LateWatch
        A watch with the state at the beginning of the run.
    reviewed : int
        Arrival up to which late data was reviewed. [ns, UTC]
    before : int
        Arrival of the last sample of earlier runs; the first job covers arrivals from `reviewed` to this. [ns, UTC]

    """

    def __init__(self, watch: LateWatch, *, reviewed: int, before: int) -> None:
        self._watch: Final = watch
        self._noted = before
        self._first: int | None = reviewed + 1 if reviewed < before else None
        self._last = before
        self._before: LateWatch | None = None
        self._job: Job | None = None
        self._pause = NO_ARRIVAL

    @property
    def reviewed(self) -> int:
        """Arrival up to which no late data waits. [ns, UTC]."""
        if self._job is not None:
            return self._job.after
        return self._noted if self._first is None else self._first - 1

    def start(self, now: int) -> None:
        """Begin the run. [ns, UTC]."""
        self._watch.start(now)
        self._noted = max(self._noted, now)

    def note(self, batch: SampleBatch) -> None:
        """Note a stamped batch that entered the log."""
        # A job needs the watch from before its first late batch; a copy is made only if the batch may be the first.
        arrival = int(batch.arrival[0])
        before = self._watch.copy() if self._first is None and self._watch.suspects(batch) else None
        if self._watch.take(batch).any():
            self._last = arrival
            if self._first is None:
                self._first, self._before = arrival, before
        self._noted = arrival

    def due(self, now: int, stored: int) -> Job | None:
        """Return the job to start now, if any; `stored` is the last arrival in the history. [ns, UTC]."""
        if self._first is None or self._job is not None or stored < self._last:
            return None
        if now < min(self._last + SETTLE, self._first + LONGEST_WAIT) or now < self._pause:
            return None
        self._job = Job(self._first - 1, stored, self._before)
        self._first = self._before = None
        return self._job

    def done(self) -> None:
        """End the job after a complete review."""
        self._job = None

    def failed(self, now: int) -> None:
        """End the job after a failure; it is repeated after a pause, with the late data that came since. [ns, UTC]."""
        if self._job is not None:
            self._first, self._before = self._job.after + 1, self._job.watch
        self._pause = now + LONGEST_WAIT
        self._job = None
