"""`Telling`: lets observers hear of records that are on disk, a bounded number in each step of the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from logging import DEBUG, getLogger
from typing import Final

from adapters.stores import Historian, Journal
from alarms import Record
from plant import Message

logger = getLogger(__name__)

TOLD_AT_ONCE: Final = 300
"""Number of records of which the observers hear at once; a quarter of those that wait, if that is more."""
# The loss of a large source is tens of thousands of records, and pages and network want their turn.


class Telling:
    """The records that the observers have not heard of yet, in their order."""

    def __init__(self) -> None:
        self.observers: Final[list[Callable[[Sequence[Record]], None]]] = []
        self._untold: Final[deque[Record]] = deque()

    def tell(self, records: Sequence[Record]) -> None:
        """Let the observers hear of records soon."""
        # One transaction has the records of many batches. The observers hear of them together, or a flood of them would
        # keep the loop busy with messages.
        if records and not self._untold:
            asyncio.get_running_loop().call_soon(self._go_on)
        self._untold.extend(records)

    def _go_on(self) -> None:
        waiting = len(self._untold)
        # In a lasting flood a fixed number would fall behind more and more.
        records = [self._untold.popleft() for _ in range(min(waiting, max(TOLD_AT_ONCE, waiting // 4)))]
        if self._untold:
            asyncio.get_running_loop().call_soon(self._go_on)
        for observe in self.observers:
            observe(records)


async def log_durable(journal: Journal, historian: Historian) -> None:
    """Log the position up to which everything is on disk, every second, at level DEBUG."""
    while logger.isEnabledFor(DEBUG):
        durable = Message("durable")
        logger.debug("%s history=%d records=%d", durable, historian.acknowledged, journal.head()[0])
        await asyncio.sleep(1.0)
