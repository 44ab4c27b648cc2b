"""A cable to a server that can be cut, mended, and go dead without a sign."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries connections to a port on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.endpoint = ""
        self.connections = 0
        self._port = port
        self._carries = asyncio.Event()
        self._carries.set()
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Abort all connections, and accept none."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Accept connections."""
        self._is_cut = False

    def freeze(self) -> None:
        """Carry nothing, and say nothing."""
        self._carries.clear()

    def thaw(self) -> None:
        """Carry what was sent meanwhile, and what follows."""
        self._carries.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        for source, target in ((there, writer), (reader, back)):
            task = asyncio.create_task(self._carry(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._carries.wait()
                writer.write(data)
        writer.close()
        self._writers.discard(writer)

    async def close(self) -> None:
        self.cut()
        self.thaw()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)


@asynccontextmanager
async def cable(endpoint: str) -> AsyncIterator[Cable]:
    """Lay a cable to a server for the duration of the context."""
    laid = Cable(int(endpoint.rsplit(":", 1)[1]))
    listener = await asyncio.start_server(laid.accept, "127.0.0.1", 0)
    laid.endpoint = f"opc.tcp://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield laid
    finally:
        listener.close()
        await laid.close()
