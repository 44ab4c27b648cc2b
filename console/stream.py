"""The stream of a page: a WebSocket that brings a snapshot and then what changes, and takes what the page says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import PlainTextResponse

from console.clients import Client
from console.desk import Desk
from console.hub import Hub
from console.limits import MOST_SHOWN, STREAM_WORDS
from console.pace import Bucket
from plant import Message

SEND_PATIENCE: Final = 10.0
"""Time that a page may take to accept a message before the hub disconnects it. [s]"""
FAREWELL: Final = 1.0
"""Time for the close message to go out. [s]"""
TOO_MANY: Final = Message("too many open pages; close some of them")
# 1013 in the WebSocket registry of close codes: the client should connect again later.
TRY_AGAIN_LATER: Final = 1013
SHOW: Final = "show "
"""Begin of the word by which a page names the points whose readings it shows."""


def stream_routes(desk: Desk, hub: Hub, say: Callable[[Message], str]) -> APIRouter:
    """Return the WebSocket route: a snapshot, then deltas and beats.

    The page sends `here` when it has taken a snapshot, `resync` for a new one, and `show [0,17]` for the readings of
    these points, numbered from 0 in the order of the site.
    """
    router = APIRouter()
    points = [point["id"] for point in desk.site()["points"]]

    @router.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        host = socket.client.host if socket.client else ""
        session = getattr(socket.state, "session", None)
        if not hub.make_room(host, session):
            await socket.send_denial_response(PlainTextResponse(f"{say(TOO_MANY)}\n", status_code=503))
            return
        await socket.accept()
        with hub.subscribed(host, session) as client:
            # The queue exists before the snapshot is made, so no delta is lost between them.
            client.renew()
            writing = _write(socket, client, hub, desk)
            await _until_one_ends(writing, _read(socket, client, hub, points), _dismissal(client))
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


async def _write(socket: WebSocket, client: Client, hub: Hub, desk: Desk) -> None:
    """Send the queue of a page until the page disconnects or takes too long."""
    while True:
        message = await hub.next(client, desk)
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await socket.send_text(message)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            return


async def _read(socket: WebSocket, client: Client, hub: Hub, points: list[str]) -> None:
    """Take what a page says until it disconnects or says too much."""
    loop, pace = asyncio.get_running_loop(), Bucket(STREAM_WORDS, 10 * STREAM_WORDS)
    async for text in _texts(socket):
        if not pace.take(1.0, loop.time()):
            return
        client.is_silent = False
        if text == "resync":
            client.fall_behind()
        elif text.startswith(SHOW):
            hub.show(client, _named(text.removeprefix(SHOW), points))


def _named(text: str, points: list[str]) -> list[str]:
    """Return the points that a page names by their numbers; what it says wrongly names none."""
    try:
        numbers = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    if not isinstance(numbers, list):
        return []
    known = (number for number in numbers[:MOST_SHOWN] if type(number) is int and 0 <= number < len(points))
    return [points[number] for number in known]


async def _dismissal(client: Client) -> None:
    await client.dismissed.wait()


async def _texts(socket: WebSocket) -> AsyncIterator[str]:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            yield await socket.receive_text()
