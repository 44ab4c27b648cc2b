"""Hub: numbers what changed and hands it to every page, in order; a page that cannot keep up is let go."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from console.desk import Change, Desk, Reading

BEAT: Final = 1.0
"""How often a page hears that the engine lives. [s]"""
COALESCE: Final = 0.25
"""Readings are sent at most this often; of one point only the last counts. [s]"""
QUEUE: Final = 256
"""Messages that a page may be behind before it is let go."""
TRY_AGAIN_LATER: Final = 1013


class _Client:
    __slots__ = ("messages", "slow")

    def __init__(self) -> None:
        self.messages: Final[asyncio.Queue[str]] = asyncio.Queue(QUEUE)
        self.slow: Final = asyncio.Event()

    def put(self, message: str) -> None:
        try:
            self.messages.put_nowait(message)
        except asyncio.QueueFull:
            self.slow.set()


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
        rest = {name: value for name, value in change.items() if name != "readings"}
        if rest:
            self._send_delta(rest)

    def flush(self) -> None:
        """Send the readings that wait."""
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
        message = {"kind": "snapshot", "run": self.run, "number": self.number, "snapshot": desk.snapshot()}
        return encode(message).decode()

    def _send_delta(self, change: dict[str, Any]) -> None:
        self.number += 1
        self._send({"kind": "delta", "number": self.number, "change": change})

    def _send(self, message: dict[str, Any]) -> None:
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
            client.put(hub.snapshot(desk))
            tasks = (
                asyncio.create_task(_write(socket, client)),
                asyncio.create_task(_read(socket, client, lambda: hub.snapshot(desk))),
                asyncio.create_task(client.slow.wait()),
            )
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, Exception):  # of the desk: it goes to the server's log, not into silence
                    raise outcome
        if client.slow.is_set():
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(TRY_AGAIN_LATER)

    return router


async def _write(socket: WebSocket, client: _Client) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            await socket.send_text(await client.messages.get())


async def _read(socket: WebSocket, client: _Client, snapshot: Callable[[], str]) -> None:
    async for text in _texts(socket):
        if text == "resync":
            client.put(snapshot())


async def _texts(socket: WebSocket) -> AsyncIterator[str]:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            yield await socket.receive_text()
