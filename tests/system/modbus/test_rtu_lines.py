"""Modbus RTU, over TCP and on serial lines: real servers are read, and a bad line never makes a wrong value."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from adapters.sources.modbus.rtu import checked
from tests.conftest import require
from tests.system.modbus.devices import Asked
from tests.system.modbus.reading import Heard, reading
from tests.system.modbus.rtu_bus import Line, bus

pytestmark = pytest.mark.live

REGISTERS = {unit: [10 * unit + place for place in range(20)] for unit in (1, 2)}
UNITS = [
    SimDevice(unit, simdata=[SimData(0, values=values, datatype=DataType.REGISTERS)])
    for unit, values in REGISTERS.items()
]
ADDRESSES = ["unit=1;holding=3", "unit=2;holding=4", "unit=2;input=5;type=uint32"]
VALUES = [13.0, 24.0, 25.0 * 65536 + 26.0]


async def expect_values(heard: Heard) -> None:
    await heard.rounds(5)
    for point, value in enumerate(VALUES):
        assert set(heard.good(point).value.tolist()) == {value}


async def test_a_gateway_that_passes_on_rtu_is_read_over_tcp() -> None:
    server: Any = ModbusTcpServer(UNITS, framer=FramerType.RTU, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        endpoint = f"127.0.0.1:{server.transport.sockets[0].getsockname()[1]}"
        async with reading(endpoint, ADDRESSES, transport="rtu-over-tcp", timeout="2s") as heard:
            await expect_values(heard)
    finally:
        await server.shutdown()


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Two serial ports that are the ends of one line."""
    socat = require("socat", "apt-get install socat")
    ends = folder / "near", folder / "far"
    terminals = [f"pty,raw,echo=0,link={end}" for end in ends]
    process = await asyncio.create_subprocess_exec(socat, "-dd", *terminals, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(10):
            while process.stderr is not None and b"data transfer loop" not in await process.stderr.readline():
                pass
        yield str(ends[0]), str(ends[1])
    finally:
        process.terminate()
        await process.wait()


async def test_units_on_a_serial_line_are_read(tmp_path: Path) -> None:
    async with pair(tmp_path) as (near, far):
        server: Any = ModbusSerialServer(UNITS, framer=FramerType.RTU, port=far, baudrate=115200)
        await server.serve_forever(background=True)
        try:
            line = {"transport": "serial", "baudrate": 115200, "timeout": "2s"}
            async with reading(near, ADDRESSES, **line) as heard:
                await expect_values(heard)
        finally:
            await server.shutdown()


def noise(_asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, b"\xff\x00\x01\x03"), (0.002, answer), (0.0, b"\x7f")]


def pieces(_asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.004, answer[at : at + 1]) for at in range(len(answer))]


def sometimes(asked: Asked) -> bool:
    return random.Random(asked.number).random() < 0.15


def wrong_bits(asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, answer[:4] + bytes((answer[4] ^ 0x10,)) + answer[5:] if sometimes(asked) else answer)]


def halves(asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, answer[:4] if sometimes(asked) else answer)]


def late(asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.25 if sometimes(asked) else 0.0, answer)]


def others(asked: Asked, answer: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, checked(b"\x09" + answer[1:-2]) if sometimes(asked) else answer)]


@pytest.mark.parametrize("line", [noise, pieces, wrong_bits, halves, late, others], ids=lambda line: line.__name__)
async def test_a_bad_line_costs_time_and_never_makes_a_wrong_value(line: Line) -> None:
    addresses = ["holding=1", "holding=21", "holding=41", "unit=2;holding=61"]
    async with (
        bus(line) as port,
        reading(port, addresses, transport="serial", baudrate=115200, timeout="150ms", max_gap=0) as heard,
    ):
        await heard.rounds(5)
    for point, register in enumerate((1, 21, 41, 61)):
        assert set(heard.good(point).value.tolist()) == {10.0 * register}


async def test_a_dead_unit_of_a_line_takes_its_time_out_now_and_then_and_no_more() -> None:
    async with (
        bus(lambda asked, answer: [] if asked.unit == 2 else [(0.0, answer)]) as port,
        reading(port, ["holding=1", "unit=2;holding=2"], transport="serial", timeout="200ms") as heard,
    ):
        await heard.rounds(30, apart_from=[1])
    assert len(heard.good(1)) == 0
