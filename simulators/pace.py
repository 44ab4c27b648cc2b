"""The pace at which a trace is played: rows are handed over when the clock passes their time."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np

from plant import NO_ARRIVAL, SampleBatch

Deliver = Callable[[SampleBatch], Awaitable[None]]
"""Takes the rows that are due, in order."""


class Clock(Protocol):
    """The time of the trace; simulators and the engine take the same one."""

    def now(self) -> int:
        """Return the time of the trace. [ns, UTC]."""
        ...

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        ...


async def play(trace: SampleBatch, clock: Clock, deliver: Deliver) -> None:
    """Hand over each row of a trace when it is due, all that are due together, until none is left.

    A row is due at its arrival where it has one, else at its source time; rows that are due at one time keep their
    order. Rows that were due before the call are handed over at once: none is skipped, however fast the clock runs.

    Parameters
    ----------
    trace : SampleBatch
        In any order.
    clock : Clock
        Its time is the trace's time.
    deliver : Deliver
        Awaited for each piece; while it works the clock goes on, and the next piece is longer.

    """
    due = np.where(trace.arrival == NO_ARRIVAL, trace.time, trace.arrival)
    order = np.argsort(due, kind="stable")
    rows, due = trace.take(order), due[order]
    done = 0
    while done < len(rows):
        end = int(np.searchsorted(due, clock.now(), side="right"))
        if end > done:
            await deliver(rows.take(slice(done, end)))
            done = end
        else:
            await clock.sleep(int(due[done]) - clock.now())
