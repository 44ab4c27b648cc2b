"""The Modbus source against the simulator's real server."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from itertools import product

import numpy as np
import pytest

from adapters.sources.modbus import ModbusSource, open_source
from adapters.sources.modbus.source import ModbusReader
from hazwatch.live.clock import ScaledClock
from plant import Quality, SampleBatch, State
from plant.modbus_address import ModbusAddress, Table
from plant.units import SECOND
from simulators.modbus import ModbusSimulator, Trouble, serve
from simulators.modbus_memory import Holes

pytestmark = pytest.mark.live

START = 1_700_000_000_000_000_000
HOLDING: tuple[Table] = ("holding",)
BOUND = 60.0
"""How long a test waits for what must come, so that it fails in the end. [s]"""


class Plant:
    """A simulator, and the batches of a source that reads it."""

    def __init__(
        self, simulator: ModbusSimulator, source: ModbusReader, batches: AsyncIterator[SampleBatch], points: int
    ) -> None:
        self.points = points
        self.simulator = simulator
        self.source = source
        self.batches = batches

    async def next(self) -> SampleBatch:
        return await round_of(self.batches, self.points)

    async def until(self, wanted: Callable[[SampleBatch], bool]) -> SampleBatch:
        return await until(self.batches, self.points, wanted)


async def round_of(batches: AsyncIterator[SampleBatch], points: int) -> SampleBatch:
    """Return the next sample of every point, in the order of the points; each unit has a batch of its own."""
    heard = SampleBatch.of([], [], [])
    while len(set(heard.point.tolist())) < points:
        heard = SampleBatch.concatenate([heard, await anext(batches)])
    last = {point: row for row, point in enumerate(heard.point.tolist())}
    return heard.take(np.array([last[point] for point in sorted(last)]))


async def until(batches: AsyncIterator[SampleBatch], points: int, wanted: Callable[[SampleBatch], bool]) -> SampleBatch:
    """Return the first round that is as wanted; TimeoutError where none comes."""
    async with asyncio.timeout(BOUND):
        while not wanted(samples := await round_of(batches, points)):
            pass
    return samples


def good(batch: SampleBatch) -> bool:
    return bool((batch.quality == Quality.GOOD).all())


def bad(batch: SampleBatch) -> bool:
    return bool((batch.quality == Quality.BAD).all())


@asynccontextmanager
async def plant(
    addresses: Iterable[str],
    values: Iterable[float],
    *,
    rate: float = 1.0,
    holes: Holes = "zero",
    **settings: object,
) -> AsyncIterator[Plant]:
    """Serve one row per point, and poll it 50 times a second.

    The time-out of 2 s is long for a server in the same process, so that a busy machine makes no unit silent.
    """
    texts = list(addresses)
    clock = ScaledClock(rate, origin=START)
    points = {column: ModbusAddress.parse(text) for column, text in enumerate(texts)}
    trace = SampleBatch.of(np.arange(len(texts)), START, list(values))
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(serve("127.0.0.1", 0, points, trace, clock, holes=holes))
        table = {"id": "kj", "protocol": "modbus", "endpoint": simulator.endpoint, "poll": "20ms", "timeout": "2s"}
        source = open_source(ModbusSource.model_validate(table | settings), list(enumerate(texts)), clock)
        batches = await stack.enter_async_context(aclosing(source.samples()))
        yield Plant(simulator, source, batches, len(texts))


async def test_every_encoding_and_order_comes_back_as_it_was_served() -> None:
    encodings = {"int16": -7.0, "uint16": 40000.0, "int32": -123456.0, "uint32": 3e9, "float32": 1.25, "float64": 0.1}
    texts, values, at = [], [], 0
    for table, unit, (encoding, value), order in product(
        ("holding", "input"), (1, 7), encodings.items(), ("ABCD", "CDAB", "BADC", "DCBA")
    ):
        texts.append(f"unit={unit};{table}={at};type={encoding};order={order}")
        values.append(value)
        at += 4
    texts += ["coil=3", "coil=20", "unit=7;discrete=0", "unit=7;discrete=1"]
    values += [1.0, 0.0, 0.0, 1.0]
    async with plant(texts, values) as running:
        batch = await running.next()
    assert batch.value.tolist() == values
    assert good(batch)
    assert batch.point.tolist() == list(range(len(texts)))
    assert not batch.backfilled.any()
    assert (batch.time >= START).all()


async def test_a_scaled_register_gives_the_decimal_that_is_meant() -> None:
    async with plant(["holding=0;scale=0.01", "holding=1;type=int16;scale=0.1;offset=-50"], [1.04, 37.3]) as running:
        batch = await running.next()
    assert batch.value.tolist() == [1.04, 37.3]


async def test_a_clock_at_600_times_real_time_is_kept_up_with() -> None:
    async with plant(["holding=0"], [5.0], rate=600.0, poll="20ms") as running:
        for _ in range(20):
            assert good(await running.next())
        assert running.source.missed > 20


async def test_the_status_word_is_the_state_and_doubt_is_told_by_it() -> None:
    texts = ["holding=0;scale=0.01;status=holding:100", "input=0;type=float32;status=input:2", "holding=1"]
    clock = ScaledClock(origin=START)
    points = {column: ModbusAddress.parse(text) for column, text in enumerate(texts)}
    trace = SampleBatch.of([0, 1], START, [1.5, np.nan], quality=[0, 2], state=[5, 0])
    async with serve("127.0.0.1", 0, points, trace, clock) as simulator:
        table = {"id": "kj", "protocol": "modbus", "endpoint": simulator.endpoint, "poll": "20ms", "timeout": "2s"}
        async with aclosing(
            open_source(ModbusSource.model_validate(table), list(enumerate(texts)), clock).samples()
        ) as batches:
            batch = await round_of(batches, 3)
    assert batch.state.tolist() == [State.ALARM | State.CALIBRATING, State.SENSOR_FAULT, 0]
    assert batch.quality.tolist() == [Quality.GOOD, Quality.BAD, Quality.BAD]
    assert batch.value[0] == 1.5
    assert np.isnan(batch.value[1:]).all()


async def test_an_illegal_address_costs_its_own_point_alone_and_the_split_is_remembered() -> None:
    texts = [f"holding={register}" for register in range(20)]
    async with plant(texts, [np.nan if register == 13 else 1.0 for register in range(20)]) as running:
        batch = await running.next()
        assert np.flatnonzero(batch.quality).tolist() == [13]
        requests = list(running.source._units[0].requests)
        assert 2 < len(requests) < 10
        await running.next()
        assert list(running.source._units[0].requests) == requests


async def test_a_cut_is_undone_when_the_whole_is_answered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sources.modbus.unit.FIRST_CUT", 0.05)
    clock = ScaledClock(600.0, origin=START)
    points = {column: ModbusAddress.parse(f"holding={column}") for column in range(8)}
    trace = SampleBatch.of([*range(8), 5], [START] * 8 + [START + 60 * SECOND], [*[1.0] * 5, np.nan, 1.0, 1.0, 1.0])
    async with serve("127.0.0.1", 0, points, trace, clock) as simulator:
        spec = ModbusSource.model_validate(
            {"id": "kj", "protocol": "modbus", "endpoint": simulator.endpoint, "poll": "1s", "timeout": "2s"}
        )
        source = ModbusReader(spec, points, clock)
        async with aclosing(source.samples()) as batches:
            assert np.flatnonzero((await round_of(batches, 8)).quality).tolist() == [5]
            assert len(source._units[0].requests) > 1
            await until(batches, 8, lambda batch: good(batch) and len(source._units[0].requests) == 1)


async def test_addresses_that_a_request_bridged_and_the_device_has_not_are_left_out() -> None:
    async with plant(["holding=0", "holding=5", "coil=0", "coil=9"], [1.0, 2.0, 1.0, 1.0], holes="refused") as running:
        batch = await running.next()
        assert batch.value.tolist() == [1.0, 2.0, 1.0, 1.0]


async def test_an_exception_makes_the_points_of_its_unit_bad_and_no_others(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapters")
    async with plant(["unit=1;holding=0", "unit=2;holding=0"], [1.0, 2.0]) as running:
        running.simulator.trouble(2, "exception")
        for _ in range(5):
            assert (await running.next()).quality.tolist() == [Quality.GOOD, Quality.BAD]
        running.simulator.trouble(2, None)
        await running.until(good)
    assert [record.message.split(" source")[0] for record in caplog.records] == [
        "lost unit 2 holding 0..0",
        "back unit 2 holding 0..0",
    ]
    assert "exception 4" in caplog.records[0].message


@pytest.mark.parametrize("trouble", ["short", "garbage"])
async def test_an_answer_of_the_wrong_length_is_bad_and_the_connection_goes_on(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with plant(["holding=0;type=float32", "coil=0", "unit=2;input=0"], [1.0, 1.0, 3.0]) as running:
        assert good(await running.next())
        running.simulator.trouble(1, trouble)
        for _ in range(5):
            assert (await running.next()).quality.tolist() == [Quality.BAD, Quality.BAD, Quality.GOOD]
        running.simulator.trouble(1, None)
        await running.until(good)
    assert len(caplog.records) == 2


async def test_a_silent_unit_does_not_starve_the_others() -> None:
    texts = [f"unit={unit};holding=0" for unit in range(1, 5)]
    async with plant(texts, [1.0] * 4) as running:
        assert good(await running.next())
        running.simulator.trouble(1, "silent")
        batches = [await running.next() for _ in range(20)]
        assert all(batch.quality.tolist() == [Quality.BAD, 0, 0, 0] for batch in batches)
        spread = (batches[-1].time[1] - batches[1].time[1]) / SECOND
        assert spread < 18 * 2.0 / 2, "the other units wait for the silent one at half of the polls"
        running.simulator.trouble(1, None)
        await running.until(good)


async def test_dead_units_that_are_tried_again_never_cost_the_others_a_sample() -> None:
    texts = [f"unit={unit};holding=0" for unit in range(1, 5)]
    async with plant(texts, [1.0] * 4, timeout="500ms") as running:
        running.simulator.trouble(1, "silent")
        running.simulator.trouble(2, "silent")
        await running.until(lambda batch: not batch.quality[2:].any())
        polls, missed = running.source.polls, running.source.missed
        while running.source.polls < polls + 200:
            assert (await running.next()).quality.tolist() == [Quality.BAD, Quality.BAD, 0, 0]
        # A new attempt waits for its time-out, 25 polls: if the polls waited, too, half of them would be missed.
        assert running.source.missed - missed < 50


async def test_a_request_that_is_not_answered_costs_its_own_points_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapters")
    async with plant(["holding=0", "input=0", "discrete=0"], [1.0, 2.0, 1.0], timeout="500ms") as running:
        running.simulator.trouble(1, "silent", tables=HOLDING)
        await running.until(lambda batch: not batch.quality[1:].any())
        polls, missed = running.source.polls, running.source.missed
        while running.source.polls < polls + 200:
            assert (await running.next()).quality.tolist() == [Quality.BAD, 0, 0]
        # Each poll that waited for the silent request would miss several others; a busy machine may miss some as well.
        assert running.source.missed - missed < 100
        running.simulator.trouble(1, None)
        await running.until(good)
    lines = [record.message.split(" source")[0] for record in caplog.records]
    of_unit = [line for line in lines if line.startswith(("lost unit", "back unit"))]
    assert of_unit[-2:] == ["lost unit 1 holding 0..0", "back unit 1 holding 0..0"]
    assert len(of_unit) <= 4


async def test_two_silent_units_before_any_that_answers_do_not_hide_it() -> None:
    texts = [f"unit={unit};holding=0" for unit in range(1, 4)]
    async with plant(texts, [1.0] * 3) as running:
        running.simulator.trouble(1, "silent")
        running.simulator.trouble(2, "silent")
        await running.until(lambda batch: batch.quality.tolist() == [Quality.BAD, Quality.BAD, Quality.GOOD])


async def test_a_lost_link_is_bad_samples_and_the_source_finds_the_server_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "adapters")
    async with plant(["holding=0", "unit=2;input=0;type=float64"], [1.0, 2.0]) as running:
        assert good(await running.next())
        await running.simulator.drop_link()
        await running.until(bad)
        await running.simulator.restore_link()
        batch = await running.until(good)
        assert batch.value.tolist() == [1.0, 2.0]
    assert [record.message.split(" source")[0] for record in caplog.records] == ["lost link", "back link"]


async def test_a_server_that_is_black_holed_is_bad_and_found_again() -> None:
    async with plant(["holding=0", "unit=2;holding=0"], [1.0, 2.0]) as running:
        assert good(await running.next())
        running.simulator.trouble(1, "silent")
        running.simulator.trouble(2, "silent")
        await running.until(bad)
        running.simulator.trouble(1, None)
        running.simulator.trouble(2, None)
        await running.until(good)


async def test_a_device_that_is_not_there_is_bad_once_and_then_silent_until_it_is_back() -> None:
    async with plant(["holding=0"], [1.0]) as running:
        await running.simulator.drop_link()
        batch = await running.next()
        assert bad(batch)
        assert np.isnan(batch.value).all()
        await running.simulator.restore_link()
        assert not bad(await running.next())


async def test_a_frozen_server_answers_on_and_catches_up() -> None:
    clock = ScaledClock(600.0, origin=START)
    point = {4: ModbusAddress.parse("holding=0")}
    trace = SampleBatch.of([4, 4], [START, START + 30 * SECOND], [1.0, 2.0])
    async with serve("127.0.0.1", 0, point, trace, clock) as simulator:
        simulator.freeze()
        table = {"id": "kj", "protocol": "modbus", "endpoint": simulator.endpoint, "poll": "10s", "timeout": "2s"}
        async with aclosing(
            open_source(ModbusSource.model_validate(table), [(4, "holding=0")], clock).samples()
        ) as batches:
            await until(batches, 1, lambda batch: bool(batch.time[0] > START + 90 * SECOND))
            assert (await anext(batches)).value.tolist() == [1.0]
            simulator.resume()
            batch = await until(batches, 1, lambda batch: bool(batch.value[0] == 2.0))
            assert batch.point.tolist() == [4]


async def test_cancellation_closes_the_socket() -> None:
    async with plant(["holding=0"], [1.0]) as running:
        reached = asyncio.Event()

        def third(_: SampleBatch) -> bool:
            if running.source.polls == 3:
                reached.set()
            return False

        task = asyncio.create_task(running.until(third))
        await reached.wait()
        assert len(running.simulator._server.active_connections) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert running.source._polling._link is None


async def test_cancellation_at_the_moment_of_an_answer_is_heeded() -> None:
    async with plant(["holding=0"], [1.0], poll="1us") as running:
        for steps in range(40):
            await running.next()
            task = asyncio.create_task(running.until(lambda _: False))
            async with asyncio.timeout(BOUND):
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
            assert task.cancelled()
            running.batches = running.source.samples()
