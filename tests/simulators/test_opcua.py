"""A trace served over OPC UA: at the addresses of the site file, row by row, in the trace's time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import numpy as np
import pytest
from asyncua import Client, ua

from plant import Point, PointTable, Quality, SampleBatch, State
from simulators import Fault, Faults
from simulators.opcua import OpcUaSimulator, serve, stamp, status

pytestmark = pytest.mark.live

S = 1_000_000_000
START = 1_400_000_000 * S
NODES = {0: "ns=2;s=3101.瓦斯.T1", 1: "ns=4;i=7", 2: "ns=2;g=09087e75-8e5e-499b-954f-f2a9603db28a"}


class ClockByHand:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self._time = START
        self._set = asyncio.Event()

    def set(self, time: int) -> None:
        self._time = time
        self._set.set()
        self._set = asyncio.Event()

    def now(self) -> int:
        return self._time

    async def sleep(self, duration: int) -> None:
        until = self._time + duration
        while self._time < until:
            await self._set.wait()


@asynccontextmanager
async def served(
    trace: SampleBatch, clock: ClockByHand, faults: Faults | None = None
) -> AsyncIterator[tuple[OpcUaSimulator, Client]]:
    async with (
        serve("opc.tcp://127.0.0.1:0", NODES, trace, clock, faults=faults) as server,
        Client(server.endpoint) as client,
    ):
        yield server, client


async def read(client: Client, point: int = 0) -> ua.DataValue:
    node = ua.NodeId.from_string(NODES[point])
    (answer,) = await client.uaclient.read_attributes([node], ua.AttributeIds.Value)
    return answer


async def until_value(client: Client, value: float, point: int = 0) -> ua.DataValue:
    deadline = time.monotonic() + 5
    while (answer := await read(client, point)).Value is None or answer.Value.Value != value:
        assert time.monotonic() < deadline, f"not within 5 s: {answer}"
    return answer


async def test_rows_stand_at_their_addresses_from_their_time_on_and_reads_bear_the_clocks_time() -> None:
    clock = ClockByHand()
    trace = SampleBatch.of([0, 1, 2, 0], START + np.array([1, 1, 1, 5]) * S, [1.0, 2.0, 3.0, 4.0])
    async with served(trace, clock) as (_, client):
        waiting = await read(client)
        assert waiting.StatusCode == ua.StatusCode(ua.UInt32(ua.StatusCodes.BadWaitingForInitialData))
        clock.set(START + 3 * S)
        for point, value in enumerate((1.0, 2.0, 3.0)):
            answer = await until_value(client, value, point)
            assert answer.SourceTimestamp == stamp(START + S)
            assert answer.ServerTimestamp == stamp(START + 3 * S)
        clock.set(START + 60 * S)
        assert (await until_value(client, 4.0)).ServerTimestamp == stamp(START + 60 * S)


async def test_the_time_of_a_read_never_passes_a_row_that_is_due_and_not_written() -> None:
    clock = ClockByHand()
    trace = SampleBatch.of([0, 0], START + np.array([0, 5]) * S, [1.0, 2.0])
    async with served(trace, clock) as (server, client):
        await until_value(client, 1.0)
        clock.set(START + 60 * S)
        assert server.now() == START + 5 * S - 1000
        await until_value(client, 2.0)
        assert server.now() == START + 60 * S


async def test_a_frozen_server_answers_on_with_the_time_and_values_of_the_freeze() -> None:
    clock = ClockByHand()
    trace = SampleBatch.of([0, 0], START + np.array([0, 5]) * S, [1.0, 2.0])
    async with served(trace, clock) as (server, client):
        await until_value(client, 1.0)
        clock.set(START + S)
        server.freeze()
        clock.set(START + 60 * S)
        for _ in range(50):  # an answer takes the server round its loop, so a row that is due would be written by now
            frozen = await read(client)
        assert frozen.ServerTimestamp == stamp(START + S)
        assert frozen.Value is not None
        assert frozen.Value.Value == 1.0
        server.resume()
        assert (await until_value(client, 2.0)).ServerTimestamp == stamp(START + 60 * S)


async def test_the_time_of_a_point_whose_rows_a_fault_keeps_back_stands_still() -> None:
    clock = ClockByHand()
    trace = SampleBatch.of([0, 1] * 3, np.repeat(START + np.array([0, 5, 10]) * S, 2), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0])
    point = {"hazard_source": "gas", "name": "瓦斯", "source": "s", "address": NODES[0]}
    points = PointTable([Point.model_validate(point | {"id": "T1"})])
    faults = Faults.of([Fault.parse("T1 drop 4s..8s")], points, ["s"], origin=START)
    async with served(trace, clock, faults) as (_, client):
        await until_value(client, 1.0)
        clock.set(START + 7 * S)
        await until_value(client, 2.0, point=1)
        dropped = await read(client)
        assert dropped.Value is not None
        assert dropped.Value.Value == 1.0
        assert dropped.ServerTimestamp is not None
        assert dropped.ServerTimestamp < stamp(START + 5 * S)
        clock.set(START + 12 * S)
        assert (await until_value(client, 3.0)).ServerTimestamp == stamp(START + 12 * S)


async def test_a_dropped_link_refuses_and_a_restored_one_serves_the_rows_of_the_meantime() -> None:
    clock = ClockByHand()
    trace = SampleBatch.of([0, 0], START + np.array([0, 5]) * S, [1.0, 2.0])
    async with serve("opc.tcp://127.0.0.1:0", NODES, trace, clock) as server:
        endpoint = server.endpoint
        await server.drop_link()
        with pytest.raises(OSError, match="onnect"):
            await Client(endpoint).connect()
        clock.set(START + 6 * S)
        await server.restore_link()
        await server.restore_link()
        assert server.endpoint == endpoint
        async with Client(endpoint) as client:
            await until_value(client, 2.0)


@pytest.mark.parametrize(
    ("quality", "state", "code"),
    [
        (Quality.GOOD, 0, ua.StatusCodes.Good),
        (Quality.UNCERTAIN, 0, ua.StatusCodes.Uncertain),
        (Quality.BAD, 0, ua.StatusCodes.Bad),
        (Quality.BAD, State.SENSOR_FAULT, ua.StatusCodes.BadSensorFailure),
        (Quality.GOOD, State.CALIBRATING | State.ALARM, ua.StatusCodes.UncertainTransducerInManual),
        (Quality.GOOD, State.ALARM, ua.StatusCodes.Good),
    ],
)
def test_quality_and_the_gravest_state_give_the_status_code(quality: Quality, state: int, code: int) -> None:
    assert status(quality, state) == code


def test_a_time_is_served_to_the_microsecond() -> None:
    assert stamp(START + 1_234_567) == stamp(START) + timedelta(microseconds=1234)
    assert isinstance(stamp(START), datetime)
