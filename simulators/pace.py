"""Plays a trace at the pace of a clock: delivers rows when the clock passes their time."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plant import NO_ARRIVAL, SampleBatch

Deliver = Callable[[SampleBatch], Awaitable[None]]
"""Receives the rows that are due, in order."""


class TraceClock(Protocol):
    """The time of the trace; simulators and the engine share one clock."""

    def now(self) -> int:
        """Return the time of the trace. [ns, UTC]."""
        ...

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        ...


def due_times(trace: SampleBatch) -> NDArray[np.int64]:
    """Return when each row is due: at its arrival, or at its source time if it has no arrival. [ns, UTC]."""
    return np.where(trace.arrival == NO_ARRIVAL, trace.time, trace.arrival)


async def play(trace: SampleBatch, clock: TraceClock, deliver: Deliver) -> None:
    """Deliver each row of a trace when it is due, together with all rows due by then, until the trace ends.

    A row is due at its arrival, or at its source time if it has no arrival. Rows that are due at the same time keep
    their order. Rows that were due before the call are delivered at once. No row is skipped, however fast the clock is.

    Parameters
    ----------
    trace : SampleBatch
        Rows in any order.
    clock : Clock
        The trace's time.
    deliver : Deliver
        Awaited for each piece. The clock runs on meanwhile, so a slow `deliver` gets longer pieces.

    """
    due = due_times(trace)
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
