"""Accepts connections one after the other, so that a flood of them leaves the event loop to others."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from console.limits import ACCEPT_EVERY

ACCEPT_AGAIN: Final = 0.5
"""Time after which a failed attempt is repeated, as when no open file is left. [s]"""


async def accept(listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Accept connections, one every ACCEPT_EVERY at most, until cancelled; the others wait in the system's queue."""
    # asyncio's own server accepts as many in one step as its queue holds, and making and ending each takes 0.3 ms.
    loop = asyncio.get_running_loop()
    listener.settimeout(0)
    while True:
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError:
            await asyncio.sleep(ACCEPT_AGAIN)
            continue
        # The other end may be gone by now.
        with suppress(OSError):
            await loop.connect_accepted_socket(protocol, connection)
        await asyncio.sleep(ACCEPT_EVERY)
