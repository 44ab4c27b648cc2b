"""Recovers a cancellation that a library swallowed, or that coincided with an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


def heed_cancellation() -> None:
    """Raise CancelledError if the running task was cancelled and nobody raised it."""
    # Before Python 3.12 `asyncio.wait_for` drops a cancellation that arrives together with the awaited result.
    # `cancelling()` still counts that request, so the task can end here instead of running for ever.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError if the block takes longer, also where a library cancels in its own way. [s].

    asyncua raises a class of its own if an answer arrives together with the cancellation. `asyncio.timeout` takes that
    for a cancellation from outside, which would silently end the task that was only to try again.
    """
    async with asyncio.timeout(seconds):
        try:
            yield
        except asyncio.CancelledError as error:
            raise asyncio.CancelledError from error
