"""Compares the machine's time of day with the clock of the log: whether somebody set it, or the machine slept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hazwatch.live.clock import ScaledClock, asleep
from plant.units import SECOND

MOVE_TOLERANCE: Final = 3 * SECOND // 2
"""Difference of the two clocks from which on the machine's clock was set. A leap second is less. [ns]"""
COMPARE_EVERY: Final = SECOND
"""Time between two looks. [ns]"""
REST_BETWEEN: Final = 10 * SECOND
"""Shortest time between two moves that count: a clock that jumps all the time must not keep the engine from running."""


@dataclass(frozen=True, slots=True)
class ClockMove:
    """A move of the machine's clock during a run.

    Attributes
    ----------
    at : int
        Time of the clock of the log when it was noticed. [ns, UTC]
    by : int
        How far the machine's clock was then ahead of it. [ns]
    slept : int
        For how much of that the machine slept. [ns]

    """

    at: int
    by: int
    slept: int

    @property
    def is_sleep(self) -> bool:
        """Whether the machine slept, and nobody set its clock."""
        return abs(self.by - self.slept) <= MOVE_TOLERANCE


class ClockWatch:
    """Watches the machine's clock during a run.

    Parameters
    ----------
    clock : ScaledClock
        The clock of the log.
    slept : callable
        Returns for how long the machine has slept since its start. [ns]

    """

    def __init__(self, clock: ScaledClock, slept: Callable[[], int] = asleep) -> None:
        self._clock: Final = clock
        self._slept: Final = slept
        self._slept_before: Final = slept()

    async def moved(self, *, rested: bool) -> ClockMove:
        """Return when the machine's clock has moved away from the clock of the log, for a run that is old enough."""
        if not rested:
            await self._clock.sleep(REST_BETWEEN)
        while True:
            await self._clock.sleep(COMPARE_EVERY)
            if self._look() is None:
                continue
            # One look may fall into a pause of this process between the reading of the two clocks.
            if (move := self._look()) is not None:
                return move

    def _look(self) -> ClockMove | None:
        now = self._clock.now()
        by = self._clock.read() - now
        return None if abs(by) <= MOVE_TOLERANCE else ClockMove(now, by, self._slept() - self._slept_before)
