"""Runs the foreign server, and tells it what its nodes hold."""

import asyncio
import json
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

    @property
    def port(self) -> int:
        return int(self.endpoint.rsplit(":", 1)[1])

    async def put(self, *rows: tuple[str, object, int], status: str = "Good") -> None:
        """Have nodes hold values since a time, one row after the other. [source: ns, UTC]."""
        sent, answers = self._process.stdin, self._process.stdout
        assert sent is not None
        assert answers is not None
        for node, value, source in rows:
            row = {"node": node, "value": value, "status": status, "source": source // 1_000_000}
            sent.write(json.dumps(row).encode() + b"\n")
        for _ in rows:
            answer = (await answers.readline()).decode()
            assert answer == "done\n", answer


def installed() -> str:
    """Return the path of Node.js; skip the test where it or node-opcua is not installed."""
    node = require("node", "install Node.js 20 or later (https://nodejs.org)")
    if not (FOLDER / "node_modules/node-opcua").is_dir():
        unavailable(f"node-opcua is not installed: {INSTALL}")
    return node


@asynccontextmanager
async def peer(folder: Path, nodes: Mapping[str, str], *, port: int = 0, sampling: int = 0) -> AsyncIterator[Peer]:
    """Run a server with these nodes (address, type), and kill it; skip where it is not installed."""
    words = [
        installed(),
        str(FOLDER / "server.js"),
        str(port),
        str(folder),
        str(sampling),
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
        process.kill()
        await process.wait()
