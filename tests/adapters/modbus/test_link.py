"""One connection to devices that are bare sockets and say what a test wants."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.frames import LinkLostError, ModbusRefusedError, SilentError
from adapters.sources.modbus.link import ModbusLink, framing_of
from adapters.sources.modbus.plan import Request, Span

ONE = Request((Span(1, "holding", 0, 1),))
Answer = Callable[[bytes], bytes | None]


def link_to(port: int, **settings: object) -> ModbusLink:
    table = {"id": "kj", "protocol": "modbus", "endpoint": f"127.0.0.1:{port}", "timeout": "200ms"}
    spec = ModbusSource.model_validate(table | settings)
    return ModbusLink(spec, framing_of(spec))


@asynccontextmanager
async def device(answer: Answer) -> AsyncIterator[ModbusLink]:
    """A link to a device that maps each request to bytes; None closes the connection."""

    hung_up = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (said := await reader.read(260)) and (answered := answer(said)) is not None:
            writer.write(answered)
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    link = link_to(server.sockets[0].getsockname()[1])
    try:
        assert await link.open()
        yield link
    finally:
        link.close()
        server.close()
        await hung_up.wait()


def reply(request: bytes, body: bytes, *, transaction: bytes | None = None) -> bytes:
    return (transaction or request[:2]) + b"\0\0" + (len(body) + 1).to_bytes(2, "big") + request[6:7] + body


async def test_a_right_answer_is_its_registers() -> None:
    async with device(lambda said: reply(said, b"\x03\x02\x01\x04")) as link:
        assert (await link.read(ONE)).tolist() == [0x104]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\x03\x04\x01\x04\x00\x00", id="more registers"),
        pytest.param(b"\x03\x00", id="no registers"),
        pytest.param(b"\x04\x02\x01\x04", id="another function"),
        pytest.param(b"\x03\x02\x01", id="byte count beyond the frame"),
        pytest.param(b"\x03\x02\x01\x04\x05", id="byte count within the frame"),
        pytest.param(b"\x03", id="function alone"),
        pytest.param(b"\x83", id="exception without a code"),
        pytest.param(b"\x42\x00", id="unknown function"),
        pytest.param(b"\x83\x04", id="exception"),
    ],
)
async def test_a_wrong_answer_is_refused_and_the_connection_stays(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "adapters")
    async with device(lambda said: reply(said, body)) as link:
        for _ in range(3):
            with pytest.raises(ModbusRefusedError):
                await link.read(ONE)
        assert link.connected
    assert not caplog.records


async def test_an_answer_to_another_request_is_silence() -> None:
    async with device(lambda said: reply(said, b"\x03\x02\x01\x04", transaction=b"\x77\x77")) as link:
        with pytest.raises(SilentError):
            await link.read(ONE)


async def test_a_late_answer_that_cannot_be_told_from_the_next_is_not_believed() -> None:
    said_before: list[bytes] = []

    def late(said: bytes) -> bytes:
        said_before.append(said)
        return b"" if len(said_before) == 1 else reply(said, b"\x03\x02\x01\x04", transaction=b"\0\0")

    async with device(late) as link:
        with pytest.raises(SilentError):
            await link.read(ONE)
        with pytest.raises(LinkLostError):
            await link.read(ONE)
        assert not link.connected


@pytest.mark.parametrize(
    ("unit", "body"),
    [
        pytest.param(b"\x01", b"\x03\x04\x01\x04\x00\x00", id="another length"),
        pytest.param(b"\x01", b"\x04\x02\x01\x04", id="another function"),
    ],
)
async def test_an_answer_without_transaction_id_that_does_not_fit_ends_the_link(unit: bytes, body: bytes) -> None:
    # The right answer may still be on its way, and would be taken for the next one.
    async with device(lambda said: reply(said[:6] + unit, body, transaction=b"\0\0")) as link:
        with pytest.raises(LinkLostError, match="does not fit"):
            await link.read(ONE)
        assert not link.connected


async def test_an_answer_of_another_unit_without_transaction_id_is_never_believed() -> None:
    broadcast = Request((Span(0, "holding", 0, 1),))
    async with device(lambda said: reply(said[:6] + b"\x02", b"\x03\x02\x01\x04", transaction=b"\0\0")) as link:
        with pytest.raises((LinkLostError, SilentError)):
            await link.read(broadcast)


async def test_after_an_answer_that_nobody_asked_for_none_without_transaction_id_is_believed() -> None:
    writers: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while said := await reader.read(260):
            writer.write(reply(said, b"\x03\x02\x01\x04", transaction=b"\0\0"))
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    link = link_to(server.sockets[0].getsockname()[1])
    assert await link.open()
    assert (await link.read(ONE)).tolist() == [0x104]
    writers[0].write(b"\0\0\0\0\0\5\1\3\2\7\7")
    for _ in range(3):  # the loop sees what has arrived
        await asyncio.sleep(0)
    with pytest.raises(LinkLostError, match="nobody asked for"):
        await link.read(ONE)
    assert not link.connected
    server.close()
    await writers[0].wait_closed()


async def test_a_device_that_never_sends_transaction_ids_is_read() -> None:
    async with device(lambda said: reply(said, b"\x03\x02\x01\x04", transaction=b"\0\0")) as link:
        for _ in range(5):
            assert (await link.read(ONE)).tolist() == [0x104]


async def test_a_device_that_hangs_up_is_a_lost_link() -> None:
    async with device(lambda _: None) as link:
        with pytest.raises(LinkLostError):
            await link.read(ONE)
        with pytest.raises(LinkLostError):
            await link.read(ONE)


async def test_a_gateway_that_reports_a_dead_unit_is_silence() -> None:
    async with device(lambda said: reply(said, b"\x83\x0b")) as link:
        with pytest.raises(SilentError):
            await link.read(ONE)
