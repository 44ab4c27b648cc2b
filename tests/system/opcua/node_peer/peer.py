"""Runs the foreign server, and tells it what its nodes hold."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import require, unavailable

FOLDER = Path(__file__).parent
INSTALL = f"npm ci --ignore-scripts --prefix {FOLDER}"
UP = 60.0
"""How long it may take to make its key and listen. [s]"""


class Peer:
    """A server that runs."""

    def __init__(self, endpoint: str, process: asyncio.subprocess.Process) -> None:
        self.endpoint = endpoint
        self._process = process
        self._turn = asyncio.Lock()

    @property
    def port(self) -> int:
        return int(self.endpoint.rsplit(":", 1)[1])

    async def put(self, *rows: tuple[str, object, int], status: str = "Good") -> None:
        """Have nodes hold values since a time, one row after the other. [source: ns, UTC]."""
        await self._order(
            *(
                {"node": node, "value": value, "status": status, "source": source // 1_000_000}
                for node, value, source in rows
            )
        )

    async def delete(self, node: str) -> None:
        """Take a node away."""
        await self._order({"delete": node})

    async def create(self, node: str, kind: str) -> None:
        """Add a node."""
        await self._order({"create": node, "type": kind})

    def kill(self) -> None:
        """Kill the server."""
        self._process.kill()

    def stop(self) -> None:
        """Stop the server where it is: it keeps its connections and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a stopped server go on."""
        self._process.send_signal(signal.SIGCONT)

    async def _order(self, *orders: Mapping[str, object]) -> None:
        sent, answers = self._process.stdin, self._process.stdout
        assert sent is not None
        assert answers is not None
        async with self._turn:
            for order in orders:
                sent.write(json.dumps(order).encode() + b"\n")
            for _ in orders:
                answer = (await answers.readline()).decode()
                assert answer == "done\n", answer


def installed() -> str:
    """Return the path of Node.js; skip the test where it or node-opcua is not installed."""
    node = require("node", "install Node.js 20 or later (https://nodejs.org)")
    if not (FOLDER / "node_modules/node-opcua").is_dir():
        unavailable(f"node-opcua is not installed: {INSTALL}")
    return node


@asynccontextmanager
async def peer(folder: Path, nodes: Mapping[str, str], *, port: int = 0, **options: int) -> AsyncIterator[Peer]:
    """Run a server with these nodes (address, type), and kill it; skip where it is not installed.

    The options are those of `server.js`.
    """
    words = [
        installed(),
        str(FOLDER / "server.js"),
        str(port),
        str(folder),
        json.dumps(options),
        *(f"{type_}:{node}" for node, type_ in nodes.items()),
    ]
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(UP):
            said = (await process.stdout.readline()).decode()
        assert said.startswith("listening "), said
        yield Peer(said.split()[1], process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
