"""Recovers a cancellation that a library swallowed or that coincided with an answer."""

import asyncio


def heed_cancellation() -> None:
    """Raise CancelledError if the running task was cancelled and nobody raised it."""
    # Before Python 3.12 `asyncio.wait_for` drops a cancellation that arrives together with the awaited result.
    # `cancelling()` still counts that request, so the task can end here instead of running for ever.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
