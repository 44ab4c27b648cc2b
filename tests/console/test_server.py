"""The server: loopback alone, a port that is taken is said with one that is free, stopping takes the pages along."""

import asyncio
import contextlib
import socket

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console import Hub, PortTakenError, create_app, listen, serve
from tests.console.conftest import Console
from tests.console.fake_desk import FakeDesk

pytestmark = pytest.mark.live


def test_a_port_that_is_taken_is_said_with_the_next_that_is_free() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} is taken; ") as refused:
            listen("127.0.0.1", port)
        assert refused.value.port == port
        assert refused.value.next_free is not None
        with listen("127.0.0.1", refused.value.next_free) as free:
            assert free.getsockname()[1] == refused.value.next_free


async def test_serve_says_so_too() -> None:
    desk = FakeDesk(Hub())
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortTakenError):
        await serve(create_app(desk, desk.hub, hosts=["127.0.0.1"]), "127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::"])
def test_it_listens_on_loopback_alone(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        listen(host, 0)


def test_localhost_is_loopback() -> None:
    with listen("localhost", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.family == socket.AF_INET


async def test_stopping_takes_open_pages_along_and_frees_the_port(console: Console) -> None:
    async with connect(f"ws://127.0.0.1:{console.port}/api/stream") as page:
        await page.recv()
        async with asyncio.timeout(5):
            await console.stop()
        with pytest.raises(ConnectionClosed, match="1012"):
            await drained(page)
    await console.start()


async def test_a_connection_accepted_in_the_moment_of_the_stop_does_not_survive_it(console: Console) -> None:
    loop = asyncio.get_running_loop()
    async with connect(f"ws://127.0.0.1:{console.port}/api/stream") as page:
        await page.recv()  # the server runs
    stopping = asyncio.create_task(console.stop())
    for _ in range(5):
        await asyncio.sleep(0)  # the request to stop reaches uvicorn, which looks at it every 0.1 s
    with socket.create_connection(("127.0.0.1", console.port)) as late:
        late.setblocking(False)
        # The loop stands until that look is due, so it accepts the connection and stops in the same step.
        until = loop.time() + 0.15
        while loop.time() < until:
            pass
        await stopping
        with contextlib.suppress(ConnectionResetError):
            assert late.recv(1) == b""
    await console.start()


async def drained(page: ClientConnection) -> None:
    while True:
        await page.recv()
