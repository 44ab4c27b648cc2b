"""Samples of a point at rest change no condition, and everything else knows of them."""

from rules import Engine
from tests.rules.play import S, limit, log_of, play, rule_set, series, text


def test_readings_and_counts_know_what_came_at_rest() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    engine = Engine(rules)
    assert not engine.evaluate(log_of(rules, series("0.5x9 0.7")))
    assert engine.readings().value[0] == 0.7
    assert engine.readings().time[0] == 9 * S
    assert engine.counts.accepted[0] == 10


def test_a_point_at_rest_becomes_stale_after_its_last_sample() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    assert text(play(rules, [*series("0.5x9"), ("-", 40.0, 0, 0, 0)])) == "stale:T1+28"


def test_a_standing_alarm_rests_until_its_clear_is_passed() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    assert text(play(rules, series("1.2 0.95x5 0.9x5 0.89 0.99x3 1.0"))) == "T1.alarm+0 T1.alarm-11 T1.alarm+15"
