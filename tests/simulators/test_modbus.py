"""The Modbus simulator, seen by pymodbus's own client."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient

from plant import Quality, SampleBatch, State
from plant.modbus_address import ModbusAddress
from plant.units import SECOND
from simulators.modbus import SampleFaults, serve
from simulators.modbus_memory import Holes

pytestmark = pytest.mark.live

START = 1_700_000_000_000_000_000


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> int:
        return self.time

    async def sleep(self, duration: int) -> None:
        self.time += duration


class Bench:
    """A server, a client, and the clock of both."""

    def __init__(self, client: AsyncModbusTcpClient, clock: HandClock) -> None:
        self.client = client
        self.clock = clock

    async def holding(self, register: int, count: int = 1, unit: int = 1) -> list[int] | int:
        """Registers, or the exception code."""
        answer = await self.client.read_holding_registers(register, count=count, device_id=unit)
        return answer.exception_code if answer.isError() else list(answer.registers)

    async def coils(self, bit: int, count: int = 1) -> list[bool] | int:
        answer = await self.client.read_coils(bit, count=count, device_id=1)
        return answer.exception_code if answer.isError() else list(answer.bits[:count])


@asynccontextmanager
async def bench(
    addresses: Mapping[int, str], trace: SampleBatch, *, faults: SampleFaults | None = None, holes: Holes = "zero"
) -> AsyncIterator[Bench]:
    clock = HandClock()
    points = {column: ModbusAddress.parse(text) for column, text in addresses.items()}
    async with serve("127.0.0.1", 0, points, trace, clock, faults=faults, holes=holes) as simulator:
        client = AsyncModbusTcpClient("127.0.0.1", port=simulator.port, timeout=1, retries=0, reconnect_delay=0)
        assert await client.connect()
        try:
            yield Bench(client, clock)
        finally:
            client.close()


def rows(*given: tuple[int, float, float], **columns: object) -> SampleBatch:
    point, seconds, value = zip(*given, strict=True)
    return SampleBatch.of(point, [START + int(second * SECOND) for second in seconds], value, **columns)


async def test_values_change_as_the_clock_passes_their_times() -> None:
    async with bench({3: "holding=0;scale=0.01"}, rows((3, 2, 1.07), (3, 1, 1.04), (9, 1, 5.0))) as running:
        assert await running.holding(0) == 2
        running.clock.time = START + SECOND - 1
        assert await running.holding(0) == 2
        running.clock.time = START + SECOND
        assert await running.holding(0) == [104]
        running.clock.time = START + 5 * SECOND
        assert await running.holding(0) == [107]


async def test_a_row_with_an_arrival_is_served_from_its_arrival_on() -> None:
    async with bench({0: "holding=0"}, rows((0, 0, 7.0), arrival=START + SECOND)) as running:
        assert await running.holding(0) == 2
        running.clock.time += SECOND
        assert await running.holding(0) == [7]


async def test_before_its_first_row_a_point_gives_no_number() -> None:
    texts = {0: "holding=0", 1: "holding=10;type=float32", 2: "holding=20;status=holding:21", 3: "coil=0"}
    async with bench(texts, rows((0, 9, 1.0))) as running:
        assert await running.holding(0) == 2
        assert await running.holding(10, 2) == [0x7FC0, 0]
        assert await running.holding(20, 2) == [0, State.NOT_SCANNED]
        assert await running.coils(0) == 2


async def test_a_bad_sample_is_told_by_the_status_word_and_the_number_stays() -> None:
    trace = rows((0, 0, 5.0), (0, 1, np.nan), (0, 2, 6.0), quality=[0, Quality.BAD, 0], state=[0, 0, State.CALIBRATING])
    async with bench({0: "holding=0;status=holding:1"}, trace) as running:
        assert await running.holding(0, 2) == [5, 0]
        running.clock.time += SECOND
        assert await running.holding(0, 2) == [5, State.SENSOR_FAULT]
        running.clock.time += SECOND
        assert await running.holding(0, 2) == [6, State.CALIBRATING]


async def test_doubt_without_a_status_word_is_nan_or_a_refusal_and_ends_with_the_next_good_sample() -> None:
    texts = {0: "holding=0", 1: "holding=1;type=float32", 2: "coil=0", 3: "coil=1"}
    first = [(point, 0.0, 1.0) for point in texts]
    doubt = [(0, 1.0, np.nan), (1, 1.0, 3.0), (2, 1.0, 1.0)]
    again = [(point, 2.0, 1.0) for point in texts]
    quality = [0] * 4 + [0, Quality.BAD, Quality.BAD] + [0] * 4
    async with bench(texts, rows(*first, *doubt, *again, quality=quality)) as running:
        assert await running.holding(0, 3) == [1, 0x3F80, 0]
        running.clock.time += SECOND
        assert await running.holding(0) == 2
        assert await running.holding(1, 2) == [0x7FC0, 0]
        assert await running.coils(0, 2) == 2
        assert await running.coils(1) == [True]
        running.clock.time += SECOND
        assert await running.holding(0, 3) == [1, 0x3F80, 0]
        assert await running.coils(0, 2) == [True, True]


@pytest.mark.parametrize(
    ("address", "value", "registers"),
    [
        ("holding=0;type=int16", -1.0, [0xFFFF]),
        ("holding=0;type=int16;order=DCBA", -2.0, [0xFEFF]),
        ("holding=0", 1e9, [0xFFFF]),
        ("holding=0", -3.0, [0]),
        ("holding=0;scale=0.1;offset=-50", 37.34, [873]),
        ("holding=0;type=int32;order=CDAB", -123456.0, [0x1DC0, 0xFFFE]),
        ("holding=0;type=float32;order=BADC", 1.25, [0xA03F, 0]),
        ("holding=0;type=bcd16", 1234.0, [0x1234]),
        ("holding=0;type=bcd32;order=CDAB", 12345678.0, [0x5678, 0x1234]),
        ("holding=0;type=int64;order=DCBA", -2.0, [0xFEFF, 0xFFFF, 0xFFFF, 0xFFFF]),
        ("holding=0;type=uint64", 5.0, [0, 0, 0, 5]),
        ("holding=0;type=int16;bad=-32768", np.nan, [0x8000]),
        ("holding=0;type=float64;order=DCBA", 0.1, [0x9A99, 0x9999, 0x9999, 0xB93F]),
    ],
)
async def test_a_value_goes_to_the_nearest_number_that_its_encoding_holds(
    address: str, value: float, registers: list[int]
) -> None:
    async with bench({0: address}, rows((0, 0, value))) as running:
        assert await running.holding(0, len(registers)) == registers


async def test_addresses_and_units_that_are_not_there_are_refused() -> None:
    texts = {0: "holding=1", 1: "holding=5", 2: "unit=2;holding=0"}
    async with bench(texts, rows((0, 0, 1.0), (1, 0, 2.0))) as running:
        assert await running.holding(1, 5) == [1, 0, 0, 0, 2]
        assert await running.holding(0) == await running.holding(6) == 2
        assert await running.holding(65535) == 2
        assert await running.coils(0) == 2
        assert await running.holding(0, unit=7) == 11


async def test_holes_are_refused_by_a_device_that_does_so() -> None:
    texts = {0: "holding=1", 1: "holding=5"}
    async with bench(texts, rows((0, 0, 1.0), (1, 0, 2.0)), holes="refused") as running:
        assert await running.holding(5) == [2]
        assert await running.holding(1, 5) == 2


async def test_writing_is_refused() -> None:
    async with bench({0: "holding=0"}, rows((0, 0, 1.0))) as running:
        assert (await running.client.write_register(0, 5, device_id=1)).isError()
        assert await running.holding(0) == [1]


class Doubled:
    def apply(self, batch: SampleBatch) -> SampleBatch:
        return SampleBatch.of(batch.point, batch.time, batch.value * 2)


async def test_faults_act_on_the_rows_as_they_are_served() -> None:
    async with bench({0: "holding=0"}, rows((0, 0, 21.0)), faults=Doubled()) as running:
        assert await running.holding(0) == [42]


async def test_a_port_that_is_taken_is_an_os_error_that_names_it() -> None:
    points = {0: ModbusAddress.parse("holding=0")}
    async with serve("127.0.0.1", 0, points, rows((0, 0, 1.0)), HandClock()) as simulator:
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{simulator.port}"):
            async with serve("127.0.0.1", simulator.port, points, rows((0, 0, 1.0)), HandClock()):
                pass


@pytest.mark.parametrize("texts", [("holding=0;type=string;length=2",), ("holding=0;bit=3",), ("holding=0",) * 2])
async def test_an_address_that_it_would_serve_wrongly_is_refused_by_name(texts: tuple[str, ...]) -> None:
    points = {column: ModbusAddress.parse(text) for column, text in enumerate(texts)}
    with pytest.raises(ValueError, match="unit=1;holding=0"):
        async with serve("127.0.0.1", 0, points, rows((0, 0, 1.0)), HandClock()):
            pass
