"""Measures what reading an OPC UA server costs: the product's source beside two other clients, in one run.

A foreign server (node-opcua) changes every node once a second. One client after the other monitors all of them, in a
process of its own: the product, with its scans; the library's handlers, one call for each change; node-opcua's client.

    python -m bench.opcua_source --points 5000 20000 --seconds 20
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from asyncua import Client, ua
from asyncua.client.ua_client import UASocketProtocol

from adapters.sources import Installation
from adapters.sources.opcua import OpcUaSource, open_source
from hazwatch.live.clock import ScaledClock, wall

PEER: Final = Path(__file__).parent / "opcua_peer"
MODULES: Final = Path(__file__).parents[1] / "tests/system/opcua/node_peer/node_modules"
CLIENTS: Final = ("hazwatch", "asyncua-handlers", "node-opcua")
WARM_UP: Final = 3.0
"""How long all nodes are monitored before anything counts. [s]"""
READY: Final = 120.0
"""How long a client may take until it monitors all nodes. [s]"""


async def hazwatch(endpoint: str, nodes: int) -> AsyncGenerator[tuple[int, float], None]:
    """Yield the number of samples of each batch, and the time since its last byte arrived. [s]."""
    arrived = 0.0
    received = UASocketProtocol.data_received

    def data_received(self: UASocketProtocol, data: bytes) -> None:
        nonlocal arrived
        arrived = time.perf_counter()
        received(self, data)

    # The library has no hook that tells when the bytes of an answer are there.
    UASocketProtocol.data_received = data_received  # type: ignore[method-assign]
    spec = OpcUaSource(id="peer", protocol="opcua", endpoint=endpoint)
    installation = Installation(Path("certificates"), wall)
    source = open_source(spec, [(n, f"ns=1;s=P{n}") for n in range(nodes)], ScaledClock(), installation)
    async with aclosing(source.samples()) as batches:
        async for batch in batches:
            yield len(batch), time.perf_counter() - arrived


async def handlers(endpoint: str, nodes: int) -> AsyncGenerator[tuple[int, float], None]:
    """Yield 1 for each call of the library's handler; the time since the bytes arrived is not known."""
    changes: asyncio.Queue[None] = asyncio.Queue()

    class Handler:
        def datachange_notification(self, _node: Any, _value: Any, _data: Any) -> None:
            changes.put_nowait(None)

    async with Client(endpoint) as client:
        subscription = await client.create_subscription(100, Handler())
        for begin in range(0, nodes, 500):
            some = [client.get_node(f"ns=1;s=P{n}") for n in range(begin, min(nodes, begin + 500))]
            await subscription.subscribe_data_change(some, queuesize=5000, sampling_interval=ua.Double(0.0))
        while True:
            await changes.get()
            yield 1 + _drained(changes), 0.0


def _drained(changes: asyncio.Queue[None]) -> int:
    waiting = changes.qsize()
    for _ in range(waiting):
        changes.get_nowait()
    return waiting


async def measure(batches: AsyncGenerator[tuple[int, float], None], nodes: int, seconds: float) -> dict[str, float]:
    """Return changes, processor time [s], memory [bytes] and the 99th percentile of the own latency [ms]."""
    changes, cpu, latencies = 0, 0.0, []
    end = time.monotonic() + READY
    begin = None
    async with aclosing(batches):
        async for count, latency in batches:
            changes += count
            now = time.monotonic()
            if begin is None and changes > nodes:
                begin, end = now + WARM_UP, now + WARM_UP + seconds
            elif begin is not None and now >= begin:
                if not cpu:
                    cpu, changes = time.process_time(), 0
                latencies.append(latency)
            if now > end:
                break
    return {
        "changes": changes,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "p99": 1000 * float(np.percentile(latencies, 99)) if latencies else float("nan"),
    }


@contextmanager
def served(nodes: int) -> Iterator[str]:
    """Run the foreign server, and yield its endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["node", str(PEER / "server.js"), "0", folder, str(nodes)]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as server:
            try:
                yield server.stdout.readline().decode().split()[1] if server.stdout else ""
            finally:
                server.kill()


ENVIRONMENT: Final = os.environ | {"NODE_PATH": str(MODULES)}


def measured(client: str, endpoint: str, nodes: int, seconds: float) -> dict[str, float]:
    """Run a client in a process of its own, and return what it measured."""
    module = [sys.executable, "-m", "bench.opcua_source", "--client", client]
    words = ["node", str(PEER / "client.js")] if client == "node-opcua" else module
    done = subprocess.run(
        [*words, endpoint, str(nodes), str(seconds)], capture_output=True, check=True, env=ENVIRONMENT
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print one line per client and number of nodes; with `--client`, be that client."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[5000, 20_000])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--client", choices=CLIENTS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        endpoint, nodes, seconds = options.rest[0], int(options.rest[1]), float(options.rest[2])
        batches = hazwatch(endpoint, nodes) if options.client == "hazwatch" else handlers(endpoint, nodes)
        print(json.dumps(asyncio.run(measure(batches, nodes, seconds))))
        return
    if not (MODULES / "node-opcua").is_dir():
        sys.exit(f"node-opcua is not installed: npm ci --ignore-scripts --prefix {MODULES.parent}")
    print(f"{'client':18}{'points':>8}{'changes/s':>11}{'us/change':>11}{'own p99 ms':>12}{'MiB':>7}")
    for nodes in options.points:
        with served(nodes) as endpoint:
            for client in CLIENTS:
                result = measured(client, endpoint, nodes, options.seconds)
                changes = result["changes"]
                print(
                    f"{client:18}{nodes:8}{changes / options.seconds:11.0f}{1e6 * result['cpu'] / changes:11.2f}"
                    f"{result.get('p99', float('nan')):12.2f}{result['memory'] / 2**20:7.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
