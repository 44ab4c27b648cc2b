"""Lower bounds of this machine: a text over a WebSocket and back, and bytes written safely to the disk."""

import asyncio
import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

HOST: Final = "127.0.0.1"
# A forked child would inherit threads and event loops of the parent in an undefined state.
CONTEXT: Final = multiprocessing.get_context("spawn")


def echo(parent: Connection) -> None:
    """Serve an echo until the parent sends a message: the lowest cost of a WebSocket on this machine."""

    async def echoing() -> None:
        async def back(client: ServerConnection) -> None:
            async for text in client:
                await client.send(text)

        async with serve(back, HOST, 0, compression=None) as server:
            parent.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.to_thread(parent.recv)

    asyncio.run(echoing())


def echoes(count: int) -> list[float]:
    """Return the times of a short text to another process and back. [ms]."""

    async def asking(port: int) -> list[float]:
        taken = []
        async with connect(f"ws://{HOST}:{port}", compression=None) as client:
            for _ in range(count):
                begun = time.perf_counter()
                await client.send("x" * 256)
                await client.recv()
                taken.append((time.perf_counter() - begun) * 1e3)
                await asyncio.sleep(0.002)
        return taken

    ours, theirs = CONTEXT.Pipe()
    server = CONTEXT.Process(target=echo, args=(theirs,))
    server.start()
    taken = asyncio.run(asking(ours.recv()))
    ours.send(None)
    server.join()
    return taken


def syncs(folder: Path, seconds: float) -> list[float]:
    """Return the times until 256 bytes are safe on disk, measured twenty times a second. [ms]."""
    taken = []
    end = time.monotonic() + seconds
    # Without a buffer in Python, each write reaches the kernel before fdatasync.
    with (folder / "floor").open("wb", buffering=0) as file:
        while time.monotonic() < end:
            begun = time.perf_counter()
            file.write(b"x" * 256)
            # SQLite flushes its WAL by fdatasync as well, so this is the floor of a commit.
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - begun) * 1e3)
            time.sleep(0.05)
    return taken
