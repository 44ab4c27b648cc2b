"""`Hub`: numbers changes and sends them to every page in order; a page that falls behind gets a new snapshot."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import PlainTextResponse

from console.desk import Desk
from console.limits import CLIENT_STREAMS, STREAMS
from console.views import BeatMessage, Change, DeltaMessage, Reading
from plant import Message

BEAT: Final = 1.0
"""Time between two beats, the sign of life of the engine. [s]"""
COALESCE: Final = 0.25
"""Time between two deltas with readings; a delta has only the last reading of a point. [s]"""
QUEUE: Final = 256
"""Largest number of messages that may wait for a page; beyond it, a snapshot replaces them all."""
PRESENT: Final = ""
"""Placeholder of a snapshot in a queue; `next` replaces it by the snapshot of that moment."""
SEND_PATIENCE: Final = 10.0
"""Time that a page may take to accept a message before the hub disconnects it. [s]"""
FAREWELL: Final = 1.0
"""Time for the close message to go out. [s]"""
TOO_MANY: Final = Message("too many open pages; close some of them")
# 1013 in the WebSocket registry of close codes: the client should connect again later.
TRY_AGAIN_LATER: Final = 1013


# A queue holds a placeholder instead of a snapshot. The snapshot is made when the page takes it: a slow page would
# otherwise show an old picture, and the snapshots of many slow pages would fill the memory.
class _Client:
    """The queue of one page: messages, or PRESENT."""

    __slots__ = ("behind", "dismissed", "host", "is_silent", "messages")

    def __init__(self, host: str) -> None:
        self.host: Final = host
        self.messages: Final[asyncio.Queue[str]] = asyncio.Queue()
        self.behind = False
        self.is_silent = True
        self.dismissed: Final = asyncio.Event()

    def put(self, message: str) -> None:
        """Add a message, unless the page waits for a snapshot, which will contain the change."""
        if not self.behind:
            self.messages.put_nowait(message)
        if self.messages.qsize() > QUEUE:
            self._drop()

    def fall_behind(self) -> None:
        """Drop all waiting messages; the next flush brings a snapshot, one for all pages that ask in between."""
        self._drop()

    def renew(self) -> None:
        """Replace all waiting messages by a snapshot."""
        self._drop()
        self.messages.put_nowait(PRESENT)

    async def next(self, snapshot: Callable[[], str]) -> str:
        """Return the next message."""
        message = await self.messages.get()
        if message != PRESENT:
            return message
        self.behind = False
        return snapshot()

    def _drop(self) -> None:
        self.behind = True
        while not self.messages.empty():
            self.messages.get_nowait()


class Hub:
    """The source of the stream, one per engine; a page that sees another `run` loads the site again."""

    def __init__(self) -> None:
        self.run: Final = secrets.token_hex(8)
        self.number = 0
        self._clients: Final[dict[_Client, None]] = {}
        self._readings: Final[dict[str, Reading]] = {}
        self._picture: tuple[int, orjson.Fragment] | None = None

    @property
    def clients(self) -> int:
        """Number of connected pages."""
        return len(self._clients)

    def publish(self, change: Change) -> None:
        """Send a change on the event loop: readings with the next flush, everything else at once."""
        for reading in change.get("readings", ()):
            self._readings[reading["point"]] = reading
        others = change.copy()
        others.pop("readings", None)
        if others:
            self._send_delta(others)

    def flush(self) -> None:
        """Send the waiting readings, and snapshots to the pages that fell behind."""
        self._picture = None
        for client in self._clients:
            if client.behind:
                client.renew()
        if self._readings:
            readings = list(self._readings.values())
            self._readings.clear()
            self._send_delta({"readings": readings})

    def beat(self, now: int) -> None:
        """Send a sign of life with the engine's time [ms] and the number of the last delta."""
        # A page compares the number with its own: a gap means that it missed a delta, and it asks for a snapshot.
        self._send({"kind": "beat", "number": self.number, "now": now})

    async def serve(self, now: Callable[[], int]) -> None:
        """Flush and beat until cancelled."""
        while True:
            self.beat(now())
            for _ in range(round(BEAT / COALESCE)):
                await asyncio.sleep(COALESCE)
                self.flush()

    @contextlib.contextmanager
    def subscribed(self, host: str = "") -> Iterator[_Client]:
        """Yield a queue that receives every later message."""
        client = _Client(host)
        self._clients[client] = None
        try:
            yield client
        finally:
            self._clients.pop(client, None)

    def make_room(self, host: str) -> bool:
        """Tell whether another page of a client address may have the stream; the oldest silent one gives way for it."""
        same = [client for client in self._clients if client.host == host]
        if len(same) >= CLIENT_STREAMS:
            return self._dismiss_silent(same)
        return len(self._clients) < STREAMS or self._dismiss_silent(list(self._clients))

    def snapshot(self, desk: Desk) -> str:
        """Return the snapshot message with the number of the last delta in it."""
        message = {"kind": "snapshot", "run": self.run, "number": self.number, "snapshot": self.picture(desk)}
        return encode(message).decode()

    def picture(self, desk: Desk) -> orjson.Fragment:
        """Return the snapshot of this moment as JSON; until the next change or flush, all pages get the same."""
        # Every change has a number, but for readings, which the next flush brings to every page.
        if self._picture is None or self._picture[0] != self.number:
            self._picture = self.number, orjson.Fragment(encode(desk.snapshot()))
        return self._picture[1]

    def _dismiss_silent(self, clients: list[_Client]) -> bool:
        """Dismiss the oldest of some pages that never said a word; return False if there is none."""
        silent = next((client for client in clients if client.is_silent), None)
        if silent is None:
            return False
        # Its place is free at once, although the farewell may take a second.
        self._clients.pop(silent)
        silent.dismissed.set()
        return True

    def _send_delta(self, change: Change) -> None:
        self.number += 1
        self._send({"kind": "delta", "number": self.number, "change": change})

    def _send(self, message: DeltaMessage | BeatMessage) -> None:
        if self._clients:
            text = encode(message).decode()
            for client in self._clients:
                client.put(text)


def encode(message: Any) -> bytes:
    """Return JSON; NaN and infinities become null."""
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)


def stream_routes(desk: Desk, hub: Hub, say: Callable[[Message], str]) -> APIRouter:
    """Return the WebSocket route: a snapshot, then deltas and beats.

    The page sends `here` when it has taken a snapshot, and `resync` for a new one.
    """
    router = APIRouter()

    @router.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        host = socket.client.host if socket.client else ""
        if not hub.make_room(host):
            await socket.send_denial_response(PlainTextResponse(f"{say(TOO_MANY)}\n", status_code=503))
            return
        await socket.accept()
        with hub.subscribed(host) as client:
            # The queue exists before the snapshot is made, so no delta is lost between them.
            client.renew()
            writing = _write(socket, client, lambda: hub.snapshot(desk))
            await _until_one_ends(writing, _read(socket, client), _dismissal(client))
        # A page that does not read what was sent before does not take the farewell either.
        with contextlib.suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(FAREWELL):
                await socket.close(TRY_AGAIN_LATER)

    return router


async def _until_one_ends(*parts: Coroutine[Any, Any, None]) -> None:
    """Run coroutines until one of them ends, then cancel the others."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        # `_write` and `_read` handle lost connections, so this is an error of the desk: it belongs in the log.
        if isinstance(outcome, Exception):
            raise outcome


async def _write(socket: WebSocket, client: _Client, snapshot: Callable[[], str]) -> None:
    """Send the queue of a page until the page disconnects or takes too long."""
    while True:
        message = await client.next(snapshot)
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await socket.send_text(message)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            return


async def _read(socket: WebSocket, client: _Client) -> None:
    async for text in _texts(socket):
        client.is_silent = False
        if text == "resync":
            client.fall_behind()


async def _dismissal(client: _Client) -> None:
    await client.dismissed.wait()


async def _texts(socket: WebSocket) -> AsyncIterator[str]:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            yield await socket.receive_text()
