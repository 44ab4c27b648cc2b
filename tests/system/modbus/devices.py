"""Odd devices, as people meet them: register n holds 10 n, in every unit, and each device has one quirk."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from tests.system.modbus.serving import serving


class Asked(NamedTuple):
    """A request: its number on this device from 1, seconds since the connection, unit, function, address, count."""

    number: int
    connected: float
    unit: int
    function: int
    first: int
    length: int

    def touches(self, address: int) -> bool:
        return self.first <= address < self.first + self.length


SILENT: Final = "silent"
HANG_UP: Final = "hang up"
Answer = str | int | bytes | None
"""What a quirk gives instead of the right answer: SILENT, HANG_UP, an exception code, a whole frame, or None."""
Quirk = Callable[[Asked], Answer]


def right(asked: Asked, *, unit: int | None = None) -> bytes:
    """Return the answer without its transaction id, by which unit it pretends to be."""
    words = b"".join(struct.pack(">H", 10 * (asked.first + place)) for place in range(asked.length))
    body = struct.pack(">BBB", asked.unit if unit is None else unit, asked.function, 2 * asked.length) + words
    return struct.pack(">HH", 0, len(body)) + body


@asynccontextmanager
async def device(quirk: Quirk, *, closes_after: int = 0, connections: int = 100) -> AsyncIterator[str]:
    """Serve registers with a quirk; hang up after so many answers, and accept so many connections at a time."""
    number = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        begin, answers = asyncio.get_running_loop().time(), 0
        while not closes_after or answers < closes_after:
            transaction, _, _, unit, function, first, count = struct.unpack(
                ">HHHBBHH", await reader.readexactly(12)
            )  # fmt: skip
            number += 1
            since = asyncio.get_running_loop().time() - begin
            asked = Asked(number, since, unit, function, first, count)
            answer = quirk(asked)
            if answer == SILENT:
                continue
            if answer == HANG_UP:
                return
            if isinstance(answer, int):
                answer = struct.pack(">HHBBB", 0, 3, unit, function | 0x80, answer)
            frame = answer if isinstance(answer, bytes) else right(asked)
            writer.write(struct.pack(">H", transaction) + frame)
            await writer.drain()
            answers += 1

    async with serving(serve, connections) as endpoint:
        yield endpoint
