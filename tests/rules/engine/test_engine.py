"""The event stream: the same for every cut of the log and after a restart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import Log
from rules import Engine, RuleSet, RuleSetError, UnknownConditionError, event_id
from tests.rules.engine.everything import ROWS, everything
from tests.rules.play import Row, limit, log_of, play, point, rule_set, series, text


def _lines(rules: RuleSet, pieces: list[Log]) -> list[str]:
    engine = Engine(rules)
    return [event.to_json() for piece in pieces for event in engine.evaluate(piece)]


@given(ROWS, st.booleans(), st.integers(1, 7))
@settings(deadline=None)
def test_every_cut_of_the_log_gives_the_same_events(rows: list[Row], as_logged: bool, size: int) -> None:
    rules = everything()
    log = log_of(rules, rows, as_logged=as_logged)
    pieces = [log[begin : begin + size] for begin in range(0, len(log), size)]
    assert _lines(rules, pieces) == _lines(rules, [log])


def test_events_are_numbered_and_their_ids_follow_from_condition_and_raise() -> None:
    events = play(rule_set(limits=[limit()]), series("0.6 1.2 0.6 1.2"))
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.id for event in events] == [
        event_id("T1.alarm", 1_000_000_000, "raise", 0),
        event_id("T1.alarm", 1_000_000_000, "clear", 0),
        event_id("T1.alarm", 3_000_000_000, "raise", 0),
    ]


def test_events_of_one_time_and_condition_have_ids_of_their_own() -> None:
    back = [("T1", 5.0 - step, value, 0, 0) for step, value in enumerate([1.2, 0.6, 1.2, 0.6])]
    ticks = [("-", 100.0 + step, 0.0, 0, 0) for step in range(4)]
    rules = rule_set([point(stale_after="1s")], [limit()])
    rows = [row for pair in zip(back, ticks, strict=True) for row in pair]
    ids = [event.id for event in play(rules, rows, as_logged=True)]
    assert len(set(ids)) == len(ids)


def test_the_order_at_a_sample_is_timers_health_limits() -> None:
    rules = rule_set(limits=[limit("T1.b", on_delay="1500ms"), limit("T1.a", high=1.5, on_delay="1500ms")])
    events = play(rules, series("1.6 1.6 4.5"))
    assert text(events) == "T1.b+1.5 T1.a+1.5 over_range:T1+2"


def test_a_tick_fires_by_due_time_then_point_then_limits_before_health() -> None:
    points = [point("A"), point("B", stale_after="19s")]
    limits = [limit("B.x", on_delay="20s"), limit("A.y", on_delay="20s")]
    rows = [*series("1.2", "A"), *series("1.2", "B"), ("-", 100.0, 0.0, 0, 0)]
    events = play(rule_set(points, limits), rows, as_logged=True)
    assert text(events) == "stale:B+19 A.y+20 stale:A+20 B.x+20"


def test_a_run_goes_on_where_another_was_stopped() -> None:
    rules = rule_set([point(stale_after="5s")], [limit()])
    before = play(rules, [*series("1.2"), ("-", 9.0, 0.0, 0, 0)])
    assert text(before) == "T1.alarm+0 stale:T1+5"
    engine = Engine(rules)
    engine.restore(before, last_seq=2, recent=before)
    assert list(engine.readings().in_doubt) == [True]
    after = engine.evaluate(log_of(rules, series("0.6", start=20)))
    assert text(after) == "stale:T1-20 T1.alarm-20"
    assert [event.seq for event in after] == [3, 4]
    assert after[1].id == event_id("T1.alarm", 0, "clear", 0)


def test_after_a_restart_no_id_comes_twice() -> None:
    rules = rule_set(limits=[limit()])
    rows = [("T1", 5.0, 1.2, 0, 0), ("T1", 5.0, 0.6, 0, 0)]
    first = play(rules, rows)
    engine = Engine(rules)
    engine.restore([], last_seq=2, recent=first)
    again = engine.evaluate(log_of(rules, [("T1", 4.0, 1.2, 0, 0)]))
    assert again[0].time == first[1].time
    engine.restore([], last_seq=2, recent=[first[0]])
    assert not {event.id for event in again} & {event.id for event in first}


def test_conditions_that_the_rules_no_longer_have_are_refused() -> None:
    raised = play(rule_set(limits=[limit()]), series("1.2"))
    with pytest.raises(UnknownConditionError, match=r"T1\.alarm"):
        Engine(rule_set()).restore(raised, last_seq=1)


def test_rules_with_problems_are_refused() -> None:
    with pytest.raises(RuleSetError, match="clear"):
        Engine(rule_set(limits=[limit(clear=1.2)]))


def test_readings_and_counts_show_the_last_accepted_sample() -> None:
    rules = rule_set([point(), point("T2", stale_after="never")])
    engine = Engine(rules)
    rows = [("T1", 5.0, 0.6, 0, 0), ("T1", 5.0, 0.6, 0, 0), ("T1", 6.0, 9.0, 1, 1), ("T1", 5.5, 0.5, 0, 0)]
    engine.evaluate(log_of(rules, rows, as_logged=True))
    readings, counts = engine.readings(), engine.counts
    assert (readings.time[0], readings.value[0], readings.quality[0], readings.state[0]) == (6_000_000_000, 9.0, 1, 1)
    assert list(readings.in_doubt) == [True, True]
    assert list(readings.stale) == [False, False]
    assert (counts.accepted[0], counts.late[0], counts.duplicates[0]) == (2, 1, 1)


def test_a_calculated_point_is_recomputed_at_evidence_and_bad_where_an_input_is_in_doubt() -> None:
    flow = point("FLOW", range=None, resolution=None, expression="T1 * T2 / 100")
    rules = rule_set([flow, point(), point("T2", range=None)], [limit("FLOW.alarm", high=0.5)])
    rows = [*series("1.0 1.0 !", "T1"), *series("40 60 60 40", "T2")]
    assert text(play(rules, rows)) == "fault:FLOW+0 fault:FLOW-1e-09 FLOW.alarm+1 fault:T1+2 fault:FLOW+2"


def test_an_unknown_point_is_refused_before_anything_is_evaluated() -> None:
    rules = rule_set()
    log = log_of(rule_set([point(), point("T2")]), series("1.2", "T2"))
    with pytest.raises(IndexError):
        Engine(rules).evaluate(log)
