"""What is evidence, and what is over range, is the same for one sample and for a column."""

import math

import numpy as np
import pytest

from plant import BLOCKING, Quality, State, is_evidence, is_measured, is_over_range

QUALITIES = np.array([Quality.GOOD, Quality.UNCERTAIN, Quality.BAD], np.uint8)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(0, [True, True, False], id="normal"),
        pytest.param(State.ALARM | State.POWER_CUT, [True, True, False], id="what the device says"),
        pytest.param(State.OVER_RANGE, [True, True, True], id="over range whatever the quality"),
        pytest.param(State.CALIBRATING, [False, False, False], id="calibrating"),
        pytest.param(State.OVER_RANGE | State.SENSOR_FAULT, [False, False, False], id="over range by a broken sensor"),
    ],
)
def test_evidence_follows_from_quality_and_state(state: int, expected: list[bool]) -> None:
    states = np.full(3, state, np.uint16)
    assert is_evidence(QUALITIES, states).tolist() == expected
    assert [is_evidence(int(quality), int(state)) for quality in QUALITIES] == expected


def test_every_bit_that_blocks_blocks_alone() -> None:
    bits = [1 << place for place in range(8)]
    assert {bit for bit in bits if not is_evidence(Quality.GOOD, bit)} == {bit for bit in bits if bit & BLOCKING}


@pytest.mark.parametrize(
    ("value", "state", "over"),
    [
        (0.0, 0, False),
        (4.1, 0, False),
        (4.2, 0, True),
        (-0.2, 0, True),
        (1.0, State.OVER_RANGE, True),
        (math.nan, 0, False),
    ],
)
def test_over_range_is_beyond_the_margin_or_what_the_device_says(value: float, state: int, over: bool) -> None:
    assert is_over_range(value, state, -0.1, 4.1) == over
    assert is_over_range(np.array([value]), np.array([state], np.uint16), -0.1, 4.1).tolist() == [over]


def test_statistics_are_of_values_that_were_measured() -> None:
    values = np.array([0.5, math.inf, 0.5, 0.5])
    qualities = np.array([0, 0, 2, 0], np.uint8)
    states = np.array([0, 0, State.OVER_RANGE, State.PAUSED], np.uint16)
    assert is_measured(values, qualities, states).tolist() == [True, False, False, False]
