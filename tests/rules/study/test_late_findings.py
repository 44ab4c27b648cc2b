"""Late data is evaluated apart: what it would have raised is found, once, and nothing that was told moves."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from plant.point import Discrepancy
from rules import Anomaly, Event, Interlock, RuleSet, Vote, late_id, look_back, parts
from tests.rules.play import Row, S, limit, log_of, play, point, rule_set, series

FOR_EVER = 2**63 - 1


def found(
    rules: RuleSet,
    known: Sequence[Row],
    late: Sequence[Row],
    live: Sequence[Event] | None = None,
    recorded: object = (),
) -> list[Anomaly]:
    """Look back over rows of which some came late; the live stream is what the others gave unless told."""
    end = max(row[1] for row in (*known, *late))
    tick: list[Row] = [("-", end, 0.0, 0, 0)]
    logs = [log_of(rules, sorted(rows, key=lambda row: row[1])) for rows in ([*known, *tick], [*known, *late, *tick])]
    stream = play(rules, [*known, *tick]) if live is None else live
    assert isinstance(recorded, list | tuple)
    return look_back(rules, logs[0], logs[1], live=stream, recorded=recorded, until=round(end * S))


def shown(anomalies: Sequence[Anomaly]) -> list[tuple[str, float, float | None]]:
    return [
        (one.raised.condition, one.raised.time / S, None if one.cleared is None else one.cleared.time / S)
        for one in anomalies
    ]


VOTE = Vote.model_validate(
    {"id": "both", "hazard_source": "gas", "at_least": 2, "of": ["T1.alarm", "T2.alarm"], "level": "red"}
)
CUT_OFF = [*series("0.5x60"), *series("0.5x60", start=660)]
PEAK = series("0.5x200 1.2x30 0.5x369", start=60)


def test_a_peak_of_the_time_without_link_is_found_with_its_times_and_its_value() -> None:
    rules = rule_set(limits=[limit(off_delay="2s")])
    (anomaly,) = found(rules, CUT_OFF, PEAK)
    assert shown([anomaly]) == [("T1.alarm", 260.0, 292.0)]
    assert (anomaly.raised.value, anomaly.raised.setpoint, anomaly.raised.rules) == (1.2, 1.0, rules.version)
    assert anomaly.of is None
    (raised, cleared) = play(rules, sorted([*CUT_OFF, *PEAK], key=lambda row: row[1]))
    assert anomaly.raised.id == late_id(raised.id) != raised.id
    assert anomaly.cleared is not None
    assert anomaly.cleared.id == late_id(anomaly.raised.id, "clear") != cleared.id


def test_late_data_without_anything_new_gives_nothing() -> None:
    assert found(rule_set(limits=[limit()]), CUT_OFF, series("0.5x599", start=60)) == []


def test_what_was_told_is_not_told_again() -> None:
    rules = rule_set(limits=[limit()])
    told = found(rules, CUT_OFF, PEAK)
    assert found(rules, CUT_OFF, PEAK, recorded=told) == []
    assert found(rules, CUT_OFF, [*PEAK, *series("0.6x10", start=600.5)], recorded=told) == []


def test_the_staleness_that_late_data_would_have_prevented_is_left_alone() -> None:
    rules = rule_set()
    assert [event.condition for event in play(rules, CUT_OFF)] == ["stale:T1", "stale:T1"]
    assert found(rules, CUT_OFF, PEAK) == []


def test_an_alarm_that_stood_through_the_gap_is_not_found_again() -> None:
    rules = rule_set(limits=[limit(clear=0.9)])
    known = [*series("0.5x30 1.1x30"), *series("1.1 0.5x60", start=660)]
    assert found(rules, known, series("1.3x200 0.5x200 1.2x199", start=60)) == []


def test_an_alarm_that_began_in_the_gap_is_told_to_have_begun_earlier() -> None:
    rules = rule_set(limits=[limit()])
    known = [*series("0.5x60"), *series("1.2x5 0.5x60", start=660)]
    live = play(rules, known)
    raised = next(event for event in live if event.condition == "T1.alarm")
    (anomaly,) = found(rules, known, series("0.5x400 1.2x199", start=60))
    assert (anomaly.raised.time, anomaly.cleared, anomaly.of) == (460 * S, None, raised.id)
    assert found(rules, known, series("0.5x400 1.2x199", start=60), recorded=[anomaly]) == []
    (earlier,) = found(rules, known, series("0.5x300 1.2x299", start=60), recorded=[anomaly])
    assert (earlier.raised.time, earlier.of) == (360 * S, anomaly.raised.id)


def test_a_clear_that_comes_with_more_late_data_completes_what_was_told() -> None:
    rules = rule_set(limits=[limit(clear=0.5)])
    known = series("0.4x60")
    (open_one,) = found(rules, known, series("1.2x100", start=60))
    assert (open_one.raised.time, open_one.cleared) == (60 * S, None)
    (whole,) = found(rules, known, series("1.2x100 0.4x10", start=60), recorded=[open_one])
    assert whole.raised == open_one.raised
    assert whole.cleared is not None
    assert whole.cleared.time == 160 * S
    assert found(rules, known, series("1.2x100 0.4x10", start=60), recorded=[whole]) == []


def test_a_vote_that_would_have_stood_is_found() -> None:
    rules = rule_set(
        [point("T1", stale_after="never"), point("T2")],
        [limit("T1.alarm"), limit("T2.alarm")],
        [VOTE],
    )
    second = series("0.5x240 1.2x60 0.5x420", "T2")
    assert shown(found(rules, [*CUT_OFF, *second], PEAK)) == [("T1.alarm", 260.0, 290.0), ("both", 260.0, 290.0)]


def test_a_condition_that_stood_at_the_beginning_stands_in_both() -> None:
    rules = rule_set(limits=[limit(clear=0.5)])
    (raised,) = play(rules, series("1.2"))
    known, whole = log_of(rules, series("0.8x5")), log_of(rules, series("0.8x3 1.2 0.8"))
    assert look_back(rules, known, whole, standing=[raised], live=[raised], until=5 * S) == []


def test_a_condition_that_stood_at_the_beginning_counts_in_votes() -> None:
    rules = rule_set([point("T1"), point("T2")], [limit("T1.alarm", clear=0.5), limit("T2.alarm")], [VOTE])
    (raised,) = (event for event in play(rules, series("1.2")) if event.condition == "T1.alarm")
    rows = [*series("0.8x9"), *series("0.8x9", "T2")]
    known, whole = log_of(rules, rows), log_of(rules, [*rows, ("T2", 4.5, 1.2, 0, 0)])
    found = look_back(rules, known, whole, standing=[raised], live=[raised], until=9 * S)
    assert shown(found) == [("T2.alarm", 4.5, 5.0), ("both", 4.5, 5.0)]


def test_what_stood_at_the_beginning_and_stands_in_the_known_log_is_told() -> None:
    rules = rule_set(limits=[limit(clear=0.5)])
    raised, cleared = play(rules, series("1.2 0.4"))
    known = series("0.8x9", start=2)
    late = [("T1", 4.2, 0.4, 0, 0), ("T1", 4.4, 1.2, 0, 0)]
    logs = log_of(rules, known), log_of(rules, [*known, *late])
    assert look_back(rules, *logs, standing=[raised], live=[raised, cleared], until=11 * S) == []


def test_parts_are_hazard_sources_that_know_nothing_of_each_other() -> None:
    names = ("a", "b", "c", "d")
    points = [point(f"T{name}", hazard_source=name) for name in names]
    points[2] = points[2].model_copy(update={"discrepancy": Discrepancy.model_validate({"with": "Td", "limit": 1.0})})
    limits = [limit(f"T{name}.alarm") for name in names]
    interlock = Interlock.model_validate({"id": "cut", "cut": "Ta.alarm", "feed": "Tb", "level": "red"})
    rules = RuleSet(points, limits, (), [interlock])
    assert [[one.id for one in part.rules.points] for part in parts(rules)] == [["Ta", "Tb"], ["Tc", "Td"]]
    assert [part.columns.tolist() for part in parts(rules)] == [[0, 1], [2, 3]]
    assert "cut" in parts(rules)[0].conditions()
    vote = Vote.model_validate({"id": "v", "hazard_source": "b", "at_least": 1, "of": ["stale:Td"], "level": "red"})
    assert len(parts(RuleSet(points, limits, [vote], [interlock]))) == 1


Given = list[tuple[str, float, float, int]]
rows = st.lists(
    st.tuples(
        st.sampled_from(["T1", "T2"]),
        st.integers(0, 60).map(lambda half: half / 2),
        st.sampled_from([0.4, 0.8, 0.95, 1.0, 1.2, float("nan")]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=60,
)
RULES = rule_set(
    [
        point("T1", stale_after="4s", discrepancy={"with": "T2", "limit": 0.3, "on_delay": "1s"}),
        point("T2", stale_after="9s", step=0.3),
        point("sum", expression="T1 + T2", range=(0.0, 8.0), stale_after="9s"),
    ],
    [
        limit("T1.alarm", clear=0.9, off_delay="2s"),
        limit("T2.alarm", on_delay="1s"),
        limit("T1.mean", feature="mean", window="5s", deadband=0.1),
        limit("sum.alarm", high=2.0),
    ],
    [VOTE],
)


def stood(events: Sequence[Event]) -> list[tuple[str, int, int, str]]:
    """Return of every episode its condition, begin, end, and the id of its raise."""
    found: list[tuple[str, int, int, str]] = []
    for event in events:
        if event.transition == "raise":
            found.append((event.condition, event.time, FOR_EVER, event.id))
        else:
            number = max(n for n, one in enumerate(found) if one[0] == event.condition)
            found[number] = (*found[number][:2], event.time, found[number][3])
    return found


@settings(max_examples=60, deadline=None)
@given(given=rows)
def test_every_raise_of_the_whole_record_was_live_or_is_found_and_none_is_told_twice(given: Given) -> None:
    """Whatever came late, in whichever two lots: what stood and met nothing that was live is told, under own ids."""
    lots = [[(name, time, value, 0, 0) for name, time, value, lot in given if lot == number] for number in range(3)]
    end = max(row[1] for row in given)
    tick: Row = ("-", end, 0.0, 0, 0)
    records = [
        sorted([tick, *(row for lot in lots[: number + 1] for row in lot)], key=lambda row: row[1])
        for number in range(3)
    ]
    live = play(RULES, records[0])
    told: dict[str, Anomaly] = {}
    for known, whole in pairwise(records):
        logs = log_of(RULES, known), log_of(RULES, whole)
        new = look_back(RULES, *logs, live=live, recorded=told.values(), until=round(end * S))
        told |= {one.raised.id: one for one in new}
        again = look_back(RULES, *logs, live=live, recorded=told.values(), until=round(end * S))
        assert {event.id for one in again for event in events_of(one)} <= ids(told)
        told_of = [*stood(live), *stood(play(RULES, known)), *map(spell, told.values())]
        for condition, begin, stop, _ in stood(play(RULES, whole)):
            assert any(one[0] == condition and one[1] <= stop and begin <= one[2] for one in told_of)
    assert not ids(told) & {event.id for event in live}
    assert len([event for one in told.values() for event in events_of(one)]) == len(ids(told))


def events_of(anomaly: Anomaly) -> list[Event]:
    return [event for event in (anomaly.raised, anomaly.cleared) if event is not None]


def ids(told: dict[str, Anomaly]) -> set[str]:
    return {event.id for anomaly in told.values() for event in events_of(anomaly)}


def spell(anomaly: Anomaly) -> tuple[str, int, int, str]:
    end = anomaly.until if anomaly.cleared is None else anomaly.cleared.time
    return anomaly.raised.condition, anomaly.raised.time, end, anomaly.raised.id
