"""Health conditions: stale, fault, over range, calibration, flatline, step, discrepancy."""

from typing import Any

import pytest

from tests.rules.play import Row, limit, play, point, rule_set, series, text


def _tick(time: float) -> Row:
    return ("-", time, 0.0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "rows", "expected"),
    [
        pytest.param({}, [*series("0.6"), _tick(19.9)], "", id="not yet"),
        pytest.param({}, [*series("0.6"), _tick(20)], "stale:T1+20", id="a tick at the due time"),
        pytest.param({}, series("0.6 _x19 0.6"), "", id="a sample at the due time is in time"),
        pytest.param({}, [*series("0.6 _x20 0.6")], "stale:T1+20 stale:T1-21", id="later it is back"),
        pytest.param({}, series("0.6 ! !x30"), "fault:T1+1", id="bad samples are samples"),
        pytest.param({}, [_tick(3), _tick(50)], "stale:T1+23", id="a point that never spoke"),
        pytest.param({"stale_after": "never"}, [*series("0.6"), _tick(900)], "", id="never"),
    ],
)
def test_stale(fields: dict[str, Any], rows: list[Row], expected: str) -> None:
    assert text(play(rule_set([point(**fields)]), rows)) == expected


def test_a_repeated_sample_does_not_keep_a_point_alive() -> None:
    rows = [("T1", 1.0, 0.6, 0, 0)] * 3
    assert text(play(rule_set(), [*rows, _tick(25)])) == "stale:T1+21"


def test_a_clock_that_was_set_back_blinds_a_point_no_longer_than_stale_after() -> None:
    back = [("T1", 50.0 + second, 1.2, 0, 0) for second in range(4)]
    rows = [("T1", 100.0, 0.6, 0, 0), *back[:2], _tick(119), back[2], _tick(120), back[3], _tick(121)]
    rules = rule_set(limits=[limit()])
    assert text(play(rules, rows, as_logged=True)) == "stale:T1+120 T1.alarm+53"


def test_evidence_that_is_too_old_raises_but_does_not_clear() -> None:
    rows = [
        ("T1", 0.0, 1.2, 0, 0),
        _tick(60),
        ("T1", 30.0, 0.6, 0, 0),
        ("T1", 40.0, 0.6, 0, 0),
        ("T1", 41.0, 0.6, 0, 0),
    ]
    events = play(rule_set(limits=[limit()]), rows, as_logged=True)
    assert text(events) == "T1.alarm+0 stale:T1+20 stale:T1-41 T1.alarm-41"
    assert [event.quality for event in events] == ["GOOD", "BAD", "GOOD", "GOOD"]


def test_staleness_makes_a_returning_alarm_active_again() -> None:
    rows = [*series("1.2 0.6 _x20 0.6x9"), *series("0.6x3", start=60)]
    rules = rule_set(limits=[limit(off_delay="10s")])
    assert text(play(rules, rows)) == "T1.alarm+0 stale:T1+21 stale:T1-22 stale:T1+50 stale:T1-60"


@pytest.mark.parametrize("state", [16, 32, 64, 128])
def test_fault_bits_are_a_fault_whatever_the_quality(state: int) -> None:
    rows = [("T1", 0.0, 0.6, 0, state), ("T1", 1.0, 0.6, 0, 0)]
    assert text(play(rule_set(), rows)) == "fault:T1+0 fault:T1-1"


def test_infinity_is_bad_and_calibration_with_bad_quality_is_a_fault() -> None:
    rows = [("T1", 0.0, float("inf"), 0, 0), ("T1", 1.0, 0.6, 1, 0), ("T1", 2.0, 0.6, 2, 4)]
    assert text(play(rule_set(), rows)) == "fault:T1+0 fault:T1-1 fault:T1+2"


def test_over_range_evidence_does_not_clear_a_fault() -> None:
    assert text(play(rule_set(), series("! 5.0 0.6"))) == "fault:T1+0 over_range:T1+1 fault:T1-2 over_range:T1-2"


def test_a_calibration_may_not_take_too_long() -> None:
    rules = rule_set([point(calibration_limit="3s")])
    assert text(play(rules, series("0.6 c1.5x5 0.6"))) == "calibration_overrun:T1+4 calibration_overrun:T1-6"
    assert text(play(rules, series("0.6 c1.5x2 0.6 c1.5x2"))) == ""


FLAT = {"window": "4s", "epsilon": 0.02}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param("0.6x4", "", id="too short"),
        pytest.param("0.6x5", "flatline:T1+4", id="the last sample at the beginning of the window counts"),
        pytest.param("0.6x2 0.62 0.6x4", "flatline:T1+4", id="epsilon is within"),
        pytest.param("0.6x6 0.63 0.6x2", "flatline:T1+4 flatline:T1-6", id="it moves"),
        pytest.param("0.7x3 0.6x5", "flatline:T1+7", id="the step must have left the window"),
        pytest.param("0.6 _x25 0.6x6", "stale:T1+20 stale:T1-26 flatline:T1+30", id="stale since"),
    ],
)
def test_flatline(values: str, expected: str) -> None:
    assert text(play(rule_set([point(flatline=FLAT)]), series(values))) == expected


def test_flatline_says_the_range() -> None:
    (event,) = play(rule_set([point(flatline=FLAT)]), series("0.6x3 0.61x2"))
    assert (round(event.value or 0.0, 9), event.setpoint) == (0.01, 0.02)


def test_a_step_is_marked_until_the_next_believable_sample() -> None:
    events = play(rule_set([point(step=0.5)]), series("0.6 1.1 0.6 1.2 ! 1.2"))
    assert text(events) == "step:T1+3 fault:T1+4 fault:T1-5 step:T1-5"
    assert round(events[0].value or 0.0, 9) == 0.6


def test_sisters_may_not_disagree() -> None:
    sister = {"with": "T2", "limit": 0.3, "on_delay": "2s"}
    rules = rule_set([point(discrepancy=sister), point("T2")])
    rows = [*series("0.6x6 0.6x2", "T2"), *series("0.6 1.0x5 0.6 0.6")]
    assert text(play(rules, rows)) == "discrepancy:T1+3 discrepancy:T1-6"
    doubtful = [*series("!x8", "T2"), *series("0.6 1.0x5")]
    assert text(play(rules, doubtful)) == "fault:T2+0"
