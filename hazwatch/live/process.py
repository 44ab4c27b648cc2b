"""What a run asks of the operating system: open files, a part of them for field and stores, and signals to end."""

import asyncio
import resource
import signal
from collections.abc import Sequence
from logging import getLogger
from typing import Final

from plant import Message

logger = getLogger(__name__)

RESERVE: Final = 512
"""Open files for sources, stores, the program itself, and connections that are accepted only to be cut off."""
FEWEST: Final = 16
"""Connections that the page gets in any case."""


def raise_limit() -> int:
    """Raise the limit of open files to the hard limit, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as error:
            logger.warning("%s limit=%d reason=%s", Message("the limit of open files stays"), soft, error)
            return soft
    return hard


def left_for_pages(limit: int, sources: int, most: int) -> int:
    """Return how many connections the page's server may hold: at most `most`, and never the part of the others."""
    if limit == resource.RLIM_INFINITY:
        return most
    return max(FEWEST, min(most, limit - RESERVE - 4 * sources))


def stop_on_signals(tasks: Sequence["asyncio.Task[None]"], stopped: asyncio.Event) -> None:
    """Cancel tasks in their order at SIGTERM or SIGINT, which set the event; at once if it is set."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        for task in tasks:
            task.cancel()

    if stopped.is_set():
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
