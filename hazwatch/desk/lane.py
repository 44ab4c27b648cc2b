"""`Lane`: queries of the history one after the other, a few waiting, so that they never take all memory and time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from console import BusyError
from hazwatch.live.clock import monotonic
from plant import Message

MOST_QUERIES: Final = 8
"""Largest number of queries in a lane, the running one among them."""
QUERY_TIME: Final = 15.0
"""Longest time for a query. [s]"""


class Lane:
    """One query at a time."""

    def __init__(self) -> None:
        self._one: Final = asyncio.Semaphore(1)
        self._number = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn of a query; raise BusyError if too many wait."""
        if self._number >= MOST_QUERIES:
            raise BusyError(Message("too many queries of the history at once; try again in a moment"))
        self._number += 1
        try:
            async with self._one:
                yield
        finally:
            self._number -= 1


class Deadline:
    """The end of a query's time."""

    def __init__(self) -> None:
        self._end: Final = monotonic() + QUERY_TIME

    def heed(self) -> None:
        """Raise BusyError if the time is over."""
        if monotonic() > self._end:
            raise BusyError(Message("the period holds too many samples for one query; ask for a shorter one"))
