"""What the silence and the refusals of one unit teach, without a device."""

import numpy as np
import pytest

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.unit import FIRST_CUT, FIRST_REST, Unit
from plant import Quality, SampleBatch
from plant.modbus_address import ModbusAddress

SPEC = ModbusSource.model_validate({"id": "kj", "protocol": "modbus", "endpoint": "127.0.0.1:502"})


def unit(*texts: str) -> Unit:
    return Unit(1, {column: ModbusAddress.parse(text) for column, text in enumerate(texts)}, SPEC)


def answer(asked: Unit, request: Request, now: float = 0.0) -> None:
    asked.answered(request, now)


def put(asked: Unit, request: Request) -> SampleBatch:
    words = np.arange(request.start, request.start + request.count, dtype=np.uint16)
    return asked.put(request, words, 7).batch


def test_one_silence_leaves_the_unit_out_of_the_polls_until_it_was_tried_again() -> None:
    asked = unit("holding=0", "input=0")
    lost = asked.requests[0]
    asked.unanswered(lost, 0.0)
    assert (asked.requests, asked.doubtful, asked.silent) == ((), True, False)
    assert asked.suspect(0.0) == lost
    answer(asked, lost)
    assert (len(asked.requests), asked.doubtful) == (2, False)


def test_a_unit_that_does_not_answer_the_probe_either_rests_longer_each_time() -> None:
    asked = unit("holding=0", "input=0")
    for _ in range(3):
        request = asked.suspect(0.0) or asked.requests[0]
        asked.unanswered(request, 0.0)
    assert (asked.silent, asked.suspect(FIRST_REST / 2)) == (True, None)
    probe = asked.suspect(FIRST_REST)
    assert probe is not None
    asked.unanswered(probe, FIRST_REST)
    assert asked.suspect(2 * FIRST_REST) is None
    again = asked.suspect(3 * FIRST_REST)
    assert again is not None
    assert again != probe
    answer(asked, again, 3 * FIRST_REST)
    assert len(asked.requests) == 2
    assert (put(asked, again).quality == Quality.GOOD).sum() == 1


def test_a_request_alone_that_is_not_answered_rests_while_the_others_go_on() -> None:
    asked = unit("holding=0", "input=0")
    holding, other = asked.requests
    asked.unanswered(holding, 0.0)
    asked.unanswered(holding, 0.0)
    while (probe := asked.suspect(0.0)) is not None and probe.table != "input":
        asked.unanswered(probe, 0.0)  # the probe of this turn was the same address
    answer(asked, other)
    assert not asked.silent
    assert asked.requests == [other] or holding in asked.requests


def test_a_refusal_for_its_length_or_an_address_cuts_a_request_and_joins_it_again_later() -> None:
    asked = unit("holding=0", "holding=1", "holding=2", "holding=3")
    (whole,) = asked.requests
    parts = asked.refused(whole, 3, 0.0)
    assert [part.count for part in parts] == [2, 2]
    assert asked.requests == list(parts)
    assert asked.suspect(FIRST_CUT / 2) is None
    assert asked.suspect(FIRST_CUT) == whole
    answer(asked, whole, FIRST_CUT)
    assert asked.requests == [whole]


@pytest.mark.parametrize("code", [1, 5, 6, None])
def test_other_refusals_cut_nothing(code: int | None) -> None:
    asked = unit("holding=0", "holding=1")
    assert asked.refused(asked.requests[0], code, 0.0) == ()
    assert len(asked.requests) == 1
