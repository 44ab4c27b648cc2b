"""Attacks the page's server while alarms come and a Modbus link is cut and restored."""

import asyncio
import contextlib
import resource
import tempfile
import time
from collections.abc import Callable, Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bench.floors import CONTEXT, HOST
from bench.latency_rig import changes, engine, until_it_listens
from console import listen
from hazwatch.live.clock import ScaledClock
from hazwatch.live.simulated_field import served
from hazwatch.site.config import load
from plant import SampleBatch
from plant.units import SECOND
from simulators import Faults
from tests import sites

POINTS: Final = 200
HALF_SENT: Final = 2000
PAGES: Final = 200
DEAF: Final = 50
"""Pages that never read, among PAGES."""
RESYNCS: Final = 8
TRENDS: Final = 12
CUT: Final = 4.0
"""Time for which the Modbus link is cut. [s]"""


def site(opcua: int, modbus: int) -> str:
    """Return a site of POINTS OPC UA points with limits, and one Modbus point."""
    sensor = {"unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "stale_after": "20s"}
    tables = [sites.HEAD, sites.opcua(opcua, publishing="100ms"), sites.modbus(modbus, poll="500ms", timeout="500ms")]
    for name in (f"P{number}" for number in range(POINTS)):
        tables += [
            sites.point(name, **sensor, source="ua", address=f"ns=2;s={name}"),
            sites.limit(f"{name}.alarm", name, high=1.0, level="orange", message="甲烷超限"),
        ]
    tables.append(sites.point("M1", **sensor, source="mb", address="unit=1;holding=0;type=float32"))
    return sites.text(*tables)


def field(file: Path, seconds: int, parent: Connection) -> None:
    """Serve the site; cut and restore the Modbus link at messages, and end at the third."""

    async def serving() -> None:
        clock, begin = ScaledClock(), ScaledClock().now() + 5 * SECOND
        steady = SampleBatch.of([POINTS] * seconds, [begin + second * SECOND for second in range(seconds)], 0.5)
        trace = SampleBatch.concatenate([changes(POINTS, seconds, begin), steady])
        trace = trace.take(np.argsort(trace.time, kind="stable"))
        async with served(load(file), trace, clock, Faults(0, (), ())) as servers:
            parent.send(None)
            await asyncio.to_thread(parent.recv)
            await servers["mb"].drop_link()
            await asyncio.to_thread(parent.recv)
            await servers["mb"].restore_link()
            await asyncio.to_thread(parent.recv)

    asyncio.run(serving())


def get(path: str, *more: str) -> bytes:
    """Return a request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", *more, "", ""]).encode()


HANDSHAKE: Final = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)
WHOLE: Final = get(f"/api/trend?point=P0&start=0&end={8 * 10**12}&pixels=4000", "Connection: close")


async def raw(port: int, text: bytes, deaf: float = 0.0) -> None:
    """Send a text, and read until the server ends the connection, after not reading for a time. [s]."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=4096)
    try:
        writer.write(text)
        await asyncio.sleep(deaf)
        while await reader.read(65536):
            pass
    finally:
        writer.transport.abort()


async def page(port: int, text: str) -> None:
    """Open the stream and read it; with a text, send that without end instead."""
    async with connect(f"ws://{HOST}:{port}/api/stream", compression=None, max_size=None) as opened:
        while text:
            await opened.send(text)
            await asyncio.sleep(0)
        async for _ in opened:
            pass


async def again(attack: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Attack again whenever the server ends it."""
    while True:
        with contextlib.suppress(OSError, EOFError, WebSocketException, TimeoutError):
            await attack()
        await asyncio.sleep(0.2)


async def attack_all(port: int) -> None:
    """Attack in every way at once."""
    half, handshake = get("/")[:-4], get("/api/stream", *HANDSHAKE)
    attacks: list[tuple[int, Callable[[], Coroutine[Any, Any, None]]]] = [
        (HALF_SENT, lambda: raw(port, half)),
        (DEAF, lambda: raw(port, handshake, deaf=15.0)),
        (PAGES - DEAF, lambda: page(port, "")),
        (RESYNCS, lambda: page(port, "resync")),
        (TRENDS, lambda: raw(port, WHOLE)),
    ]
    async with asyncio.TaskGroup() as group:
        for count, attack in attacks:
            for _ in range(count):
                group.create_task(again(attack))


def attacker(port: int) -> None:
    """Attack until the process is ended."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(attack_all(port))


class Page:
    """A page that behaves: when it shows which alarm, and when the Modbus point was last read."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, int], int] = {}
        self.read = 0
        self.beats: list[float] = []
        self._came = asyncio.Event()

    async def watch(self, port: int) -> None:
        """Watch until cancelled."""
        clock = ScaledClock()
        async with connect(f"ws://{HOST}:{port}/api/stream", compression=None, max_size=None) as stream:
            await stream.send(f"show [{POINTS}]")
            async for text in stream:
                now, message = clock.now(), orjson.loads(text)
                if message["kind"] == "beat":
                    self.beats.append(time.monotonic())
                change = message.get("change", {})
                risen = (alarm for alarm in change.get("alarms", ()) if alarm["state"] == "unacked")
                for alarm in risen:
                    self.shown.setdefault((alarm["id"], int(alarm["since_ns"])), now)
                of_modbus = (row["arrival"] or 0 for row in message.get("readings", ()) if row["point"] == "M1")
                self.read = max([self.read, *of_modbus])
                self._came.set()

    async def has_read(self, after: int) -> None:
        """Return when the Modbus point was read after a time. [ms, UTC]."""
        while self.read <= after:
            self._came.clear()
            await self._came.wait()


def memory(process: int) -> int:
    """Return the largest memory of a process so far. [MiB]."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:", 1)[1].split()[0]) // 1024


async def judge(port: int, pipe: Connection, process: int, seconds: int) -> int:
    """Watch during the attack; return how many claims do not hold."""
    page, clock = Page(), ScaledClock()
    watching = asyncio.create_task(page.watch(port))
    await asyncio.sleep(seconds / 2)
    pipe.send(None)
    await asyncio.sleep(CUT)
    pipe.send(None)
    restored = clock.now() // 1_000_000
    begun = time.monotonic()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(page.has_read(restored), 30)
    back = time.monotonic() - begun
    await asyncio.sleep(seconds / 2)
    watching.cancel()
    delays = np.array([(now - since) / SECOND for (_, since), now in page.shown.items()])
    gap = float(np.diff(page.beats).max())
    late = int((delays > 0.5).sum())
    print(
        f"alarms on a page: {len(delays)}, {late} late; median {np.median(delays):.3f} s, longest {delays.max():.3f} s"
    )
    print(f"Modbus link back after {back:.2f} s; longest time between beats {gap:.2f} s; memory {memory(process)} MiB")
    return bool(late) + (back > 3) + (memory(process) >= 1024) + (gap > 1.5)


def main(times: int) -> int:
    """Attack for a time; a hundred attacks are two seconds."""
    seconds = max(10, times // 50)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ports:
        opcua, modbus, port = (ports.enter_context(listen(HOST, 0)).getsockname()[1] for _ in range(3))
        ports.close()
        file = Path(folder) / "site.toml"
        file.write_text(site(opcua, modbus), encoding="utf-8")
        ours, theirs = CONTEXT.Pipe()
        words = ["run", str(file), "--data", f"{folder}/data", "--port", str(port), "--log", "warning"]
        log = file.with_name("log")
        processes = [
            CONTEXT.Process(target=field, args=(file, seconds + 60, theirs)),
            CONTEXT.Process(target=engine, args=(words, log), kwargs={"calm": True}),
            CONTEXT.Process(target=attacker, args=(port,)),
        ]
        try:
            processes[0].start()
            ours.recv()
            processes[1].start()
            until_it_listens(port)
            processes[2].start()
            time.sleep(3)
            wrong = asyncio.run(judge(port, ours, processes[1].pid or 0, seconds))
        finally:
            for process in processes:
                if process.pid is not None:
                    process.terminate()
                    process.join()
        print(f"lines in the log: {len(log.read_text(encoding='utf-8').splitlines())}")
    return wrong
