"""A man in the middle: passes bytes between a client and a server, and does one thing to what the server sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

Meddling = Callable[[bytearray, int], bytearray | None]
"""Returns what becomes of a piece with the byte at a place; None closes the connection."""


class Meddler:
    """Meddles with the byte at one place of all that the server sends, over all connections."""

    def __init__(self, port: int, place: int, meddle: Meddling) -> None:
        self.passed = 0
        """Number of bytes of the server so far."""
        self._port: Final = port
        self._place: Final = place
        self._meddle: Final = meddle
        self._ends: Final = set[asyncio.StreamWriter]()
        self._served: Final = set[asyncio.Task[None]]()

    async def cut(self) -> None:
        """Close all connections."""
        for end in tuple(self._ends):
            end.transport.abort()
        await asyncio.gather(*self._served)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._served.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._ends.add(writer)
        with suppress(OSError):
            answers, asks = await asyncio.open_connection("127.0.0.1", self._port)
            ends.add(asks)
            self._ends.add(asks)
            await asyncio.gather(self._pass(reader, asks), self._pass(answers, writer, from_server=True))
        for end in ends:
            self._ends.discard(end)
            end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_server: bool = False
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                sent: bytearray | None = bytearray(piece)
                if from_server:
                    at, self.passed = self._place - self.passed, self.passed + len(piece)
                    if 0 <= at < len(piece):
                        sent = self._meddle(bytearray(piece), at)
                if sent is None:
                    break
                writer.write(sent)
        writer.transport.abort()


def flip(piece: bytearray, at: int, bit: int = 7) -> bytearray:
    """Flip a bit of the byte at this place."""
    piece[at] ^= 1 << bit
    return piece


def cut(piece: bytearray, at: int) -> None:
    """Close the connection at this place."""
    del piece, at


@asynccontextmanager
async def meddler(port: int, place: int, meddle: Meddling) -> AsyncIterator[tuple[int, Meddler]]:
    """Yield the port at which a meddler stands before a server, and the meddler."""
    between = Meddler(port, place, meddle)
    listener = await asyncio.start_server(between.accept, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1], between
    finally:
        listener.close()
        await between.cut()
