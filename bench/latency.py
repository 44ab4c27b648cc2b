"""From the change of a value in an OPC UA server to the alarm on a page: how long, and how much of it is our own part.

Four processes on one machine: a simulator, a relay that notes when an answer of the server is complete (what comes
before is the publishing interval, what comes after our own part), `hazwatch run`, and a page's WebSocket client.
"""

import argparse
import asyncio
import os
import socket
import statistics
import struct
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import orjson
from websockets.asyncio.client import connect

import hazwatch.cli.main
from adapters.stores import HistoryReader
from bench.floors import CONTEXT, HOST, echoes, syncs
from console import listen
from hazwatch import assemble as live
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant import SampleBatch
from simulators import opcua
from tests import sites

SECOND = 1_000_000_000
WARM_UP = 3
"""What comes in the first seconds does not count. [s]"""
CROSSINGS = 20
"""About so many alarms a second."""
PUBLISH_RESPONSE = b"\x01\x00\x3d\x03"
"""Its type, i=829, as it stands in a message after the headers of 24 bytes (OPC 10000-6, 6.7.2)."""
SINCE_1601 = 11_644_473_600 * SECOND
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Passed:
    """One alarm on its way: when the value changed, its notification was here, was stamped, and the alarm was shown."""

    changed: int
    complete: int
    stamped: int
    shown: int


def site(points: int, port: int, publishing: str) -> str:
    sensor = {"unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "stale_after": "20s", "source": "ua"}
    alarm = {"high": 1.0, "level": "orange", "message": "甲烷超限", "ticket": True}
    tables = [sites.HEAD, sites.opcua(port, publishing=publishing)]
    for name in (f"P{number}" for number in range(points)):
        tables.append(sites.point(name, **sensor, address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, **alarm))
    return sites.text(*tables)


def changes(points: int, seconds: int, begin: int) -> SampleBatch:
    """Return a change of every point in every second, spread over it; some cross the limit and come back."""
    every = max(points // CROSSINGS, 2)
    rows = [
        (point, begin + second * SECOND + point * SECOND // points // 1000 * 1000, value)
        for second in range(seconds)
        for point in range(points)
        for value in [1.2 if point % every == second % every else 0.5 + (point + second) % 40 / 100]
    ]
    number, times, values = zip(*rows, strict=True)
    return SampleBatch.of(number, times, values)


def field(points: int, seconds: int, said: Connection) -> None:
    """Serve; when told to, say when the changes begin, make them, and stay until told to go."""

    async def serving() -> None:
        clock = ScaledClock()
        nodes = {number: f"ns=2;s=P{number}" for number in range(points)}
        nothing = SampleBatch.of([], [], [])
        async with opcua.serve(f"opc.tcp://{HOST}:0", nodes, nothing, clock) as server:
            said.send(int(server.endpoint.rsplit(":", 1)[1].strip("/")))
            await asyncio.to_thread(said.recv)
            begin = clock.now() + SECOND // 10
            said.send(begin)
            await server.play(changes(points, seconds, begin))
            await asyncio.to_thread(said.recv)

    asyncio.run(serving())


def relay(server: int, said: Connection) -> None:
    """Pass everything on between a client and a server; when told to, hand over when which answers were complete."""

    async def relaying() -> None:
        clock, answers = ScaledClock(), list[tuple[int, bytes]]()

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, note: bool) -> None:
            rest = b""
            while piece := await reader.read(1 << 20):
                now = clock.now()
                writer.write(piece)
                rest = rest + piece if note else b""
                while len(rest) >= 8 and len(rest) >= (size := struct.unpack_from("<I", rest, 4)[0]):
                    if rest[24:28] == PUBLISH_RESPONSE:
                        answers.append((now, rest[:size]))
                    rest = rest[size:]
            writer.close()

        async def passed(near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
            far, far_out = await asyncio.open_connection(HOST, server)
            await asyncio.gather(pump(near, far_out, note=False), pump(far, near_out, note=True))

        async with await asyncio.start_server(passed, HOST, 0) as listening:
            said.send(listening.sockets[0].getsockname()[1])
            await asyncio.to_thread(said.recv)
            said.send(answers)

    asyncio.run(relaying())


def engine(words: Sequence[str], log: Path, *, calm: bool) -> None:
    """Do what `hazwatch run` does; not calm: with the garbage collector as Python has it."""
    sys.stderr = log.open("a", encoding="utf-8", buffering=1)
    with patch.object(live, "calm_collector", live.calm_collector if calm else int):
        sys.exit(hazwatch.cli.main.main(words))


def page(port: int, said: Connection) -> None:
    """Listen as a page does; when told to, hand over when which alarms came first: (condition, source time) -> time."""

    async def watching() -> None:
        clock, came = ScaledClock(), list[tuple[int, str | bytes]]()

        async def watch() -> None:
            uri = f"ws://{HOST}:{port}/api/stream"
            async with connect(uri, origin=None, compression=None, max_size=None) as stream:
                said.send(None)
                async for text in stream:
                    came.append((clock.now(), text))

        watching = asyncio.create_task(watch())
        await asyncio.to_thread(said.recv)
        watching.cancel()
        shown: dict[tuple[str, int], int] = {}
        for now, text in came:
            for alarm in orjson.loads(text).get("change", {}).get("alarms", ()):
                shown.setdefault((alarm["point"], int(alarm["since_ns"])), now)
        said.send(shown)

    asyncio.run(watching())


def join(
    answers: Sequence[tuple[int, bytes]], shown: dict[tuple[str, int], int], history: HistoryReader, begin: int
) -> list[Passed]:
    """Find the answer of the server that carried each change, and when its batch was stamped."""
    completed = [complete for complete, _ in answers]
    passed = []
    for (point, changed), now in shown.items():
        if changed < begin:
            continue
        text = struct.pack("<q", (changed + SINCE_1601) // 100)  # the source time as the answer has it
        later = answers[bisect_left(completed, changed) :]
        complete = next(complete for complete, answer in later if text in answer)
        stamped = int(history.samples(point, changed, changed + 1).arrival[0])
        passed.append(Passed(changed, complete, stamped, now))
    return passed


def until_it_listens(port: int) -> None:
    for _ in range(3000):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)


def worked(process: int) -> float:
    """Return how long a process was on a processor. [s]."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy() -> float:
    """Return how long all processors were at work, for whomever. [s]."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()
    return sum(int(fields[column]) for column in (1, 2, 3, 6, 7, 8)) / TICKS


def measure(arguments: argparse.Namespace, folder: Path) -> tuple[list[Passed], dict[str, float], list[float]]:
    """Run the four processes; return the alarms, each one's share of a processor, and what the disk took meanwhile."""
    seconds = WARM_UP + arguments.seconds
    pipes = {name: CONTEXT.Pipe() for name in ("field", "relay", "page")}
    server = CONTEXT.Process(target=field, args=(arguments.points, seconds, pipes["field"][1]))
    server.start()
    between = CONTEXT.Process(target=relay, args=(pipes["field"][0].recv(), pipes["relay"][1]))
    between.start()
    file, data = folder / "site.toml", DataFolder(folder / "data")
    file.write_text(site(arguments.points, pipes["relay"][0].recv(), arguments.publishing), encoding="utf-8")
    with listen(HOST, 0) as free:
        port = free.getsockname()[1]
    words = ["run", str(file), "--data", str(data.path), "--port", str(port), "--log", "warning"]
    product = CONTEXT.Process(
        target=engine, args=(words, folder / "log"), kwargs={"calm": not arguments.default_collector}
    )
    product.start()
    until_it_listens(port)
    client = CONTEXT.Process(target=page, args=(port, pipes["page"][1]))
    client.start()
    processes = {"simulator": server, "relay": between, "hazwatch run": product, "page": client}
    pipes["page"][0].recv()
    time.sleep(2)
    pipes["field"][0].send(None)
    begin = pipes["field"][0].recv()
    time.sleep(WARM_UP)
    before = {name: worked(process.pid or 0) for name, process in processes.items()}, busy(), time.monotonic()
    disk = syncs(folder, arguments.seconds)
    lasted = time.monotonic() - before[2]
    shares = {name: (worked(process.pid or 0) - before[0][name]) / lasted for name, process in processes.items()}
    shares["all others"] = (busy() - before[1]) / lasted - sum(shares.values())
    time.sleep(1.5)
    pipes["page"][0].send(None)
    shown = pipes["page"][0].recv()
    product.terminate()
    product.join()
    pipes["relay"][0].send(None)
    answers = pipes["relay"][0].recv()
    pipes["field"][0].send(None)
    for process in processes.values():
        process.join()
    history = HistoryReader(data.history, load(file).points)
    passed = join(answers, shown, history, begin + WARM_UP * SECOND)
    if len(passed) < 2:
        sys.exit(f"too few alarms came; hazwatch run said:\n{(folder / 'log').read_text(encoding='utf-8')}")
    return passed, shares, disk


def quantiles(taken: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return cuts[49], cuts[98], max(taken)


def row(name: str, taken: Sequence[float]) -> str:
    return f"{name:<52}" + "".join(f"{number:9.2f}" for number in quantiles(taken))


def report(passed: Sequence[Passed], shares: dict[str, float], floors: dict[str, list[float]]) -> None:
    def spans(begin: str, end: str) -> list[float]:
        return [(getattr(one, end) - getattr(one, begin)) / 1e6 for one in passed]

    own = spans("complete", "shown")
    print(f"{'[ms]':<52}{'p50':>9}{'p99':>9}{'max':>9}")
    print(row("change in the server -> alarm on the page", spans("changed", "shown")))
    print(row("  publishing interval, until the answer is here", spans("changed", "complete")))
    print(row("  our own part, durable journal included", own))
    print(row("    decoding, until the arrival is stamped", spans("complete", "stamped")))
    print(row("    rules, alarms, journal on disk, page", spans("stamped", "shown")))
    for name, taken in floors.items():
        print(row(f"floor: {name}", taken))
    least = [sum(pair) for pair in zip(*(quantiles(taken) for taken in floors.values()), strict=True)]
    ratios = [mine / floor for mine, floor in zip(quantiles(own), least, strict=True)]
    print(f"{'our own part / both floors [1]':<52}" + "".join(f"{ratio:9.1f}" for ratio in ratios))
    print("share of a processor: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--points", type=int, default=1000, help="points, each of which changes once a second (1000)")
    parser.add_argument("--seconds", type=int, default=120, help="how long is measured, after a warm-up (120)")
    parser.add_argument("--publishing", default="100ms", help="publishing interval of the source (100ms)")
    parser.add_argument("--default-collector", action="store_true", help="variant: Python's garbage collector untamed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        passed, shares, disk = measure(arguments, Path(name))
        floors = {
            "append 256 bytes and fdatasync, meanwhile": disk,
            "256 bytes over a WebSocket and back, after": echoes(500),
        }
    print(f"{arguments.points} points at 1 Hz, {arguments.seconds} s, publishing {arguments.publishing}", end="")
    print(f"{', default collector' if arguments.default_collector else ''}: {len(passed)} alarms")
    report(passed, shares, floors)


if __name__ == "__main__":
    main()
