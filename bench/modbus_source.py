"""Measures the Modbus source: `python -m bench.modbus_source [seconds]`; with uvloop as well, if it is installed.

Two things: the processor time of the whole source for 100 units of 125 registers each, read once a second; and
registers a second beside the client of pymodbus, one request after the other, over one connection and over ten.
The server is a process of its own that answers from memory, or the C library libmodbus, if its headers are there.
"""

import asyncio
import importlib.util
import multiprocessing
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from pymodbus.client import AsyncModbusTcpClient

from adapters.sources.modbus import ModbusSource, open_source
from adapters.sources.modbus.exchange import Exchange
from adapters.sources.modbus.plan import Request, Span
from hazwatch.live.clock import ScaledClock

# A forked child would inherit threads and event loops of the parent in an undefined state.
CONTEXT: Final = multiprocessing.get_context("spawn")
UNITS: Final = 100
REGISTERS: Final = 125
SERVER_IN_C: Final = """
#include <modbus.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>
int main(void) {
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(0, 0, 200, 0);
    struct sockaddr_in_holder { char room[64]; } name;
    int listener = modbus_tcp_listen(ctx, 64), most = listener;
    unsigned int length = sizeof name;
    getsockname(listener, (void *)&name, &length);
    printf("%d\\n", (unsigned char)name.room[2] * 256 + (unsigned char)name.room[3]);
    fflush(stdout);
    fd_set all, ready;
    FD_ZERO(&all);
    FD_SET(listener, &all);
    for (;;) {
        ready = all;
        select(most + 1, &ready, NULL, NULL, NULL);
        for (int fd = 0; fd <= most; fd++) {
            if (!FD_ISSET(fd, &ready)) continue;
            if (fd == listener) {
                int client = accept(listener, NULL, NULL);
                FD_SET(client, &all);
                if (client > most) most = client;
                continue;
            }
            uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
            modbus_set_socket(ctx, fd);
            int got = modbus_receive(ctx, query);
            if (got > 0) modbus_reply(ctx, query, got, map);
            else if (got == -1) { close(fd); FD_CLR(fd, &all); }
        }
    }
}
"""


class Rate(NamedTuple):
    """Registers a second, and the processor time of a request. [1/s, us]."""

    registers: float
    cost: float


class Answering(asyncio.Protocol):
    """Answers every request for registers with that many, from memory."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # that of uvloop is no subclass

    def data_received(self, data: bytes) -> None:
        transaction, unit, function, count = data[:2], data[6], data[7], int.from_bytes(data[10:12], "big")
        head = struct.pack(">2sHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count)
        self.transport.write(head + b"\1\2" * count)


def serve(parent: Connection) -> None:
    async def serving() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        parent.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(parent.recv)

    runner()(serving())


def runner() -> Callable[[Awaitable[Any]], Any]:
    """Return `run` of uvloop if it is installed, else of asyncio."""
    module = importlib.import_module("uvloop" if importlib.util.find_spec("uvloop") else "asyncio")
    run: Callable[[Awaitable[Any]], Any] = module.run
    return run


@contextmanager
def server_in_python() -> Iterator[int]:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


@contextmanager
def server_in_c() -> Iterator[int | None]:
    """Serve by libmodbus; yield None where it cannot be built."""
    compiler = shutil.which("cc")
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "server.c"), Path(folder, "server")
        source.write_text("#include <sys/socket.h>\n" + SERVER_IN_C, encoding="utf-8")
        built = (
            compiler is not None
            and not subprocess.run(
                [compiler, "-O2", "-w", "-I/usr/include/modbus", str(source), "-lmodbus", "-o", str(program)],
                check=False,
                capture_output=True,
            ).returncode
        )
        if not built:
            yield None
            return
        with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline())
            finally:
                process.terminate()


def spec(port: int) -> ModbusSource:
    return ModbusSource.model_validate({"id": "b", "protocol": "modbus", "endpoint": f"127.0.0.1:{port}"})


async def share(port: int, seconds: float) -> float:
    """Return the part of a core that the source takes for its units at 1 Hz. [1]."""
    points = [
        (unit * REGISTERS + register, f"unit={unit};holding={register}")
        for unit in range(UNITS)
        for register in range(REGISTERS)
    ]
    count, begun, used = 0, 0.0, 0.0
    async with aclosing(open_source(spec(port), points, ScaledClock()).samples()) as batches:
        async for batch in batches:
            count += len(batch)
            if not begun and count >= 2 * len(points):
                begun, used, count = time.perf_counter(), time.process_time(), 0
            if begun and time.perf_counter() - begun > seconds:
                break
    passed = time.perf_counter() - begun
    print(f"    {count / passed:,.0f} registers a second came")
    return (time.process_time() - used) / passed


async def ours(port: int, connections: int, seconds: float) -> Rate:
    request = Request(tuple(Span(1, "holding", register, 1) for register in range(REGISTERS)))
    exchanges = [Exchange(spec(port)) for _ in range(connections)]
    rate = await registers_a_second([partial(each.read, request) for each in exchanges], seconds)
    for exchange in exchanges:
        exchange.close()
    return rate


async def theirs(port: int, connections: int, seconds: float) -> Rate:
    clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for _ in range(connections)]
    for client in clients:
        await client.connect()
    reads = [partial(each.read_holding_registers, 0, count=REGISTERS, device_id=1) for each in clients]
    rate = await registers_a_second(reads, seconds)
    for client in clients:
        client.close()
    return rate


async def registers_a_second(reads: Sequence[Callable[[], Awaitable[object]]], seconds: float) -> Rate:
    end, used = time.perf_counter() + seconds, time.process_time()
    counts = [0] * len(reads)

    async def loop(number: int) -> None:
        while time.perf_counter() < end:
            await reads[number]()
            counts[number] += 1

    await asyncio.gather(*map(loop, range(len(reads))))
    requests = sum(counts)
    return Rate(requests * REGISTERS / seconds, (time.process_time() - used) / requests * 1e6)


def main(seconds: float) -> None:
    loops: dict[str, Callable[[Awaitable[Any]], Any]] = {
        "asyncio": cast("Callable[[Awaitable[Any]], Any]", asyncio.run)
    }
    if importlib.util.find_spec("uvloop"):
        loops["uvloop"] = runner()
    with server_in_python() as port:
        for name, run in loops.items():
            print(f"{name}: {UNITS} x {REGISTERS} registers at 1 Hz")
            print(f"    {run(share(port, seconds)):.2%} of a core")
    with server_in_python() as python, server_in_c() as c:
        servers = {"server in Python": python} | ({} if c is None else {"libmodbus": c})
        for (name, run), (server, port), connections in (
            (loop, each, connections) for each in servers.items() for loop in loops.items() for connections in (1, 10)
        ):
            own, other = run(ours(port, connections, 3.0)), run(theirs(port, connections, 3.0))
            print(
                f"{server}, {name}, {connections} connections: {own.registers:,.0f} registers/s, {own.cost:.0f} us a "
                f"request; pymodbus {other.registers:,.0f}, {other.cost:.0f} us"
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
