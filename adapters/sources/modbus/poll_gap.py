"""The time between the polls: whether it is now, how long it lasts, and how the log's time passes in it."""

import asyncio
from contextlib import suppress
from typing import Final

from adapters.sources.source import Clock
from plant.units import SECOND

LONGEST_FOR_A_GAP: Final = 1.0
"""An attempt that waits for the polls to be idle asks again after this time. [s, real time]"""
SHORT: Final = 0.05
"""Within this time a gap is new, and the rate of a clock cannot be told. [s, real time]"""


class PollGap:
    """The polls are idle from `begin` to `end`."""

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._begun: Final = asyncio.Event()
        self._until: int | None = None
        self._since = 0.0
        self._origin: Final = asyncio.get_running_loop().time(), clock.now()

    @property
    def rate(self) -> float:
        """How fast the log's time passes, by real time."""
        real, log = self._origin
        passed = asyncio.get_running_loop().time() - real
        return max(1e-6, (self._clock.now() - log) / SECOND / passed) if passed > SHORT else 1.0

    async def sleep(self, until: int) -> None:
        """Be idle until a time of the log. [ns]."""
        self._until, self._since = until, asyncio.get_running_loop().time()
        self._begun.set()
        try:
            await self._clock.sleep(max(0, until - self._clock.now()))
        finally:
            self._until = None

    @property
    def left(self) -> float:
        """How long no poll is due; 0 while one runs. [s, real time]."""
        return 0.0 if self._until is None else max(0.0, (self._until - self._clock.now()) / SECOND / self.rate)

    @property
    def is_old(self) -> bool:
        """Whether the polls have been idle for a while."""
        return self._until is not None and asyncio.get_running_loop().time() > self._since + SHORT

    async def next(self) -> None:
        """Wait until the polls are idle again, or for a while."""
        # The time-out covers a clock that is set back: the polls then sleep longer than they should, and attempts are
        # still made.
        self._begun.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_FOR_A_GAP):
                await self._begun.wait()
