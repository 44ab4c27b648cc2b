"""The only place that reads the clock: the time of the log, real or scaled."""

import asyncio
import time
from typing import Final

from plant import Message
from plant.units import SECOND


def wall() -> int:
    """Return the machine's time. [ns, UTC]."""
    return time.time_ns()


def monotonic() -> float:
    """Return a time that never goes back, for measuring how long something took. [s]."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait, where there is no event loop. [s]."""
    time.sleep(seconds)


class ScaledClock:
    """A clock that runs `rate` times as fast as the wall, from `origin`, which it showed at `epoch`.

    Simulators and the engine take the same three numbers and so share one time. It never goes back: it follows the
    monotonic clock of the machine from the moment at which it was made, whatever is done to the wall clock.
    """

    def __init__(self, rate: float = 1.0, *, origin: int | None = None, epoch: int | None = None) -> None:
        if not 0 < rate <= 1_000_000:
            raise ValueError(Message("rate: expected a number above 0 and at most 1000000; found {rate}", rate=rate))
        made = wall()
        epoch = made if epoch is None else epoch
        self.rate: Final = rate
        self.origin: Final = epoch if origin is None else origin
        self.epoch: Final = epoch
        self._made: Final = self.origin + round((made - epoch) * rate)
        self._mark: Final = time.monotonic_ns()

    def now(self) -> int:
        """Return the time of the log. [ns, UTC]."""
        return self._made + round((time.monotonic_ns() - self._mark) * self.rate)

    def wall_at(self, instant: int) -> int:
        """Return the wall time at which it shows this time. [ns, UTC]."""
        return self.epoch + round((instant - self.origin) / self.rate)

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        await asyncio.sleep(max(0.0, duration / SECOND / self.rate))

    def real(self, duration: int) -> float:
        """Return how long a duration of this clock's time takes on the wall. [s]."""
        return duration / SECOND / self.rate
