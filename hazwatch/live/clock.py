"""The only file that reads a clock: the time of the log, real or scaled."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from plant import Message
from plant.units import SECOND


def wall() -> int:
    """Return the machine's time. [ns, UTC]."""
    return time.time_ns()


def monotonic() -> float:
    """Return a time that never goes back, for measuring durations. [s]."""
    return time.monotonic()


def asleep() -> int:
    """Return for how long the machine has slept since its start: its monotonic clock stands still meanwhile. [ns]."""
    # Only Linux has a clock that goes on in sleep.
    awake = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return 0 if clock is None else time.clock_gettime_ns(clock) - awake


def pause(seconds: float) -> None:
    """Wait in code without an event loop. [s]."""
    time.sleep(seconds)


class ScaledClock:
    """A clock that runs `rate` times as fast as the wall clock, and showed `origin` at the wall time `epoch`.

    Simulators and the engine share one time if they get the same three numbers. The clock never goes back: from its
    creation on it follows the machine's monotonic clock, whatever happens to the wall clock.
    """

    def __init__(
        self,
        rate: float = 1.0,
        *,
        origin: int | None = None,
        epoch: int | None = None,
        read: Callable[[], int] = wall,
    ) -> None:
        if not 0 < rate <= 1_000_000:
            raise ValueError(Message("rate: expected a number above 0 and at most 1000000; found {rate}", rate=rate))
        made = read()
        epoch = made if epoch is None else epoch
        self.read: Final = read
        """Returns the machine's time of day. [ns, UTC]"""
        self.rate: Final = rate
        self.origin: Final = epoch if origin is None else origin
        self.epoch: Final = epoch
        self._made: Final = self.origin + round((made - epoch) * rate)
        self._mark: Final = time.monotonic_ns()

    @property
    def is_real(self) -> bool:
        """Whether it shows the time of day, at its real speed."""
        return self.rate == 1 and self.origin == self.epoch

    def now(self) -> int:
        """Return the time of the log. [ns, UTC]."""
        return self._made + round((time.monotonic_ns() - self._mark) * self.rate)

    def wall_at(self, instant: int) -> int:
        """Return the wall time at which this clock shows an instant. [ns, UTC]."""
        return self.epoch + round((instant - self.origin) / self.rate)

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        await asyncio.sleep(max(0.0, duration / SECOND / self.rate))

    def real(self, duration: int) -> float:
        """Return the real length of a duration of this clock. [s]."""
        return duration / SECOND / self.rate
