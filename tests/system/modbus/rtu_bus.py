"""A serial line with units that answer as a test wants: register n holds 10 n, in every unit."""

import asyncio
import os
import struct
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.sources.modbus.rtu import checked
from tests.system.modbus.devices import Asked

Line = Callable[[Asked, bytes], list[tuple[float, bytes]]]
"""What comes for a request, given it and its right answer: pieces, and the seconds before each of them."""


def right(asked: Asked) -> bytes:
    words = b"".join(struct.pack(">H", 10 * (asked.first + place)) for place in range(asked.length))
    return checked(struct.pack(">BBB", asked.unit, asked.function, len(words)) + words)


@asynccontextmanager
async def bus(line: Line) -> AsyncIterator[str]:
    """Serve units on one end of a pair of terminals; yield the name of the other end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    loop = asyncio.get_running_loop()
    received = bytearray()
    number = 0

    def write(piece: bytes) -> None:
        os.write(master, piece)

    def read() -> None:
        nonlocal number
        received.extend(os.read(master, 1024))
        while len(received) >= 8:
            unit, function, first, count = struct.unpack(">BBHH", received[:6])
            del received[:8]
            number += 1
            asked = Asked(number, 0.0, unit, function, first, count)
            after = 0.0
            for pause, piece in line(asked, right(asked)):
                after += pause
                loop.call_later(after, write, piece)

    loop.add_reader(master, read)
    try:
        yield os.ttyname(slave)
    finally:
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
