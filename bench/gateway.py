"""Measures what ill units cost the others behind one Modbus gateway: `python -m bench.gateway [seconds]`.

Twenty units are read once a second. All are well at first; then some fall ill at once. Printed are, of those that stay
well, the longest time between two samples in the first minute, and after it the longest, the mean, and the longest time
from an answer to its sample.
"""

import asyncio
import random
import sys
from contextlib import aclosing
from itertools import pairwise, product
from typing import Final, NamedTuple

import numpy as np

from adapters.sources.modbus import ModbusSource, open_source
from hazwatch.live.clock import ScaledClock
from plant import Quality
from tests.system.modbus.gateway import Gateway, Illness, listening

UNITS: Final = 20
ILL: Final = (1, 10, 19)
ILLNESSES: Final[tuple[Illness, ...]] = ("silent", "slow", "hangs up", "exception")
WELL: Final = 5.0
"""How long all units are well. [s]"""
DYING: Final = 60.0
"""The first minute with ill units is counted apart. [s]"""


class Fate(NamedTuple):
    dying: float
    longest: float
    mean: float
    latency: float


async def run(illness: Illness, ill: int, *, one_at_a_time: bool, seconds: float) -> Fate:
    """Read a gateway, and return how its well units fared. [s]."""
    gateway = Gateway(illness, one_at_a_time=one_at_a_time)
    loop = asyncio.get_running_loop()
    heard: list[tuple[float, int, float]] = []

    async def read(endpoint: str) -> None:
        spec = ModbusSource.model_validate({"id": "gateway", "protocol": "modbus", "endpoint": endpoint})
        points = [(unit, f"unit={unit};holding=0") for unit in range(1, UNITS + 1)]
        async with aclosing(open_source(spec, points, ScaledClock()).samples()) as batches:
            async for batch in batches:
                now = loop.time()
                good = batch.quality == Quality.GOOD
                for unit, number in zip(batch.point[good].tolist(), batch.value[good].tolist(), strict=True):
                    heard.append((now, unit, now - gateway.given[unit, int(number)]))

    async with listening(gateway) as endpoint:
        reading = asyncio.create_task(read(endpoint))
        await asyncio.sleep(WELL)
        gateway.ill = set(random.Random(ill).sample(range(1, UNITS + 1), ill))
        begin = loop.time()
        await asyncio.sleep(DYING + seconds)
        if reading.done():
            await reading
        reading.cancel()
        await asyncio.wait([reading])
    well = [(now - begin, unit, latency) for now, unit, latency in heard if unit not in gateway.ill and now > begin]
    first: list[float] = []
    then: list[float] = []
    for unit in {*range(1, UNITS + 1)} - gateway.ill:
        # The end counts as a sample, so that a unit which was not heard any more is seen.
        times = [now for now, own, _ in well if own == unit] + [DYING + seconds]
        for now, later in pairwise(times):
            (first if now < DYING else then).append(later - now)
        first.append(times[0])
    return Fate(max(first), max(then), float(np.mean(then[:-1])), max(latency for *_, latency in well))


async def main(seconds: float) -> None:
    runs = list(product((True, False), ILLNESSES, ILL))
    outcomes = await asyncio.gather(
        *(run(illness, ill, one_at_a_time=one, seconds=seconds) for one, illness, ill in runs)
    )
    print("| gateway | illness | ill units | first minute, longest | then longest | then mean | answer to sample |")
    print("|---|---|---|---|---|---|---|")
    for (one, illness, ill), outcome in zip(runs, outcomes, strict=True):
        kind = "one request at a time" if one else "a request for each connection"
        print(
            f"| {kind} | {illness} | {ill} | {outcome.dying:.2f} s | {outcome.longest:.2f} s | {outcome.mean:.3f} s "
            f"| {outcome.latency * 1e3:.0f} ms |"
        )


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
