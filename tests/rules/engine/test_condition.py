"""Limits on a value: setpoint, clear, delays, and what is no evidence."""

from typing import Any

import pytest

from tests.rules.play import S, limit, play, point, rule_set, series, text


@pytest.mark.parametrize(
    ("fields", "values", "expected"),
    [
        pytest.param({}, "0.6x5 1.2x2 0.6x2", "T1.alarm+5 T1.alarm-7", id="raise and clear at once"),
        pytest.param({}, "1.2", "T1.alarm+0", id="the first sample may raise"),
        pytest.param({}, "0.99 1.0 0.99", "T1.alarm+1 T1.alarm-2", id="at the setpoint is in, below is out"),
        pytest.param({}, "0.994 0.995 0.994", "T1.alarm+1 T1.alarm-2", id="0.995 on a 0.01 sensor is 1.00"),
        pytest.param({"clear": 0.8}, "1.2 0.9 0.8 0.79", "T1.alarm+0 T1.alarm-3", id="between clear and setpoint"),
        pytest.param({"deadband": 0.2}, "1.2 0.9 0.8 0.79", "T1.alarm+0 T1.alarm-3", id="a deadband is a clear"),
        pytest.param(
            {"clear": 0.8}, "0.9 1.2 0.795 0.79", "T1.alarm+1 T1.alarm-3", id="0.795 is 0.80, which is not out"
        ),
        pytest.param({"low": 0.5}, "0.6 0.505 0.5 0.51", "T1.alarm+1 T1.alarm-3", id="low: 0.505 is 0.50"),
        pytest.param({"low": 0.5, "clear": 0.7}, "0.4 0.6 0.7 0.71", "T1.alarm+0 T1.alarm-3", id="low with a clear"),
        pytest.param({"on_delay": "2s"}, "1.2x2 0.6x3", "", id="shorter than the on-delay"),
        pytest.param({"on_delay": "2s"}, "1.2x3 0.6", "T1.alarm+2 T1.alarm-3", id="T = D: looked at, then it fires"),
        pytest.param({"on_delay": "2s"}, "1.2x2 0.6", "", id="T = D: out at the due time prevents it"),
        pytest.param({"on_delay": "1500ms"}, "1.2x2 0.6", "T1.alarm+1.5 T1.alarm-2", id="T > D: it fires first, at D"),
        pytest.param({"on_delay": "3s"}, "1.2 _x4 0.6", "T1.alarm+3 T1.alarm-5", id="a tick fires it without a sample"),
        pytest.param({"on_delay": "3s"}, "1.2x2 0.6", "", id="the trace ends before it is due"),
        pytest.param({"on_delay": "2s"}, "1.2 !x3", "fault:T1+1 T1.alarm+2", id="a bad sample does not stop the timer"),
        pytest.param(
            {"off_delay": "2s"}, "1.2 0.6x2 1.2 0.6x3", "T1.alarm+0 T1.alarm-6", id="the off-delay starts anew"
        ),
        pytest.param({"off_delay": "2s"}, "1.2 0.6x3", "T1.alarm+0 T1.alarm-3", id="out for the off-delay"),
        pytest.param({"off_delay": "2s"}, "1.2 0.6 _x9", "T1.alarm+0", id="missing data do not clear"),
        pytest.param(
            {"off_delay": "2s"},
            "1.2 0.6 ! 0.6x3",
            "T1.alarm+0 fault:T1+2 fault:T1-3 T1.alarm-5",
            id="a bad sample starts the off-delay anew",
        ),
        pytest.param(
            {"clear": 0.8, "off_delay": "2s"}, "1.2 0.7 0.9 0.7x3", "T1.alarm+0 T1.alarm-5", id="not out, anew"
        ),
        pytest.param({}, "1.2 c0.2x2 1.2 0.6", "T1.alarm+0 T1.alarm-4", id="calibration neither clears nor raises"),
        pytest.param({}, "1.2 ! 0.6", "T1.alarm+0 fault:T1+1 fault:T1-2 T1.alarm-2", id="fault, then both clear"),
        pytest.param({}, "0.6 -0.5 0.6", "over_range:T1+1 over_range:T1-2", id="a broken wire is over range"),
        pytest.param({}, "1.2 -0.5 1.2", "T1.alarm+0 over_range:T1+1 over_range:T1-2", id="and does not clear"),
        pytest.param({}, "0.6 4.05 4.11", "T1.alarm+1 over_range:T1+2", id="within the margin is no over range"),
        pytest.param(
            {}, "0.6 o0.2 0.6", "over_range:T1+1 T1.alarm+1 over_range:T1-2 T1.alarm-2", id="bit 8 is the top"
        ),
        pytest.param(
            {"low": 0.5}, "0.6 -0.5 0.6", "over_range:T1+1 T1.alarm+1 over_range:T1-2 T1.alarm-2", id="low end"
        ),
    ],
)
def test_a_limit_on_the_value(fields: dict[str, Any], values: str, expected: str) -> None:
    assert text(play(rule_set(limits=[limit(**fields)]), series(values))) == expected


def test_bit_8_without_a_range_raises_high_limits_of_the_value_and_clears_nothing() -> None:
    rules = rule_set(
        [point(range=None)],
        [limit("T1.high"), limit("T1.low", low=0.5), limit("T1.mean", feature="mean", window="10s")],
    )
    events = play(rules, series("0.4 o0.6 o0.6"))
    assert text(events) == "T1.low+0 over_range:T1+1 T1.high+1"
    assert events[2].value == 0.4


def test_the_value_of_an_event_is_the_feature_and_over_range_shows_the_raw_value() -> None:
    events = play(rule_set(limits=[limit()]), series("5.5 0.6"))
    assert [(event.condition, event.value, event.setpoint) for event in events] == [
        ("over_range:T1", 5.5, None),
        ("T1.alarm", 4.0, 1.0),
        ("over_range:T1", 0.6, None),
        ("T1.alarm", 0.6, 1.0),
    ]


def test_one_time_and_another_value_is_a_nanosecond_later() -> None:
    rows = [("T1", 5.0, value, 0, 0) for value in (1.2, 0.6, 1.2)]
    events = play(rule_set(limits=[limit()]), rows)
    assert [event.time - 5 * S for event in events] == [0, 1, 2]


def test_an_event_never_carries_a_time_before_the_last_one_and_its_id_counts_the_repeats() -> None:
    rows = [("T1", 5.0, 0.6, 0, 0), ("-", 30.0, 0.0, 0, 0), ("T1", 12.0, 0.6, 0, 0)]
    events = play(rule_set([point(stale_after="10s")]), rows, as_logged=True)
    assert text(events) == "stale:T1+15"
    events = play(rule_set([point(stale_after="19s")]), rows, as_logged=True)
    assert text(events) == "stale:T1+24 stale:T1-24"


def test_a_timer_that_begins_overdue_waits_for_the_next_tick() -> None:
    rules = rule_set(limits=[limit(on_delay="2s")])
    rows = [("-", 10.0, 0.0, 0, 0), ("T1", 5.0, 1.2, 0, 0), ("-", 6.0, 0.0, 0, 0), ("-", 8.0, 0.0, 0, 0)]
    assert text(play(rules, rows[:3], as_logged=True)) == ""
    assert text(play(rules, rows, as_logged=True)) == "T1.alarm+7"


def test_limits_without_a_resolution_compare_within_a_billionth() -> None:
    rules = rule_set([point(resolution=None)], [limit(feature="mean", window="10s", high=0.1)])
    assert text(play(rules, series("0.1x7"))) == "T1.alarm+0"
