"""Faults change what they name, while they last, and nothing else, however the trace is cut."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import Point, PointTable, SampleBatch, State
from plant.columns.sample import SAMPLE_COLUMNS
from plant.units import SECOND
from simulators.faults import Fault, FaultKind, Faults

ORIGIN = 1_772_402_400 * SECOND
POINTS = PointTable([Point(id=name, hazard_source="h", name=name) for name in ("T1", "T2")])
TRACE = SampleBatch.of(
    np.tile([0, 1], 30), ORIGIN + np.repeat(np.arange(30), 2) * SECOND, np.repeat(np.arange(30), 2) / 10
)


def faulty(*texts: str) -> Faults:
    return Faults.of([Fault.parse(text) for text in texts], POINTS, ["kj-ua"], origin=ORIGIN)


def seen(trace: SampleBatch, column: int = 0) -> list[tuple[int, float, int]]:
    rows = trace.point == column
    seconds = (trace.time[rows] - ORIGIN) // SECOND
    return list(zip(seconds.tolist(), trace.value[rows].tolist(), trace.state[rows].tolist(), strict=True))


def test_dropped_samples_are_gone_from_the_first_moment_to_before_the_last() -> None:
    changed = faulty("T1 drop 10s..12s").apply(TRACE)
    assert [second for second, _, _ in seen(changed)] == [*range(10), *range(12, 30)]
    assert seen(changed, 1) == seen(TRACE, 1)


def test_a_frozen_point_repeats_its_last_value_and_time_goes_on() -> None:
    changed = seen(faulty("T1 freeze 10s..12s").apply(TRACE))
    assert changed[9:13] == [(9, 0.9, 0), (10, 0.9, 0), (11, 0.9, 0), (12, 1.2, 0)]


def test_a_point_that_had_no_value_cannot_freeze() -> None:
    assert seen(faulty("T1 freeze 0s..5s").apply(TRACE)) == seen(TRACE)


def test_a_spike_shows_its_value_also_one_that_is_no_number() -> None:
    assert seen(faulty("T1 spike 3s..4s 4.0").apply(TRACE))[3] == (3, 4.0, 0)
    assert math.isnan(seen(faulty("T1 spike 3s..4s nan").apply(TRACE))[3][1])


@pytest.mark.parametrize(("written", "state"), [("", State.CALIBRATING), (" unflagged", State.NORMAL)])
def test_a_calibration_is_a_staircase_of_three_plateaus(written: str, state: State) -> None:
    changed = seen(faulty(f"T1 calibration 6s..12s{written}").apply(TRACE))
    assert [value for _, value, _ in changed[6:12]] == [1.0, 1.0, 2.0, 2.0, 0.0, 0.0]
    assert {flag for _, _, flag in changed[6:12]} == {state}
    assert (changed[5], changed[12]) == ((5, 0.5, 0), (12, 1.2, 0))


def test_a_lost_link_is_left_to_the_server_of_its_source() -> None:
    faults = faulty("kj-ua lost_link 10s..20s")
    assert faults.lost_links == [("kj-ua", ORIGIN + 10 * SECOND, ORIGIN + 20 * SECOND)]
    assert seen(faults.apply(TRACE)) == seen(TRACE)


def test_the_trace_itself_stays_as_it_was() -> None:
    before = TRACE.value.copy()
    faulty("T1 spike 0s..30s 9", "T1 freeze 3s..9s").apply(TRACE)
    assert np.array_equal(TRACE.value, before)


@given(st.lists(st.integers(0, len(TRACE)), max_size=6).map(sorted))
def test_the_cut_of_the_trace_does_not_matter(cuts: list[int]) -> None:
    texts = ("T1 freeze 5s..9s", "T2 drop 3s..4s", "T1 spike 8s..10s 4", "T2 calibration 10s..20s")
    whole = faulty(*texts).apply(TRACE)
    faults = faulty(*texts)
    pieces = [
        faults.apply(TRACE.take(slice(start, end))) for start, end in zip([0, *cuts], [*cuts, len(TRACE)], strict=True)
    ]
    joined = SampleBatch.concatenate(pieces)
    assert all(np.array_equal(getattr(joined, name), getattr(whole, name)) for name in SAMPLE_COLUMNS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 'expected "POINT KIND FROM..TO"'),
        ("T1 freeze", 'expected "POINT KIND FROM..TO"'),
        ("T1 melt 1s..2s", "expected one of drop, freeze, spike, calibration, lost_link"),
        ("T1 freeze 10m", "expected FROM..TO"),
        ("T1 freeze 1x..2s", "expected a duration"),
        ("T1 freeze 2s..2s", "expected FROM before TO"),
        ("T1 freeze 1s..2s 5", "one word too many"),
        ("T1 spike 1s..2s", "expected the value of the spike"),
        ("T1 spike 1s..2s high", "expected the value of the spike"),
        ("T1 calibration 1s..2s loud", "one word too many"),
    ],
)
def test_a_fault_that_cannot_be_read_says_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(ValueError) as raised:
        Fault.parse(text)
    assert repr(text) in str(raised.value)
    assert expected in str(raised.value)


@pytest.mark.parametrize("text", ["T9 drop 1s..2s", "T1 lost_link 1s..2s", "kj-ua drop 1s..2s"])
def test_a_fault_of_something_unknown_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="of the site file"):
        faulty(text)


def test_every_kind_can_be_written() -> None:
    assert {Fault.parse(f"X {kind} 1s..2s{' 1' * (kind == 'spike')}").kind for kind in FaultKind} == set(FaultKind)
