"""Hub: numbers what changed and hands it to every page, in order; a page that falls behind gets the present anew."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from console.desk import Desk
from console.views import BeatMessage, Change, DeltaMessage, Reading, SnapshotMessage

BEAT: Final = 1.0
"""How often a page hears that the engine lives. [s]"""
COALESCE: Final = 0.25
"""Readings are sent at most this often; of one point only the last counts. [s]"""
QUEUE: Final = 256
"""Messages that a page may be behind; one more, and it gets a snapshot in the place of all."""
PRESENT: Final = ""
"""Stands in a queue for a snapshot, which is made when the page can take it."""
PATIENCE: Final = 10.0
"""How long a page may take to accept a message before it is let go. [s]"""
TRY_AGAIN_LATER: Final = 1013


class _Client:
    """What waits for one page: messages, or PRESENT."""

    __slots__ = ("behind", "messages")

    def __init__(self) -> None:
        self.messages: Final[asyncio.Queue[str]] = asyncio.Queue()
        self.behind = False

    def put(self, message: str) -> None:
        """Add a message, unless a snapshot will hold it."""
        if not self.behind:
            self.messages.put_nowait(message)
        if self.messages.qsize() > QUEUE:
            self._drop()

    def renew(self) -> None:
        """Put the present in the place of all that waits."""
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
    """One per engine. `run` names it: a page that meets another run reads the site anew."""

    def __init__(self) -> None:
        self.run: Final = secrets.token_hex(8)
        self.number = 0
        self._clients: Final[set[_Client]] = set()
        self._readings: Final[dict[str, Reading]] = {}

    @property
    def clients(self) -> int:
        """How many pages listen."""
        return len(self._clients)

    def publish(self, change: Change) -> None:
        """Send a change: readings with the next lot, all else at once. Called on the event loop."""
        for reading in change.get("readings", ()):
            self._readings[reading["point"]] = reading
        others = change.copy()
        others.pop("readings", None)
        if others:
            self._send_delta(others)

    def flush(self) -> None:
        """Send the readings that wait, and the present to the pages that fell behind."""
        for client in self._clients:
            if client.behind:
                client.renew()
        if self._readings:
            readings = list(self._readings.values())
            self._readings.clear()
            self._send_delta({"readings": readings})

    def beat(self, now: int) -> None:
        """Tell every page that the engine lives, what its clock says [ms], and the number of the last delta."""
        self._send({"kind": "beat", "number": self.number, "now": now})

    async def serve(self, now: Callable[[], int]) -> None:
        """Flush and beat until cancelled."""
        while True:
            self.beat(now())
            for _ in range(round(BEAT / COALESCE)):
                await asyncio.sleep(COALESCE)
                self.flush()

    @contextlib.contextmanager
    def subscribed(self) -> Iterator[_Client]:
        """Give a queue that receives all that is sent from now on."""
        client = _Client()
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def snapshot(self, desk: Desk) -> str:
        """Return the message that carries the present and the number that it stands at."""
        message: SnapshotMessage = {
            "kind": "snapshot",
            "run": self.run,
            "number": self.number,
            "snapshot": desk.snapshot(),
        }
        return encode(message).decode()

    def _send_delta(self, change: Change) -> None:
        self.number += 1
        self._send({"kind": "delta", "number": self.number, "change": change})

    def _send(self, message: DeltaMessage | BeatMessage) -> None:
        if self._clients:
            text = encode(message).decode()
            for client in self._clients:
                client.put(text)


def encode(message: Any) -> bytes:
    """Return JSON; numbers that do not exist become null."""
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)


def stream_routes(desk: Desk, hub: Hub) -> APIRouter:
    """Return the WebSocket: a snapshot, then deltas and beats; the page may say `resync` for another snapshot."""
    router = APIRouter()

    @router.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        with hub.subscribed() as client:
            client.renew()
            writing = asyncio.create_task(_write(socket, client, lambda: hub.snapshot(desk)))
            tasks = (writing, asyncio.create_task(_read(socket, client)))
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, Exception):  # of the desk: it goes to the server's log, not into silence
                    raise outcome
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(TRY_AGAIN_LATER)

    return router


async def _write(socket: WebSocket, client: _Client, snapshot: Callable[[], str]) -> None:
    """Send what waits until the page is gone, or takes too long."""
    while True:
        message = await client.next(snapshot)
        try:
            async with asyncio.timeout(PATIENCE):
                await socket.send_text(message)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            return


async def _read(socket: WebSocket, client: _Client) -> None:
    async for text in _texts(socket):
        if text == "resync":
            client.renew()


async def _texts(socket: WebSocket) -> AsyncIterator[str]:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            yield await socket.receive_text()
