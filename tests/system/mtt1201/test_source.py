"""The source of a folder, live: files of the simulator, a folder that vanishes, a restart."""

import asyncio
import logging
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from adapters.sources import Installation
from adapters.sources.mtt1201 import open_source
from adapters.sources.mtt1201.source import MttFolder
from hazwatch.live.clock import ScaledClock, wall
from plant import Quality, SampleBatch
from plant.address import RecordAddress
from plant.units import SECOND
from simulators.mtt1201 import serve
from tests.adapters.mtt1201.folders import MINE, spec_of

pytestmark = pytest.mark.live

START = 1_777_593_600 * SECOND
BOUND = 30.0
T1 = "type=CDSS;code=MN1;unit=%"


def source_of(folder: Path, clock: ScaledClock, memory: Path) -> MttFolder:
    return open_source(spec_of(folder), [(0, T1)], clock, Installation(memory, wall, memory))


def trace(seconds: int) -> SampleBatch:
    numbers = np.arange(seconds)
    return SampleBatch.of(np.zeros(seconds), START + numbers * SECOND, numbers / 10)


async def test_what_the_simulator_writes_is_read_once_also_after_a_restart(tmp_path: Path) -> None:
    folder, memory = tmp_path / "files", tmp_path / "memory"
    folder.mkdir()
    clock = ScaledClock(rate=10.0, origin=START)
    heard: list[SampleBatch] = []
    async with asyncio.timeout(BOUND), serve(folder, MINE, {0: RecordAddress.parse(T1)}, trace(20), clock):
        async with aclosing(source_of(folder, clock, memory).samples()) as batches:
            while sum(map(len, heard)) < 8:
                heard.append(await anext(batches))
        second = source_of(folder, clock, memory)
        known = SampleBatch.concatenate(heard)
        second.resume(known.take(slice(len(known) - 1, None)), 1.0)
        async with aclosing(second.samples()) as batches:
            while sum(map(len, heard)) < 20:
                heard.append(await anext(batches))
    samples = SampleBatch.concatenate(heard)
    assert samples.value.tolist() == trace(20).value.tolist()
    assert samples.time.tolist() == trace(20).time.tolist()
    assert not samples.backfilled.any()


async def test_a_folder_that_vanishes_is_bad_once_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "adapters.sources.mtt1201")
    folder = tmp_path / "files"
    clock = ScaledClock(origin=START + 30 * SECOND)
    source = source_of(folder, clock, tmp_path / "memory")
    async with asyncio.timeout(BOUND), aclosing(source.samples()) as batches:
        lost = await anext(batches)
        assert lost.quality.tolist() == [Quality.BAD]
        assert source.report.trouble is not None
        folder.mkdir()
        async with serve(folder, MINE, {0: RecordAddress.parse(T1)}, trace(1), clock):
            back = await anext(batches)
    assert back.value.tolist() == [0.0]
    assert source.report.trouble is None
    assert [record.getMessage().split(" source=")[0] for record in caplog.records] == ["folder lost", "folder back"]
