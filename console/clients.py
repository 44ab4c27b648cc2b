"""`Client`: the queue of one page, and which points it shows."""

import asyncio
from collections.abc import Iterator
from typing import Final

QUEUE: Final = 256
"""Largest number of messages that may wait for a page; beyond it, a snapshot replaces them all."""
PRESENT: Final = ""
"""Placeholder of a snapshot in a queue."""
READINGS: Final = "readings"
"""Placeholder of the readings of the points that a page shows."""
REST: Final = "rest"
"""Placeholder of the next alarms that a snapshot had no room for."""
# What a placeholder stands for is made when the page takes it: a slow page would otherwise show an old picture, and the
# messages of many slow pages would fill the memory.


class Client:
    """The queue of one page: messages and placeholders."""

    __slots__ = ("behind", "dismissed", "host", "is_silent", "messages", "rest", "session", "shown")

    def __init__(self, host: str, session: str | None = None) -> None:
        self.host: Final = host
        self.session: Final = session
        self.messages: Final[asyncio.Queue[str]] = asyncio.Queue()
        self.behind = False
        self.is_silent = True
        self.dismissed: Final = asyncio.Event()
        self.shown: frozenset[str] = frozenset()
        self.rest: Iterator[list[str]] = iter(())

    def put(self, message: str) -> None:
        """Add a message, unless the page waits for a snapshot, which will contain the change."""
        if not self.behind:
            self.messages.put_nowait(message)
        if self.messages.qsize() > QUEUE:
            self._drop()

    def fall_behind(self) -> None:
        """Drop all waiting messages; the next flush brings a snapshot, one for all pages that ask in between."""
        self._drop()

    def renew(self) -> None:
        """Replace all waiting messages by a snapshot."""
        self._drop()
        self.messages.put_nowait(PRESENT)

    def _drop(self) -> None:
        self.behind = True
        while not self.messages.empty():
            self.messages.get_nowait()
