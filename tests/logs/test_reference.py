"""Examples worked out by hand from the specification, so that the oracle itself is tested."""

import itertools
import math
from typing import Any

import pytest

from plant import Point, Quality, Site
from rules.spec.rule import Interlock, Limit, Vote
from tests.logs.random_logs import ALL, FIRST, random_case
from tests.logs.reference import differences, reference_events
from tests.logs.reference_features import Evidence, Feature, Formula, ends, thresholds
from tests.logs.reference_log import Entry, Sample, Start, Tick, order_batches, order_trace

S = 1_000_000_000
MEMBERS = ["A.high", "B.high", "C.high"]
BAD, UNCERTAIN = int(Quality.BAD), int(Quality.UNCERTAIN)


def point(name: str = "P", **given: Any) -> Point:
    return Point.model_validate({"id": name, "hazard_source": "h", "name": name, "stale_after": "never"} | given)


def limit(name: str = "L", **given: Any) -> Limit:
    base = {"id": name, "point": "P", "feature": "value", "high": 1.0, "level": "red"}
    return Limit.model_validate({key: value for key, value in (base | given).items() if value is not None})


def site(**given: Any) -> Site:
    return Site.model_validate({"id": "s", "name": "s", "timezone": "UTC"} | given)


def at(
    seconds: float, value: float, name: str = "P", quality: int = 0, state: int = 0, *, late: bool = False
) -> Sample:
    return Sample(name, round(seconds * S), float(value), quality, state, late)


def brief(events: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(event["condition"], event["transition"], event["time"] / S) for event in events]


def run(points: list[Point], log: list[Entry], *rules: Limit | Vote | Interlock) -> list[tuple[str, str, float]]:
    return brief(events(points, log, *rules))


def events(points: list[Point], log: list[Entry], *rules: Limit | Vote | Interlock) -> list[dict[str, Any]]:
    return reference_events(
        points,
        [rule for rule in rules if isinstance(rule, Limit)],
        [rule for rule in rules if isinstance(rule, Vote)],
        [rule for rule in rules if isinstance(rule, Interlock)],
        log,
    )


def test_an_event_has_the_fields_of_the_specification() -> None:
    t1 = point("T1", hazard_source="gas-3101", resolution=0.01)
    alarm = limit("T1.alarm", point="T1", level="orange")
    (event,) = events([t1], [Sample("T1", 1400000005000000000, 1.2)], alarm)
    assert list(event) == [
        "seq", "id", "time", "hazard_source", "point", "condition", "transition", "level", "value", "setpoint",
        "quality", "rules",
    ]  # fmt: skip
    del event["rules"]
    assert event == {
        "seq": 1, "id": "93a597c44913daff", "time": 1400000005000000000, "hazard_source": "gas-3101", "point": "T1",
        "condition": "T1.alarm", "transition": "raise", "level": "orange", "value": 1.2, "setpoint": 1.0,
        "quality": "GOOD",
    }  # fmt: skip


def test_a_value_within_half_the_resolution_is_the_setpoint() -> None:
    assert run([point(resolution=0.01)], [at(1, 0.994), at(2, 0.995)], limit()) == [("L", "raise", 2)]
    low = limit(high=None, low=0.3, deadband=0.1)
    assert thresholds(low, point(resolution=0.1)) == (0.35, 0.45)
    assert thresholds(limit(feature="mean", window="1s", high=0.1), point()) == (0.0999999999, 0.0999999999)
    assert thresholds(limit(high=0.0), point()) == (-1e-12, -1e-12)


def test_a_delayed_raise_carries_its_due_time_and_a_sample_at_that_time_is_looked_at_first() -> None:
    delayed = limit(on_delay="2s")
    assert run([point()], [at(1, 2), at(4, 0)], delayed) == [("L", "raise", 3), ("L", "clear", 4)]
    assert run([point()], [at(1, 2), at(3, 0)], delayed) == []
    assert run([point()], [at(1, 2), at(3, 2)], delayed) == [("L", "raise", 3)]
    doubt: list[Entry] = [at(1, 2), at(2, 0, quality=BAD), Tick(3 * S)]
    assert run([point()], doubt, delayed) == [("fault:P", "raise", 2), ("L", "raise", 3)]
    assert run([point()], [at(1, 2), Tick(2 * S)], delayed) == []


def test_clearing_needs_evidence_at_the_end_of_its_delay() -> None:
    slow = limit(clear=0.5, off_delay="2s")
    steps: list[Entry] = [at(1, 2), at(2, 0.4), at(3, 0.4), Tick(9 * S), at(10, 0.4)]
    assert run([point()], steps, slow) == [("L", "raise", 1), ("L", "clear", 10)]
    doubt: list[Entry] = [at(1, 2), at(2, 0.4), at(3, 0.4, quality=BAD), at(4, 0.4), at(5, 0.4), at(6, 0.4)]
    assert run([point()], doubt, slow)[-1] == ("L", "clear", 6)
    between: list[Entry] = [at(1, 2), at(2, 0.4), at(3, 0.7), at(4, 0.4), at(5, 0.4)]
    assert [event for event in run([point()], between, slow) if event[0] == "L"] == [("L", "raise", 1)]


def test_late_samples_and_duplicates_move_nothing_and_another_value_takes_the_next_nanosecond() -> None:
    assert run([point()], [at(5, 0), at(4, 2)], limit()) == []
    assert run([point()], [at(5, 0), at(6, 2, late=True)], limit()) == []
    assert events([point()], [at(5, 0), at(5, 2), at(5, 0)], limit())[0]["time"] == 5 * S + 1
    assert [e["time"] for e in events([point()], [at(5, 0), at(5, 2), at(5, 0)], limit())] == [5 * S + 1, 5 * S + 2]
    counted = limit(feature="count", window="9s", high=2.0)
    assert run([point()], [at(5, 2), at(5, 2)], counted) == []


def test_stale_has_the_due_time_and_ends_by_a_sample_that_is_new_enough() -> None:
    watched = point(stale_after="10s")
    log: list[Entry] = [Start(0), Tick(9 * S), Tick(10 * S), at(11, 0), Tick(20 * S), at(21, 0), at(40, 0)]
    assert run([watched], log) == [
        ("stale:P", "raise", 10), ("stale:P", "clear", 11), ("stale:P", "raise", 31), ("stale:P", "clear", 40),
    ]  # fmt: skip
    (old,) = events([watched], [at(0, 2), Tick(30 * S), at(20, 0)])
    assert (old["condition"], old["time"], old["quality"], old["value"]) == ("stale:P", 10 * S, "BAD", None)
    assert run([watched], [at(0, 0), Start(8 * S), Tick(17 * S)]) == []


def test_a_sample_that_is_too_old_can_raise_and_cannot_clear() -> None:
    watched = point(stale_after="10s")
    log: list[Entry] = [at(0, 2), Tick(30 * S), at(20, 0), at(21, 2), at(29, 0)]
    assert run([watched], log, limit()) == [
        ("L", "raise", 0), ("stale:P", "raise", 10), ("stale:P", "clear", 21), ("L", "clear", 29),
    ]  # fmt: skip
    assert run([watched], [at(0, 0), Tick(30 * S), at(20, 2)], limit())[-1] == ("L", "raise", 20)


def test_a_clock_that_was_set_back_blinds_no_longer_than_stale_after() -> None:
    watched = point(stale_after="10s")
    log: list[Entry] = [at(100, 0), at(50, 2), at(51, 2), Tick(111 * S), at(52, 2), at(51, 0), at(105, 2)]
    steep = limit("R", feature="count", window="1000s", high=3.0)
    assert run([watched], log, limit(), steep) == [
        ("stale:P", "raise", 110), ("L", "raise", 52), ("stale:P", "clear", 110),
    ]  # fmt: skip


def test_calibration_and_faults_are_no_evidence() -> None:
    log: list[Entry] = [at(1, 2), at(2, 0, state=4), at(3, 0, quality=BAD), at(4, math.nan), at(5, 0)]
    assert run([point(calibration_limit="1s")], log, limit()) == [
        ("L", "raise", 1), ("fault:P", "raise", 3), ("calibration_overrun:P", "raise", 3),
        ("fault:P", "clear", 5), ("calibration_overrun:P", "clear", 5), ("L", "clear", 5),
    ]  # fmt: skip


def test_over_range_is_looked_at_as_the_end_of_the_range_and_clears_nothing() -> None:
    wire = point(range=[0.0, 4.0], resolution=0.01)
    assert ends(wire) == (-0.1, 4.1)
    log: list[Entry] = [at(1, 2), at(2, -9), at(3, 4.1), at(4, 4.2), at(5, 0)]
    found = events([wire], log, limit(), limit("M", high=4.0))
    assert brief(found) == [
        ("L", "raise", 1), ("over_range:P", "raise", 2), ("over_range:P", "clear", 3), ("M", "raise", 3),
        ("over_range:P", "raise", 4), ("over_range:P", "clear", 5), ("L", "clear", 5), ("M", "clear", 5),
    ]  # fmt: skip
    assert [event["value"] for event in found] == [2, -9, 4.1, 4.1, 4.2, 0, 0, 0]
    mean = limit(feature="mean", window="2s", high=1.0)
    assert run([wire], [at(1, 2), at(2, -9), at(3, 0), at(4, 0)], mean)[-1] == ("L", "clear", 4)


def test_bit_8_without_a_range_is_in_for_high_limits_of_value_and_max_alone() -> None:
    log: list[Entry] = [at(1, 0), at(2, math.nan, state=8), at(3, 0)]
    rules = [
        limit("V"),
        limit("X", feature="max", window="9s"),
        limit("N", feature="min", window="9s"),
        limit("C", feature="count", window="9s", high=2.0),
    ]
    found = events([point()], log, *rules)
    assert brief(found) == [
        ("over_range:P", "raise", 2), ("V", "raise", 2), ("X", "raise", 2),
        ("over_range:P", "clear", 3), ("V", "clear", 3), ("X", "clear", 3), ("C", "raise", 3),
    ]  # fmt: skip
    assert [event["value"] for event in found[:3]] == [None, 0, 0]
    assert found[0]["quality"] == "BAD"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"feature": "mean"}, 2.0),
        ({"feature": "min"}, 1.0),
        ({"feature": "max"}, 3.0),
        ({"feature": "range"}, 2.0),
        ({"feature": "std"}, math.sqrt(2 / 3)),
        ({"feature": "sum"}, 6.0),
        ({"feature": "count"}, 3.0),
        ({"feature": "delta"}, 2.0),
        ({"feature": "slope"}, 60.0),
        ({"feature": "slope", "per": "1s"}, 1.0),
        ({"feature": "projected", "horizon": "5s"}, 8.0),
    ],
)
def test_features_over_a_window(given: dict[str, str], expected: float) -> None:
    history = [Evidence(t * S, x, False, 0) for t, x in ((0, 9.0), (1, 1.0), (2, 2.0), (3, 3.0))]
    value, one_sided = Feature(limit(window="3s", **given)).at(history)
    assert value == pytest.approx(expected, rel=1e-15)
    assert not one_sided


def test_features_that_are_undefined_and_the_moving_average() -> None:
    short = [Evidence(t * S, 1.0, False, 0) for t in (0, 1)]
    assert Feature(limit(feature="slope", window="2s")).at(short) == (None, False)
    assert Feature(limit(feature="delta", window="3s")).at(short) == (None, False)
    assert Feature(limit(feature="delta", window="2s")).at(short) == (0.0, False)
    average = Feature(limit(feature="ewma", tau="10s"))
    assert average.at([Evidence(0, 1.0, False, 0)])[0] == 1.0
    moved, one_sided = average.at([Evidence(0, 1.0, True, 0), Evidence(10 * S, 2.0, False, 0)])
    assert moved == pytest.approx(2 - math.exp(-1))
    assert one_sided


def test_a_flat_line_needs_evidence_before_its_window() -> None:
    flat = point(resolution=0.1, flatline={"window": "3s", "epsilon": 0.1})
    log: list[Entry] = [*(at(t, 1.0) for t in range(5)), at(5, 1.15), at(6, 1.16)]
    found = events([flat], log)
    assert brief(found) == [("flatline:P", "raise", 3), ("flatline:P", "clear", 6)]
    assert [event["value"] for event in found] == [0, pytest.approx(0.16)]


def test_a_step_is_marked_once() -> None:
    jumpy = point(step=0.5)
    found = events([jumpy], [at(1, 1), at(2, 1.5), at(3, 0.9), at(4, math.nan), at(5, 1)])
    assert [event for event in brief(found) if event[0] == "step:P"] == [("step:P", "raise", 3), ("step:P", "clear", 5)]
    assert found[0]["value"] == pytest.approx(-0.6)
    assert found[0]["setpoint"] == 0.5


def test_sisters_that_disagree() -> None:
    own = point("P", discrepancy={"with": "Q", "limit": 0.2, "on_delay": "1s"})
    log: list[Entry] = [
        at(0, 1),
        at(1, 0, "Q"),
        at(2, 1),
        at(3, 1),
        at(4, 0, "Q", BAD),
        at(5, 0),
        at(6, 0, "Q"),
        at(7, 0),
    ]
    found = [event for event in run([own, point("Q")], log) if event[0] == "discrepancy:P"]
    assert found == [("discrepancy:P", "raise", 3), ("discrepancy:P", "clear", 7)]


def test_two_of_three_with_one_in_doubt_is_one_of_two() -> None:
    trio = [point(name) for name in ("A", "B", "C")]
    limits = [limit(f"{name}.high", point=name) for name in ("A", "B", "C")]
    vote = Vote.model_validate({"id": "V", "hazard_source": "h", "at_least": 2, "of": MEMBERS, "level": "red"})
    log: list[Entry] = [at(0, 0, "A"), at(0, 0, "B"), at(0, 0, "C"), at(1, 2, "A"), at(2, 0, "C", BAD), at(3, 0, "C")]
    found = events(trio, log, *limits, vote)
    assert brief(found) == [
        ("A.high", "raise", 1), ("fault:C", "raise", 2), ("V", "raise", 2), ("fault:C", "clear", 3), ("V", "clear", 3),
    ]  # fmt: skip
    assert [(e["value"], e["setpoint"], e["quality"], e["point"]) for e in found if e["condition"] == "V"] == [
        (1, 2, "UNCERTAIN", None), (1, 2, "GOOD", None),
    ]  # fmt: skip


def test_power_that_should_be_off_and_is_not() -> None:
    pair = [point("P"), point("F")]
    rule = Interlock.model_validate({"id": "I", "cut": "L", "feed": "F", "level": "red"})
    on: list[Entry] = [at(0, 1, "F"), at(1, 2), Tick(3 * S), at(4, 0, "F")]
    found = events(pair, on, limit(), rule)
    assert brief(found) == [("L", "raise", 1), ("I", "raise", 3), ("I", "clear", 4)]
    assert [(event["point"], event["value"]) for event in found[1:]] == [("F", 1), ("F", 0)]
    assert run(pair, [at(0, 1, "F"), at(1, 2), at(3, 0, "F"), Tick(9 * S)], limit(), rule) == [("L", "raise", 1)]
    unknown = run(pair, [at(0, 0, "F"), at(1, 2), at(2, 0, "F", BAD), Tick(4 * S)], limit(), rule)
    assert unknown == [("L", "raise", 1), ("fault:F", "raise", 2), ("I", "raise", 4)]
    late_clear = run(pair, [at(0, 1, "F"), at(1, 2), at(5, 0), Tick(9 * S)], limit(), rule)
    assert late_clear == [("L", "raise", 1), ("L", "clear", 5), ("I", "raise", 3), ("I", "clear", 5)]


def test_a_calculated_point_follows_its_inputs() -> None:
    three = [point("A"), point("B"), point("P", expression="A - B")]
    log: list[Entry] = [at(0, 3, "A"), at(1, 1, "B"), at(2, 5, "B", BAD), at(3, 9, "A"), at(4, 8.5, "B")]
    assert run(three, log, limit()) == [
        ("fault:P", "raise", 0), ("fault:P", "clear", 1), ("L", "raise", 1), ("fault:B", "raise", 2),
        ("fault:P", "raise", 3), ("fault:B", "clear", 4), ("fault:P", "clear", 4), ("L", "clear", 4),
    ]  # fmt: skip


def test_formulas() -> None:
    graham = Formula("100 * CO / where(0.265 * N2 - O2 > 0.3, 0.265 * N2 - O2, nan)")
    assert graham.inputs == {"CO", "N2", "O2"}
    assert graham.value({"CO": 0.01, "N2": 80.0, "O2": 20.2}) == pytest.approx(1.0)
    assert math.isnan(graham.value({"CO": 0.01, "N2": 80.0, "O2": 21.0}))
    assert Formula("max(abs(-A), sqrt(4), log(exp(1)))").value({"A": 3.0}) == 3.0
    assert Formula("1 / 0").value({}) == math.inf
    assert math.isnan(Formula("sqrt(-1)").value({}))
    with pytest.raises(ValueError, match="grammar"):
        Formula("open(A)").value({"A": 1.0})


def test_ticks_stand_between_batches() -> None:
    log = order_batches(
        [point("P"), point("Q")], site(), set(),
        [(10 * S, [at(9, 1, "Q"), at(9, 1), at(8, 2)]), (11 * S, []), (11 * S + 1, [at(30, 1)])], [9 * S], 12 * S,
    )  # fmt: skip
    assert log == [
        Start(7 * S), Tick(7 * S), at(8, 2), at(9, 1), at(9, 1, "Q"), Tick(8 * S), Tick(9 * S),
        Sample("P", 11 * S + 1, 1, UNCERTAIN),
    ]  # fmt: skip


def test_arrival_times_are_a_nanosecond_apart() -> None:
    batch = [at(3, 1), at(2, 2), at(1, 3, "Q")]
    log = order_batches([point("P"), point("Q")], site(), {"P"}, [(10 * S, batch)], [9 * S], 10 * S)
    assert log[2:] == [at(1, 3, "Q"), Sample("P", 10 * S, 1), Sample("P", 10 * S + 1, 2)]


def test_a_trace_is_replayed_by_time() -> None:
    rows: list[Sample | Tick] = [at(3.5, 1), Tick(2 * S), at(2, 1), at(2, 1, "A")]
    assert order_trace([point("A"), point("P")], site(), set(), rows) == [
        at(2, 1, "A"), at(2, 1), Tick(2 * S), Tick(2 * S), Tick(3 * S), at(3.5, 1), Tick(3500 * S // 1000),
    ]  # fmt: skip
    stamped = order_trace([point("A"), point("P")], site(), set(), rows, [5 * S, 5 * S, 4 * S, 4 * S])
    assert stamped == [at(2, 1, "A"), at(2, 1), Tick(2 * S), at(3.5, 1), Tick(2 * S), Tick(5 * S)]


def test_differences_are_found() -> None:
    (event,) = events([point()], [at(1, 2)], limit())
    assert differences([event], [event | {"rules": "x", "value": 2.0 + 1e-12}]) == []
    assert len(differences([event], [event | {"time": 2}, event])) == 2


def test_timers_of_one_tick_fire_by_due_time_then_in_the_order_of_the_points() -> None:
    watched = [point("B", stale_after="5s"), point("P", stale_after="5s"), point("A", stale_after="4s")]
    rules = [limit("Z", on_delay="5s"), limit("Y", on_delay="5s")]
    assert run(watched, [at(0, 2), Tick(9 * S)], *rules) == [
        ("stale:A", "raise", 4), ("stale:B", "raise", 5), ("Z", "raise", 5), ("Y", "raise", 5), ("stale:P", "raise", 5),
    ]  # fmt: skip


def test_votes_follow_directly_and_depth_first() -> None:
    def vote(name: str, least: int, *of: str) -> Vote:
        return Vote.model_validate({"id": name, "hazard_source": "h", "at_least": least, "of": of, "level": "red"})

    rules: list[Limit | Vote | Interlock] = [limit("L"), limit("M")]
    rules += [vote("V", 1, "L"), vote("W", 1, "V"), vote("X", 2, "L", "stale:Q")]
    pair = [point("P"), point("Q", stale_after="5s")]
    assert run(pair, [at(0, 2), Tick(6 * S), at(7, 0, "Q"), at(8, 0)], *rules) == [
        ("L", "raise", 0), ("V", "raise", 0), ("W", "raise", 0), ("M", "raise", 0),
        ("stale:Q", "raise", 5), ("X", "raise", 5), ("stale:Q", "clear", 7), ("X", "clear", 7),
        ("L", "clear", 8), ("V", "clear", 8), ("W", "clear", 8), ("M", "clear", 8),
    ]  # fmt: skip


def test_becoming_stale_ends_a_return() -> None:
    watched = point(stale_after="5s")
    log: list[Entry] = [at(0, 2), at(1, 0), Tick(6 * S), at(7, 0), at(9, 0), at(10, 0)]
    found = run([watched], log, limit(off_delay="3s"))
    assert found == [("L", "raise", 0), ("stale:P", "raise", 6), ("stale:P", "clear", 7), ("L", "clear", 10)]


def test_no_flat_line_across_a_gap() -> None:
    flat = point(flatline={"window": "3s", "epsilon": 0.0}, stale_after="5s")
    log: list[Entry] = [at(0, 1), at(9, 1), at(11, 1), at(12, 1), at(13, 1)]
    assert run([flat], log)[2:] == [("flatline:P", "raise", 12)]


@pytest.mark.parametrize("seed", range(12))
def test_any_log_gives_events_that_make_sense(seed: int) -> None:
    case = random_case(seed, ALL if seed % 3 else FIRST)
    assert repr(case) == repr(random_case(seed, ALL if seed % 3 else FIRST))
    for log in (case.live(), case.trace(), case.stamped_trace(), case.as_logged()):
        found = reference_events(case.points, case.limits, case.votes, case.interlocks, log)
        assert [event["seq"] for event in found] == list(range(1, len(found) + 1))
        assert len({event["id"] for event in found}) == len(found)
        key = lambda event: event["condition"]  # noqa: E731
        for _, episode in itertools.groupby(sorted(found, key=key), key):
            own = list(episode)
            assert [event["transition"] for event in own] == ["raise", "clear"] * (len(own) // 2) + ["raise"] * (
                len(own) % 2
            )
            assert sorted(event["time"] for event in own) == [event["time"] for event in own]
