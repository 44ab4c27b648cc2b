"""Tells systemd that the engine has started and still turns, where systemd asks for it."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from plant import Message

STATUS_EVERY: Final = 10.0
"""Pause between two messages where no watchdog waits for them. [s]"""


async def report_to_systemd(stuck: Callable[[], Message | None], environment: Mapping[str, str] = os.environ) -> None:
    """Send READY=1, and WATCHDOG=1 twice in each period of the watchdog while the engine turns; return if nobody asks.

    Parameters
    ----------
    stuck : callable
        Returns why the engine does not turn; None while it does. A stuck engine sends nothing, so that systemd starts
        another.
    environment : mapping
        Where systemd says what it wants.

    References
    ----------
    sd_notify(3), sd_watchdog_enabled(3).

    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # A name that begins with @ is in the abstract name space, which the system writes with a null character.
    address = address.replace("@", "\0", 1)
    period = environment.get("WATCHDOG_USEC", "")
    pause = int(period) / 1e6 / 2 if period.isdecimal() and int(period) else STATUS_EVERY
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as notify:
        while True:
            if stuck() is None:
                # systemd may be starting again itself: the next message reaches it. READY=1 may be repeated.
                with suppress(OSError):
                    notify.sendto(b"READY=1\nWATCHDOG=1", address)
            await asyncio.sleep(pause)
