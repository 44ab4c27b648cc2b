"""Cancellation that did not come through: a library took it for its own, or an answer came at the same moment."""

import asyncio


def heed_cancellation() -> None:
    """Raise the cancellation of the running task that was lost on its way.

    Before Python 3.12 `asyncio.wait_for` forgets the one that comes together with what is awaited.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
