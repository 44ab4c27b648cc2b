"""The connections of the server are bounded in number and time, and give way to those that ask."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from console import connections
from tests.console.conftest import Console

pytestmark = pytest.mark.live
MOST = 8


async def opened(console: Console, count: int, text: bytes = b"GET /api/site HTTP/1.1\r\nHo") -> list[socket.socket]:
    """Open connections and send the same bytes on each."""
    loop, sockets = asyncio.get_running_loop(), []
    for _ in range(count):
        client = socket.socket()
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", console.port))
        await loop.sock_sendall(client, text)
        sockets.append(client)
    return sockets


async def ended(client: socket.socket) -> bytes:
    """Return all that comes until the server ends the connection."""
    loop, text = asyncio.get_running_loop(), b""
    with contextlib.suppress(ConnectionResetError):
        while piece := await loop.sock_recv(client, 65536):
            text += piece
    client.close()
    return text


@pytest.fixture
async def few() -> AsyncIterator[Console]:
    """A console that admits MOST connections."""
    served = Console(connections=MOST)
    await served.start()
    yield served
    await served.stop()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /api/site HTTP/1.1\r\nHo", id="half a head"),
        pytest.param(b"POST /api/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{", id="half a body"),
    ],
)
async def test_a_request_that_is_never_finished_has_its_time(
    console: Console, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    monkeypatch.setattr(connections, "REQUEST_TIME", 0.05)
    (client,) = await opened(console, 1, text)
    assert await ended(client) == b""


async def test_unfinished_requests_give_way_to_those_that_ask(few: Console) -> None:
    half = await opened(few, 4 * MOST)
    (asking,) = await opened(few, 1, b"GET /none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert (await ended(asking)).startswith(b"HTTP/1.1 404")
    assert await ended(half[0]) == b""
    for client in half:
        client.close()


async def test_open_pages_do_not_give_way(few: Console) -> None:
    async with connect(f"ws://127.0.0.1:{few.port}/api/stream") as page:
        half = await opened(few, 4 * MOST)
        for _ in range(3):
            assert await page.recv()
        for client in half:
            client.close()


async def test_a_head_has_an_end(console: Console) -> None:
    text = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 40_000
    (client,) = await opened(console, 1, text)
    assert (await ended(client))[:12] in (b"HTTP/1.1 400", b"")


async def test_a_page_that_sends_without_end_is_cut_off(console: Console) -> None:
    async with connect(f"ws://127.0.0.1:{console.port}/api/stream") as page:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(100_000):
                await page.send("resync" * 100)
        with pytest.raises(ConnectionClosed):
            await page.send("resync")


async def test_a_page_that_does_not_read_is_cut_off_in_the_end(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.stream.SEND_PATIENCE", 0.05)
    monkeypatch.setattr("console.stream.FAREWELL", 0.05)
    monkeypatch.setattr(connections, "IDLE_TIME", 0.05)
    head = (
        b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    (client,) = await opened(console, 1, head)
    while not console.hub.clients:
        await asyncio.wait_for(console.passed(), 5)
    while console.hub.clients:
        console.hub.publish({"withdrawn": ["x" * 1_000_000]})
        await console.passed()
    client.close()


async def test_too_many_pages_are_refused(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.CLIENT_STREAMS", 1)
    uri = f"ws://127.0.0.1:{console.port}/api/stream"
    async with connect(uri) as page:
        await page.recv()
        await page.send("resync")
        await page.recv()
        (second,) = await opened(
            console,
            1,
            b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        )
        answer = await ended(second)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"too many open pages" in answer
