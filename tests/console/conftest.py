"""A console over a desk without an engine, served on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from console import Hub, create_app, listen, serve_on
from console.limits import CONNECTIONS
from tests.console.fake_desk import FakeDesk

FOLDER = Path(__file__).parent
HOSTS = ("127.0.0.1", "localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that is served a console as live."""
    for item in items:
        if item.path.is_relative_to(FOLDER) and "console" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.live)


class Console:
    """A desk, its hub, and the server between them and a page; it can be stopped and started again."""

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self.port = 0
        self._connections = connections
        self.begin()

    def begin(self) -> None:
        """Take a new engine, with nothing in it."""
        self.hub = Hub()
        self.desk = FakeDesk(self.hub)

    async def start(self) -> None:
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        app = create_app(self.desk, self.hub, hosts=HOSTS)
        self._serving = asyncio.create_task(serve_on(app, listener, connections=self._connections))

    async def stop(self) -> None:
        self._serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._serving

    async def passed(self) -> None:
        """Return when a few steps of the event loop have passed, and the network had its turn."""
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest_asyncio.fixture
async def console() -> AsyncIterator[Console]:
    """A console that is served."""
    served = Console()
    await served.start()
    yield served
    await served.stop()
