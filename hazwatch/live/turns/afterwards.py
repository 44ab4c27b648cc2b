"""`Afterwards`: puts work off while an alarm is on its way to the disk."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

ItemT = TypeVar("ItemT")
PUT_OFF: Final = 0.005
"""Time for which work is put off: an alarm is usually on the page within it. [s]"""
# The thread that writes the journal needs the interpreter a few times for each commit. While the loop works it gets it
# after `SWITCH`, so half a millisecond of work beside a commit doubles its time.
MOST_PUT_OFF: Final = 64
"""Largest number of items whose work is put off: in a flood the pages lag behind the disk in any case."""


class Afterwards(Generic[ItemT]):
    """Items in their order, and the work to be done on each of them, at once or a little later."""

    def __init__(self, work: Callable[[ItemT], None]) -> None:
        self._work: Final = work
        self._items: Final[deque[ItemT]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, item: ItemT, *, later: bool) -> None:
        """Add an item; unless its work may wait, do that of all items now."""
        self._items.append(item)
        if not later or len(self._items) > MOST_PUT_OFF:
            self.settle()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PUT_OFF, self.settle)

    def settle(self) -> None:
        """Do the work of all items."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._items:
            self._work(self._items.popleft())
