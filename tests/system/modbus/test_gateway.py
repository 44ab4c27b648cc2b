"""Ill units behind a gateway, whether it serves one request at a time or several: the well ones keep their polls."""

import numpy as np
import pytest

from tests.system.modbus.gateway import Gateway, Illness, listening
from tests.system.modbus.reading import reading

pytestmark = pytest.mark.live

UNITS = 12
ILL = 9


@pytest.mark.parametrize("one_at_a_time", [True, False], ids=["one at a time", "several"])
@pytest.mark.parametrize("illness", ["silent", "slow", "hangs up", "exception"])
async def test_ill_units_leave_the_others_their_polls_and_every_answer_arrives(
    illness: Illness, one_at_a_time: bool
) -> None:
    gateway = Gateway(illness, one_at_a_time=one_at_a_time)
    addresses = [f"unit={unit};holding=0" for unit in range(1, UNITS + 1)]
    async with listening(gateway) as endpoint, reading(endpoint, addresses, poll="400ms", timeout="800ms") as heard:
        await heard.rounds(3)
        gateway.ill = set(range(1, ILL + 1))
        await heard.rounds(20, apart_from=range(ILL))
        well = heard.source._turns.all[ILL:]
        missed = sum(turn.missed for turn in well)
        await heard.rounds(20, apart_from=range(ILL))
    assert sum(turn.missed for turn in well) - missed <= 6
    for point in range(ILL, UNITS):
        numbers = heard.good(point).value
        assert (np.diff(numbers) == 1).all(), "an answer was given and is not among the samples"
