"""Ill units behind a gateway, whether it serves one request at a time or several: the well ones keep their polls."""

import asyncio
from typing import get_args

import numpy as np
import pytest

from tests.system.modbus.gateway import Gateway, Illness, listening
from tests.system.modbus.reading import reading

pytestmark = pytest.mark.live

UNITS = 12
ILL = 9


async def fare(illness: Illness, *, one_at_a_time: bool) -> None:
    gateway = Gateway(illness, one_at_a_time=one_at_a_time)
    addresses = [f"unit={unit};holding=0" for unit in range(1, UNITS + 1)]
    async with listening(gateway) as endpoint, reading(endpoint, addresses, poll="400ms", timeout="800ms") as heard:
        await heard.rounds(2)
        gateway.ill = set(range(1, ILL + 1))
        await heard.rounds(10, apart_from=range(ILL))
        well = heard.source._turns.all[ILL:]
        missed = sum(turn.missed for turn in well)
        await heard.rounds(12, apart_from=range(ILL))
    assert sum(turn.missed for turn in well) - missed <= UNITS, f"{illness}: the polls of well units wait for ill ones"
    for point in range(ILL, UNITS):
        numbers = heard.good(point).value
        assert (np.diff(numbers) > 0).all(), f"{illness}: an answer was taken for a later one"


@pytest.mark.parametrize("one_at_a_time", [True, False], ids=["one request at a time", "several at a time"])
async def test_ill_units_leave_the_others_their_polls(one_at_a_time: bool) -> None:
    await asyncio.gather(*(fare(illness, one_at_a_time=one_at_a_time) for illness in get_args(Illness)))
