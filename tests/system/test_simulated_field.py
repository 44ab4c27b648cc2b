"""The simulated field: every source at its address, and links that are cut on request."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from hazwatch.assemble import open_sources
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.simulated_field import FieldError, served, simulate
from hazwatch.site.config import Config, load
from plant import Quality, SampleBatch
from plant.units import SECOND
from simulators import Fault, Faults
from tests import sites
from tests.ports import free_port
from tests.system.live_engine import HeldClock

pytestmark = pytest.mark.live


def site(opcua: int, modbus: int) -> str:
    return sites.text(
        sites.HEAD,
        sites.opcua(opcua, publishing="50ms"),
        sites.modbus(modbus, poll="1s"),
        sites.point("T1", source="ua", address="ns=2;s=T1"),
        sites.point("W1", name="风速", source="mb", address="unit=1;holding=0;type=float32"),
    )


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "site.toml").write_text(site(free_port(), free_port()), encoding="utf-8")
    return load(tmp_path / "site.toml")


def trace(begin: int, seconds: int = 600) -> SampleBatch:
    time = begin + np.repeat(np.arange(seconds, dtype=np.int64), 2) * SECOND
    return SampleBatch.of(np.tile([0, 1], seconds), time, np.tile([0.5, 2.0], seconds) + np.arange(2 * seconds) % 7)


@pytest.mark.parametrize("source", ["ua", "mb"])
async def test_a_lost_link_is_cut_and_restored_when_the_fault_says(config: Config, source: str, tmp_path: Path) -> None:
    clock = HeldClock(20)
    begin = clock.now()
    fault = Fault.parse(f"{source} lost_link 100s..160s")
    faults = Faults.of([fault], config.points, ["ua", "mb"], origin=begin)
    field = asyncio.create_task(simulate(config, trace(begin), clock, faults))
    reader = next(reader for reader in open_sources(config, clock, DataFolder(tmp_path)) if reader.name == source)
    column = config.points_of(source)[0][0]
    good = list[float]()
    try:
        async with aclosing(reader.samples()) as batches:
            async for batch in batches:
                assert set(batch.point.tolist()) == {column}
                good += ((batch.time[batch.quality == Quality.GOOD] - begin) / SECOND).tolist()
                if good:
                    clock.go()  # not before the link is made, however long that takes
                if good and good[-1] > 170:
                    break
    finally:
        field.cancel()
        await asyncio.wait([field])
    assert not any(105 < second < 155 for second in good)


async def test_an_address_that_is_taken_is_said(config: Config) -> None:
    clock = ScaledClock()
    begin = clock.now()
    faults = Faults.of([], config.points, ["ua", "mb"], origin=begin)
    async with served(config, trace(begin, 2), clock, faults) as servers:
        assert set(servers) == {"ua", "mb"}
        with pytest.raises(FieldError, match="ua"):
            async with served(config, trace(begin, 2), clock, faults):
                pass


@pytest.mark.parametrize("transport", ["rtu-over-tcp", "serial"])
async def test_a_transport_without_simulator_is_refused_by_name(tmp_path: Path, transport: str) -> None:
    endpoint = "/dev/ttyS0" if transport == "serial" else "127.0.0.1:1502"
    head = f'[[source]]\nid = "mb"\nprotocol = "modbus"\ntransport = "{transport}"\nendpoint = "{endpoint}"\n'
    text = sites.text(sites.HEAD, head, sites.point("W1", source="mb", address="holding=0"))
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    config, clock = load(tmp_path / "site.toml"), ScaledClock()
    faults = Faults.of([], config.points, ["mb"], origin=clock.now())
    with pytest.raises(FieldError, match=transport):
        async with served(config, trace(clock.now(), 2).take(slice(0, 1)), clock, faults):
            pass
