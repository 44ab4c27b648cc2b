"""Work that never ends, in a process of its own: `python -m tests.system.endless` prints the id of that process."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

from hazwatch.live.late.worker import apart


def endless() -> Iterator[int]:
    """Yield the id of this process, and then nothing more."""
    yield os.getpid()
    threading.Event().wait()


async def wait_for_work() -> None:
    async for process in apart(endless):
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(wait_for_work())
