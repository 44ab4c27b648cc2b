"""Looks after the journal of a running engine: verifies all of it after the start, and keeps the state beside it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from adapters.stores import JournalError, JournalReader
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import MOST_BEHIND, UTC, KeptLedger, compared, fitting_state, keep_state
from hazwatch.live.late.worker import ApartError, apart
from plant import Message

logger = getLogger(__name__)

LOOK_EVERY: Final = 60.0
"""Time between two looks at the number of records. [s]"""


@dataclass(frozen=True, slots=True)
class Look:
    """The outcome of a look: number of the record that the state covers now, and what is wrong with the journal."""

    number: int
    trouble: Message | None = None


def look_at_all(folder: DataFolder) -> Iterator[Look]:
    """Verify the journal, compare the state with it, and keep a new state; raise JournalError if it cannot be read."""
    comparison = compared(folder)
    reader = JournalReader(folder.journal)
    # A state that was taken before a record was broken knows what the record said.
    if comparison.broken is None or fitting_state(folder, reader) is None:
        keep_state(folder, reader, comparison.ledger)
    trouble = None
    if comparison.broken is not None:
        trouble = Message("the journal is broken at record {number}: see verify", number=comparison.broken)
    elif comparison.differs:
        trouble = Message(
            "the state beside the journal did not follow from the journal: somebody changed it; start the engine again"
        )
    yield Look(comparison.ledger.last_number, trouble)


def look_at_news(folder: DataFolder) -> Iterator[Look]:
    """Keep a new state; raise JournalError if the journal cannot be read."""
    reader = JournalReader(folder.journal)
    ledger = KeptLedger.of(folder, reader, {}, UTC).ledger
    keep_state(folder, reader, ledger)
    yield Look(ledger.last_number)


class JournalWatch:
    """Does in a process of its own what a start from a state leaves out.

    Parameters
    ----------
    folder : DataFolder
        The data folder of the engine.
    last_number : callable
        Returns the number of the last record.

    """

    def __init__(self, folder: DataFolder, last_number: Callable[[], int]) -> None:
        self.trouble: Message | None = None
        self._folder: Final = folder
        self._state = 0
        self._last_number: Final = last_number

    async def run(self) -> None:
        """Look after the journal until cancelled."""
        await self.look_first()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self.trouble is None and self._last_number() - self._state >= MOST_BEHIND:
                await self._look(look_at_news)

    async def look_first(self) -> None:
        """Verify the journal after the start, if the start can have used a state."""
        if self._last_number() >= MOST_BEHIND:
            await self._look(look_at_all)

    async def _look(self, work: Callable[[DataFolder], Iterator[Look]]) -> None:
        try:
            async with aclosing(apart(work, self._folder, expected=(JournalError, ValueError, LookupError))) as looks:
                async for look in looks:
                    self._take(look)
        except ApartError as error:
            logger.warning("%s reason=%s", Message("the journal was not looked through"), error)

    def _take(self, look: Look) -> None:
        self._state = look.number
        if look.trouble is not None:
            self.trouble = look.trouble
            logger.error("%s path=%s", look.trouble, self._folder.journal)
