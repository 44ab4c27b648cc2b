"""The four processes that `latency` measures: a simulator, a relay, `hazwatch run`, and the client of a page."""

import argparse
import asyncio
import os
import socket
import struct
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import orjson
from websockets.asyncio.client import connect

import hazwatch.cli.main
from bench.floors import CONTEXT, HOST, syncs
from console import listen
from hazwatch import assemble as live
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from plant import SampleBatch
from plant.units import SECOND
from simulators import opcua
from tests import sites

CROSSINGS = 20
"""Approximate number of alarms per second."""
# An OPC UA TCP message:  "MSG" | "F" | size (4) | channel, token, sequence, request (4 each) | type | body
#                         0       3     4          8                                          24
# The type is a node id: encoding 1 (four bytes), namespace 0, number 829 (PublishResponse) in little-endian order.
PUBLISH_RESPONSE = b"\x01\x00\x3d\x03"
"""Type of an answer to a publish request, at byte 24 of its message (OPC 10000-6, 6.7.2)."""
TICKS = os.sysconf("SC_CLK_TCK")


def site(points: int, port: int, publishing: str) -> str:
    sensor = {"unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "stale_after": "20s", "source": "ua"}
    alarm = {"high": 1.0, "level": "orange", "message": "甲烷超限", "ticket": True}
    tables = [sites.HEAD, sites.opcua(port, publishing=publishing)]
    for name in (f"P{number}" for number in range(points)):
        tables.append(sites.point(name, **sensor, address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, **alarm))
    return sites.text(*tables)


def changes(points: int, seconds: int, begin: int) -> SampleBatch:
    """Return one change per point and second, spread over the second; some changes cross the limit and return."""
    # Every `every`-th point is above the limit in a second, and another set of points in the next second.
    every = max(points // CROSSINGS, 2)
    rows = [
        (point, begin + second * SECOND + point * SECOND // points // 1000 * 1000, value)
        for second in range(seconds)
        for point in range(points)
        for value in [1.2 if point % every == second % every else 0.5 + (point + second) % 40 / 100]
    ]
    number, times, values = zip(*rows, strict=True)
    return SampleBatch.of(number, times, values)


def field(points: int, seconds: int, parent: Connection) -> None:
    """Send the port; at the first message send the time of the first change and play; end at the second message."""

    async def serving() -> None:
        clock = ScaledClock()
        nodes = {number: f"ns=2;s=P{number}" for number in range(points)}
        nothing = SampleBatch.of([], [], [])
        async with opcua.serve(f"opc.tcp://{HOST}:0", nodes, nothing, clock) as server:
            parent.send(int(server.endpoint.rsplit(":", 1)[1].strip("/")))
            await asyncio.to_thread(parent.recv)
            begin = clock.now() + SECOND // 10
            parent.send(begin)
            await server.play(changes(points, seconds, begin))
            await asyncio.to_thread(parent.recv)

    asyncio.run(serving())


Answers = list[tuple[int, bytes]]
"""Completion time and message of each answer to a publish request. [ns, UTC]"""


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: Answers | None) -> None:
    """Forward bytes until the end; with a list, append the complete answers to publish requests to it."""
    clock, pending = ScaledClock(), b""
    while piece := await reader.read(1 << 20):
        now = clock.now()
        # Forward first: the parsing below must not add to the latency.
        writer.write(piece)
        if answers is None:
            continue
        pending += piece
        while len(pending) >= 8 and len(pending) >= (size := struct.unpack_from("<I", pending, 4)[0]):
            if pending[24:28] == PUBLISH_RESPONSE:
                answers.append((now, pending[:size]))
            pending = pending[size:]
    writer.close()


def relay(server: int, parent: Connection) -> None:
    """Send the port and relay between a client and a server; at a message, send the answers and end."""

    async def relaying() -> None:
        answers: Answers = []

        async def connected(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
            from_server, to_server = await asyncio.open_connection(HOST, server)
            await asyncio.gather(forward(client, to_server, None), forward(from_server, to_client, answers))

        async with await asyncio.start_server(connected, HOST, 0) as listening:
            parent.send(listening.sockets[0].getsockname()[1])
            await asyncio.to_thread(parent.recv)
            parent.send(answers)

    asyncio.run(relaying())


def engine(words: Sequence[str], log: Path, *, calm: bool) -> None:
    """Run `hazwatch run`; if not calm, with Python's default garbage collection."""
    sys.stderr = log.open("a", encoding="utf-8", buffering=1)
    with patch.object(live, "calm_collector", live.calm_collector if calm else int):
        sys.exit(hazwatch.cli.main.main(words))


def page(port: int, parent: Connection) -> None:
    """Connect as a page and send a message; at a message, send the first display time of each alarm and end.

    The times are a mapping of (point, source time) to time.
    """

    async def watching() -> None:
        clock, came = ScaledClock(), list[tuple[int, str | bytes]]()

        async def watch() -> None:
            uri = f"ws://{HOST}:{port}/api/stream"
            async with connect(uri, origin=None, compression=None, max_size=None) as stream:
                parent.send(None)
                async for text in stream:
                    came.append((clock.now(), text))

        watching = asyncio.create_task(watch())
        await asyncio.to_thread(parent.recv)
        watching.cancel()
        # Parsing waits until the end: during the measurement it would delay the messages that follow.
        shown: dict[tuple[str, int], int] = {}
        for now, text in came:
            for alarm in orjson.loads(text).get("change", {}).get("alarms", ()):
                shown.setdefault((alarm["point"], int(alarm["since_ns"])), now)
        parent.send(shown)

    asyncio.run(watching())


def until_it_listens(port: int) -> None:
    for _ in range(3000):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)


def worked(process: int) -> float:
    """Return the processor time of a process. [s]."""
    # The second field, the command in parentheses, may contain spaces; utime and stime are the 14th and 15th field.
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy() -> float:
    """Return the busy time of all processors. [s]."""
    # Without the 4th and 5th column of numbers, idle and iowait.
    fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()
    return sum(int(fields[column]) for column in (1, 2, 3, 6, 7, 8)) / TICKS


class Rig(NamedTuple):
    """The four processes, and our ends of the pipes to three of them."""

    processes: dict[str, SpawnProcess]
    field: Connection
    relay: Connection
    page: Connection

    def start(self, name: str, process: SpawnProcess) -> None:
        """Start a process and keep it."""
        process.start()
        self.processes[name] = process


def set_up(arguments: argparse.Namespace, seconds: int, file: Path, data: DataFolder) -> Rig:
    """Start the four processes, each after the one whose port it needs."""
    (ours, field_end), (our_relay, relay_end), (our_page, page_end) = CONTEXT.Pipe(), CONTEXT.Pipe(), CONTEXT.Pipe()
    rig = Rig({}, ours, our_relay, our_page)
    rig.start("simulator", CONTEXT.Process(target=field, args=(arguments.points, seconds, field_end)))
    rig.start("relay", CONTEXT.Process(target=relay, args=(rig.field.recv(), relay_end)))
    file.write_text(site(arguments.points, rig.relay.recv(), arguments.publishing), encoding="utf-8")
    with listen(HOST, 0) as free:
        port = free.getsockname()[1]
    words = ["run", str(file), "--data", str(data.path), "--port", str(port), "--log", "warning"]
    options = {"calm": not arguments.default_collector}
    rig.start("hazwatch run", CONTEXT.Process(target=engine, args=(words, file.with_name("log")), kwargs=options))
    until_it_listens(port)
    rig.start("page", CONTEXT.Process(target=page, args=(port, page_end)))
    rig.page.recv()
    return rig


def load_during(rig: Rig, folder: Path, seconds: int) -> tuple[dict[str, float], list[float]]:
    """Return the processor share of each process over some seconds, and the times of the disk in them."""
    before = {name: worked(process.pid or 0) for name, process in rig.processes.items()}
    busy_before, begun = busy(), time.monotonic()
    disk = syncs(folder, seconds)
    lasted = time.monotonic() - begun
    shares = {name: (worked(process.pid or 0) - before[name]) / lasted for name, process in rig.processes.items()}
    shares["all others"] = (busy() - busy_before) / lasted - sum(shares.values())
    return shares, disk


def shut_down(rig: Rig) -> tuple[Answers, dict[tuple[str, int], int]]:
    """End the four processes; return the answers of the server, and the first display time of each alarm."""
    rig.page.send(None)
    shown = rig.page.recv()
    rig.processes["hazwatch run"].terminate()
    rig.processes["hazwatch run"].join()
    rig.relay.send(None)
    answers = rig.relay.recv()
    rig.field.send(None)
    for process in rig.processes.values():
        process.join()
    return answers, shown
