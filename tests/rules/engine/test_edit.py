"""An edit of the rules keeps what stands, what runs and what windows hold; it neither raises nor clears by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import START, Log
from plant import Point
from rules import Engine, Interlock, Limit, RuleSet, Vote, event_id
from tests.rules.engine.everything import ROWS, everything
from tests.rules.play import Row, S, limit, log_of, play, point, rule_set, series, text


def after_edit(old: RuleSet, new: RuleSet, rows: list[Row], cut: float) -> tuple[str, str]:
    """Return the events before and after an edit at a time [s]."""
    log = log_of(old, rows)
    there = int(np.searchsorted(log.time, round(cut * S)))
    engine = Engine(old)
    before = text(engine.evaluate(log[:there]))
    return before, text(engine.edited(new).evaluate(log[there:]))


def test_a_standing_alarm_stays_until_the_new_clear_value_is_passed() -> None:
    old, new = rule_set(limits=[limit(clear=0.9)]), rule_set(limits=[limit(high=1.5, clear=0.7)])
    assert after_edit(old, new, series("0.5 1.2x5 0.8x5 0.6"), 3) == ("T1.alarm+1", "T1.alarm-11")


def test_a_setpoint_below_what_is_measured_raises_at_the_next_sample() -> None:
    old, new = rule_set(limits=[limit()]), rule_set(limits=[limit(high=0.4)])
    assert after_edit(old, new, series("0.5x10"), 5) == ("", "T1.alarm+5")


def test_a_running_delay_counts_from_where_it_began() -> None:
    old, new = rule_set(limits=[limit(on_delay="8s")]), rule_set(limits=[limit(on_delay="5s")])
    assert after_edit(old, new, series("0.5x2 1.2x10"), 4) == ("", "T1.alarm+7")


def test_a_delay_that_is_over_by_the_new_number_raises_at_the_next_entry() -> None:
    old, new = rule_set(limits=[limit(on_delay="8s")]), rule_set(limits=[limit(on_delay="2s")])
    assert after_edit(old, new, series("0.5x2 1.2x10"), 7) == ("", "T1.alarm+4")


def test_returning_counts_from_where_it_began() -> None:
    old = rule_set(limits=[limit(off_delay="5s", clear=0.9)])
    new = rule_set(limits=[limit(off_delay="8s", clear=0.9)])
    assert after_edit(old, new, series("1.2 0.5x12"), 3) == ("T1.alarm+0", "T1.alarm-9")


def test_windows_keep_their_evidence_and_others_take_what_is_there() -> None:
    old = rule_set(limits=[limit(feature="mean", window="10s", high=9.0)])
    new = rule_set(
        limits=[limit(feature="mean", window="10s", high=1.0), limit("T1.sum", feature="sum", window="5s", high=7.0)]
    )
    rows = series("0.5x6 1.0x3 2.0x3")
    assert after_edit(old, new, rows, 9) == ("", "T1.sum+10 T1.alarm+11")


@pytest.mark.parametrize("rests", [True, False])
def test_a_window_that_is_lengthened_begins_with_what_the_old_one_held(*, rests: bool) -> None:
    old = rule_set([point(resolution=None)], [limit(feature="mean", window="10s", high=0.9)])
    new = rule_set([point(resolution=None)], [limit(feature="sum", window="60s", high=7.5)])
    log = log_of(old, series("0.5x200"))
    engine = Engine(old, skip_calm=rests)
    engine.evaluate(log[:100])
    assert list(engine.calm_points()) == [rests]
    assert text(engine.edited(new).evaluate(log[100:])) == "T1.alarm+54"


def test_a_stale_point_stays_stale_and_a_new_patience_counts_from_the_last_sample() -> None:
    old, new = rule_set([point(stale_after="5s")]), rule_set([point(stale_after="9s")])
    rows = [*series("0.5x2"), ("-", 4.0, 0, 0, 0), ("-", 20.0, 0, 0, 0), *series("0.5", start=21)]
    assert after_edit(old, new, rows, 3) == ("", "stale:T1+10 stale:T1-21")
    assert after_edit(old, new, rows, 8) == ("stale:T1+6", "stale:T1-21")


def test_points_and_rules_are_found_by_their_ids_in_any_order() -> None:
    old = rule_set([point(), point("T2")], [limit(), limit("T2.alarm")])
    log = log_of(old, series("1.2 0.5x5"))
    new = rule_set([point("T2"), point("T0"), point()], [limit("T2.alarm"), limit()])
    engine = Engine(old)
    assert text(engine.evaluate(log[:1])) == "T1.alarm+0"
    other = engine.edited(new)
    assert text(other.evaluate(log_of(new, series("0.5", start=1)))) == "T1.alarm-1"
    assert other.readings().value[2] == 0.5


def test_a_rule_that_looks_at_another_point_is_another_condition() -> None:
    points = [point(), point("T2")]
    old, new = rule_set(points, [limit("A", point="T1")]), rule_set(points, [limit("A", point="T2")])
    rows: list[Row] = [("T1", 0.0, 1.5, 0, 0), ("T2", 1.0, 0.2, 0, 0), ("T2", 2.0, 1.2, 0, 0)]
    assert after_edit(old, new, rows, 1) == ("A+0", "A+2")


def test_a_flatline_counts_from_where_an_edit_ended_staleness() -> None:
    flat = {"window": "10s", "epsilon": 0.0}
    old = rule_set([point(stale_after="5s", flatline=flat)])
    new = rule_set([point(stale_after="never", flatline=flat)])
    rows = [*series("0.5x3"), ("-", 20.0, 0, 0, 0), *series("0.5x20", start=21)]
    assert after_edit(old, new, rows, 20.5) == ("stale:T1+7", "flatline:T1+31")


def test_a_flatline_that_comes_with_an_edit_waits_for_a_stale_point() -> None:
    old = rule_set([point(stale_after="5s")])
    new = rule_set([point(stale_after="5s", flatline={"window": "10s", "epsilon": 0.0})])
    engine = Engine(old)
    engine.evaluate(log_of(old, [*series("0.5x3"), ("-", 100.0, 0, 0, 0)], as_logged=True))
    assert text(engine.edited(new).evaluate(log_of(new, series("0.5x40", start=10), as_logged=True))) == ""


FLAT = {"window": "10s", "epsilon": 0.0}


def test_a_flatline_counts_from_where_staleness_ended_before_an_edit() -> None:
    old, new = rule_set([point(stale_after="5s", flatline=FLAT)]), rule_set([point(stale_after="6s", flatline=FLAT)])
    rows = [*series("0.5x3"), ("-", 20.0, 0, 0, 0), *series("0.5x20", start=21)]
    assert after_edit(old, new, rows, 22.5) == ("stale:T1+7 stale:T1-21", "flatline:T1+31")


def test_one_sided_evidence_of_before_an_edit_keeps_a_window_from_clearing() -> None:
    old, new = (rule_set(limits=[limit(feature="mean", window="10s", high=high)]) for high in (1.0, 1.1))
    rows = series("1.2x20 -1.0 0.5x20")
    assert after_edit(old, new, rows, 25) == ("T1.alarm+0 over_range:T1+20 over_range:T1-21", "T1.alarm-30")


def test_after_an_edit_no_event_goes_before_the_last_one_of_its_condition() -> None:
    old, new = rule_set([point(stale_after="1s")], [limit()]), rule_set([point(stale_after="1s")], [limit(clear=0.9)])
    engine = Engine(old)
    before = [*series("1.2 0.5", start=4), ("-", 100.0, 0, 0, 0)]
    assert text(engine.evaluate(log_of(old, before, as_logged=True))) == "T1.alarm+4 T1.alarm-5 stale:T1+6"
    set_back = log_of(new, [("T1", 3.0, 0.5, 0, 0), ("T1", 3.5, 1.2, 0, 0)], as_logged=True)
    assert text(engine.edited(new).evaluate(set_back)) == "T1.alarm+5"


def test_the_id_of_a_clear_after_an_edit_follows_from_the_raise_before_it() -> None:
    rules, new = rule_set(limits=[limit()]), rule_set(limits=[limit(clear=0.9)])
    engine = Engine(rules)
    engine.restore([], last_seq=1, recent=play(rules, series("1.2", start=5)))
    (again,) = engine.evaluate(log_of(rules, series("1.2", start=4)))
    assert again.id == event_id("T1.alarm", 5 * S, "raise", 1)
    (cleared,) = engine.edited(new).evaluate(log_of(new, series("0.5", start=6)))
    assert cleared.id == event_id("T1.alarm", 5 * S, "clear", 1)


def test_over_an_edit_staleness_counts_from_the_last_start() -> None:
    old, new = rule_set([point(stale_after="20s")]), rule_set([point(stale_after="25s")])
    engine = Engine(old)
    engine.evaluate(log_of(old, series("0.5")))
    engine.evaluate(Log.of_ticks(np.array([15 * S]), START))
    ticks = log_of(new, [("-", 39.0, 0, 0, 0), ("-", 41.0, 0, 0, 0)], as_logged=True)
    assert text(engine.edited(new).evaluate(ticks)) == "stale:T1+40"


def test_after_an_edit_a_calculated_point_waits_for_evidence() -> None:
    points = [point(), point("T2"), point("SUM", range=None, resolution=None, expression="T1 + T2")]
    old, new = rule_set(points), rule_set(points, [limit("SUM.alarm", high=9.0)])
    engine = Engine(old)
    engine.evaluate(log_of(old, [*series("0.5"), *series("0.5", "T2", start=1)], as_logged=True))
    after = [*series("0.5 !", start=2), *series("0.5", "T2", start=4)]
    assert text(engine.edited(new).evaluate(log_of(new, after, as_logged=True))) == "fault:T1+3 fault:SUM+4"


def test_after_an_edit_a_sample_that_is_too_old_ends_no_staleness() -> None:
    old, new = rule_set([point(stale_after="5s")]), rule_set([point(stale_after="6s")])
    engine = Engine(old)
    engine.evaluate(log_of(old, [*series("0.5x3"), ("-", 20.0, 0, 0, 0)], as_logged=True))
    after = log_of(new, [("T1", 10.0, 0.5, 0, 0), ("T1", 15.0, 0.5, 0, 0)], as_logged=True)
    assert text(engine.edited(new).evaluate(after)) == "stale:T1-15"


def test_a_delay_that_ends_after_an_edit_tells_the_feature_of_before() -> None:
    old, new = (rule_set(limits=[limit(feature="mean", window="3s", on_delay="5s", high=h)]) for h in (1.0, 1.1))
    engine = Engine(old)
    assert not engine.evaluate(log_of(old, series("1.0x3 1.6")))
    tick = log_of(new, [("-", 9.0, 0, 0, 0)], as_logged=True)
    (raised,) = engine.edited(new).evaluate(tick)
    assert (raised.time, raised.setpoint) == (5 * S, 1.1)
    assert raised.value == pytest.approx(1.2)
    other = rule_set(limits=[limit(feature="max", window="3s", on_delay="5s")])
    (raised,) = engine.edited(other).evaluate(tick)
    assert (raised.time, raised.value) == (5 * S, None)


@pytest.mark.parametrize(("before", "after", "doubt"), [("20s", "never", True), ("never", "20s", False)])
def test_an_unheard_point_is_in_doubt_by_the_new_patience(before: str, after: str, *, doubt: bool) -> None:
    old, new = rule_set([point(stale_after=before)]), rule_set([point(stale_after=after)])
    assert Engine(old).edited(new).readings().in_doubt.tolist() == [doubt]


def test_a_stale_point_that_waits_for_ever_now_is_in_doubt_until_it_is_heard() -> None:
    old, new = rule_set([point(stale_after="5s")]), rule_set([point(stale_after="never")])
    engine = Engine(old)
    engine.evaluate(log_of(old, [*series("0.5"), ("-", 20.0, 0, 0, 0)]))
    edited = engine.edited(new)
    assert (edited.readings().stale.tolist(), edited.readings().in_doubt.tolist()) == ([False], [True])
    edited.evaluate(log_of(new, series("0.5", start=21)))
    assert edited.readings().in_doubt.tolist() == [False]


def test_a_limit_that_becomes_an_interlock_of_its_point_and_name_keeps_its_alarm() -> None:
    points = [point(), point("T2", range=None)]
    old = rule_set(points, [limit(), limit("cut", point="T2")])
    new = rule_set(points, [limit()], [], [Interlock(id="cut", cut="T1.alarm", feed="T2", level="red")])
    assert after_edit(old, new, [*series("1.2x3", "T2"), *series("0.5x3")], 1.5) == ("cut+0", "cut-2")


def test_an_average_goes_on_with_another_time_constant() -> None:
    old = rule_set(limits=[limit(feature="ewma", tau="60s", clear=0.9)])
    new = rule_set(limits=[limit(feature="ewma", tau="61s", clear=0.9)])
    assert after_edit(old, new, series("2.0x30 0.5x40"), 30) == ("T1.alarm+0", "")


def test_a_rule_that_is_put_back_repeats_no_id() -> None:
    rules, without = rule_set(limits=[limit()]), rule_set()
    raised = list(Engine(rules).evaluate(log_of(rules, series("1.2"))))
    engine = Engine(without).edited(rules)
    engine.remember(raised)
    again = [event for event in engine.evaluate(log_of(rules, series("1.2"))) if event.condition == "T1.alarm"]
    assert again[0].time == raised[0].time
    assert again[0].id != raised[0].id


def loosened(rules: RuleSet, more: float, delay: str) -> RuleSet:
    """Return a rule-set in which every number is another."""
    limits = [
        rule.model_copy(
            update={"high": rule.high and round(rule.high + more, 2), "low": rule.low and round(rule.low - more / 5, 2)}
        )
        for rule in rules.limits
    ]
    given = [Limit.model_validate(rule.model_dump() | {"on_delay": delay, "off_delay": delay}) for rule in limits]
    points = [Point.model_validate(p.model_dump(by_alias=True) | {"stale_after": "7s"}) for p in rules.points]
    return RuleSet(points, given, rules.votes, rules.interlocks)


@given(ROWS, st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5]), st.sampled_from(["0s", "1s", "30s"]))
@settings(deadline=None)
def test_an_edit_at_any_moment_neither_raises_nor_clears(
    rows: list[Row], share: float, more: float, delay: str
) -> None:
    rules = everything()
    log = log_of(rules, rows)
    cut = int(share * len(log))
    engine = Engine(rules)
    standing = {event.condition: event.transition for event in engine.evaluate(log[:cut])}
    edited = engine.edited(loosened(rules, more, delay))
    assert not edited.evaluate(log[:0])
    assert edited.readings().value.tobytes() == engine.readings().value.tobytes()
    for event in edited.evaluate(log[cut:]):
        assert (event.transition == "raise") == (standing.get(event.condition) != "raise")
        standing[event.condition] = event.transition


@given(ROWS, st.floats(0, 1))
@settings(deadline=None)
def test_an_edit_that_changes_no_number_changes_no_event(rows: list[Row], share: float) -> None:
    rules = everything()
    unused = Vote(id="more", hazard_source="gas", at_least=3, of=("T2.low", "stale:T1", "fault:T2"), level="red")
    other = RuleSet(rules.points, rules.limits, [*rules.votes, unused], rules.interlocks)
    log = log_of(rules, rows)
    cut = int(share * len(log))
    whole, engine = Engine(rules).evaluate(log), Engine(rules)
    found = [*engine.evaluate(log[:cut]), *engine.edited(other).evaluate(log[cut:])]
    kept = [event for event in found if event.condition != "more"]
    assert [(e.time, e.condition, e.transition, e.id) for e in kept] == [
        (e.time, e.condition, e.transition, e.id) for e in whole
    ]
