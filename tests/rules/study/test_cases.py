"""Rule cases: the notation, what is compared, and what is said about mistakes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import Quality, State
from plant.bounds import MOST_CASE_TICKS, MOST_PLACES, MOST_PLACES_OF_ALL
from rules import Case, CaseBench, Interlock, Vote
from rules.study.cases.case import CASE_START
from rules.study.cases.notation import parse_series
from tests.rules.play import S, limit, point, rule_set
from tests.sites import MINE

RULES = rule_set(
    points=(
        point("T1"),
        point("T2"),
        point("KG-1", range=None, resolution=None),
        point("mean", range=None, expression="(T1 + T2) / 2"),
    ),
    limits=(
        limit("T1.alarm", clear=1.0),
        limit("T1.slow", high=1.5, on_delay="30s", level="red"),
        limit("T1.rise", feature="slope", window="5m", high=0.08, clear=0.04, level="yellow"),
        limit("T2.alarm"),
        limit("mean.alarm", high=2.0),
    ),
    votes=(Vote(id="both", hazard_source="gas", at_least=2, of=("T1.alarm", "T2.alarm"), level="red"),),
    interlocks=(Interlock(id="cut", cut="T1.alarm", feed="KG-1", within="2s", level="red"),),
)


@pytest.fixture(scope="module")
def bench() -> CaseBench:
    return CaseBench(RULES, MINE)


def case(_expect: str = "", **fields: Any) -> Case:
    """Return a case that expects "5 T1.alarm raise, 7 T1.alarm clear"."""
    events = [line.split() for line in _expect.split(",") if line.strip()]
    named = [{"at": f"{at}s", "condition": condition, "transition": way} for at, condition, way in events]
    return Case.model_validate({"name": "a case", "series": {"T1": "0.6x5 1.2x2 0.6x5"}, "expect": named} | fields)


def differences(bench: CaseBench, one: Case) -> list[str]:
    """Return "-5 T1.alarm raise" for what was missed, "+5 ..." for what came besides."""
    assert bench.problems(one) == []
    found = []
    for moment in bench.play(one).moments:
        which = moment.expected or moment.actual
        if not moment.agrees and which is not None:
            found.append(
                f"{'+' if moment.expected is None else '-'}{moment.time / S:g} {which.condition} {which.transition}"
            )
    return found


def messages(bench: CaseBench, one: Case) -> list[str]:
    return [f"{'.'.join(problem.path[2:])}: {problem.message}" for problem in bench.problems(one)]


def test_the_example_of_the_specification_passes_as_written(bench: CaseBench) -> None:
    result = bench.play(case("5 T1.alarm raise, 7 T1.alarm clear", period="1s"))
    assert result.passed
    assert [(moment.time, moment.agrees) for moment in result.moments] == [(5 * S, True), (7 * S, True)]


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        pytest.param("", ["+5 T1.alarm raise", "+7 T1.alarm clear"], id="events that nobody expected"),
        pytest.param("5 T1.alarm raise", ["+7 T1.alarm clear"], id="one event too many"),
        pytest.param(
            "7 T1.alarm clear, 6 T1.alarm raise", ["+5 T1.alarm raise", "-6 T1.alarm raise"], id="another time"
        ),
        pytest.param(
            "5 T1.alarm raise, 7 T1.alarm clear, 5 T1.alarm raise", ["-5 T1.alarm raise"], id="the same event twice"
        ),
        pytest.param(
            "5 T1.alarm raise, 7 T1.alarm clear, 9 T1.slow raise", ["-9 T1.slow raise"], id="an event that never came"
        ),
    ],
)
def test_every_difference_is_found(bench: CaseBench, expect: str, found: list[str]) -> None:
    assert differences(bench, case(expect)) == found


def test_level_and_value_are_compared_where_they_are_given(bench: CaseBench) -> None:
    event = {"at": "5s", "condition": "T1.alarm", "transition": "raise"}
    conditions = ["T1.alarm"]
    for right in ({}, {"level": "orange"}, {"value": 1.2}, {"value": 1.2000001, "level": "orange"}):
        assert not differences(bench, case(series={"T1": "0.6x5 1.2"}, conditions=conditions, expect=[event | right]))
    for wrong in ({"level": "red"}, {"value": 1.21}, {"value": 0.0}):
        found = differences(bench, case(series={"T1": "0.6x5 1.2"}, conditions=conditions, expect=[event | wrong]))
        assert found == ["-5 T1.alarm raise", "+5 T1.alarm raise"]


def test_a_case_is_about_the_points_that_it_gives(bench: CaseBench) -> None:
    alone = case("5 T1.alarm raise", series={"T1": "0.6x5 1.2x60"}, conditions=None)
    assert differences(bench, alone) == [], "T2 fell silent; the vote, the interlock and stale:T2 are another matter"
    both = case("5 T1.alarm raise", series={"T1": "0.6x5 1.2x5", "T2": "0.6x5 1.2x5"})
    assert differences(bench, both) == ["+5 T2.alarm raise", "+5 both raise"]
    fed = case("5 T1.alarm raise", series={"T1": "0.6x5 1.2x5", "KG-1": "1x10"})
    assert differences(bench, fed) == ["+7 cut raise"]


def test_a_calculated_point_counts_where_all_of_its_inputs_are_given(bench: CaseBench) -> None:
    given = case(series={"T1": "0.6x5 2.5x5", "T2": "0.6x5 2.5x5"})
    assert [moment.time for moment in bench.play(given).moments][-1] == 5 * S + 1, "the second input of that time"
    expected = {"conditions": ["mean.alarm"], "series": given.series}
    assert differences(bench, case("5 mean.alarm raise", **expected)) == []


def test_the_health_of_a_calculated_point_counts_only_where_it_is_named(bench: CaseBench) -> None:
    series = {"T1": "0.6x3", "T2": "0.6x3"}
    assert differences(bench, case(series=series)) == []
    assert differences(bench, case("0 fault:mean raise", series=series)) == ["+1e-09 fault:mean clear"]


def test_a_condition_that_is_named_counts_whatever_it_depends_on(bench: CaseBench) -> None:
    named = case("20 stale:T2 raise, 30 both raise", series={"T1": "0.6x5 1.2x60"}, conditions=["stale:T2", "both"])
    assert differences(bench, named) == ["+20 both raise", "-30 both raise"]
    expected = case("5 T1.alarm raise, 20 stale:T2 raise", series={"T1": "0.6x5 1.2x60"})
    assert differences(bench, expected) == []


def test_a_gap_makes_its_point_stale_and_a_bad_sample_is_a_fault(bench: CaseBench) -> None:
    gap = case("24 stale:T1 raise, 30 stale:T1 clear", series={"T1": "0.6x5 _x25 0.6"})
    assert differences(bench, gap) == []
    bad = case("5 fault:T1 raise, 7 fault:T1 clear", series={"T1": "0.6x5 !x2 0.6"})
    assert differences(bench, bad) == []


def test_blanks_at_both_ends_are_time_that_passes(bench: CaseBench) -> None:
    early = case("20 stale:T1 raise, 25 stale:T1 clear", series={"T1": "_x25 0.6"})
    assert differences(bench, early) == []
    late = case("20 stale:T1 raise", series={"T1": "0.6 _x20"})
    assert differences(bench, late) == []
    silent = case("20 stale:T1 raise", series={"T1": "_"}, until="20s")
    assert differences(bench, silent) == []


def test_a_timer_fires_only_within_the_case(bench: CaseBench) -> None:
    series, only = {"T1": "1.6x30"}, ["T1.slow"]
    assert differences(bench, case(series=series, conditions=only)) == []
    assert differences(bench, case("30 T1.slow raise", series=series, conditions=only, until="30s")) == []


def test_a_case_depends_on_no_other_and_not_on_when_it_starts(bench: CaseBench) -> None:
    first = bench.play(case())
    bench.play(case(series={"T1": "3.9x100 !x100"}))
    again = bench.play(case())
    assert first.moments == again.moments
    moved = case("5 T1.alarm raise, 7 T1.alarm clear", start="2026-03-02T06:00:00.25+08:00")
    assert differences(bench, moved) == []


def test_a_window_longer_than_the_first_memory_changes_nothing_for_the_next_case(bench: CaseBench) -> None:
    before = bench.play(case()).moments
    bench.play(case(series={"T1": "0.6x5 0.6..3.9x5000"}, period="10ms"))
    assert bench.play(case()).moments == before


@pytest.mark.parametrize(
    ("text", "value", "quality", "state"),
    [
        ("0.6x3", [0.6, 0.6, 0.6], Quality.GOOD, State.NORMAL),
        ("-1e-1", [-0.1], Quality.GOOD, State.NORMAL),
        ("c1.5x2", [1.5, 1.5], Quality.GOOD, State.CALIBRATING),
        ("o4", [4.0], Quality.GOOD, State.OVER_RANGE),
        ("?0.6", [0.6], Quality.UNCERTAIN, State.NORMAL),
        ("!x2", [np.nan, np.nan], Quality.BAD, State.NORMAL),
        ("0..5x6", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], Quality.GOOD, State.NORMAL),
        ("c0.6..0.3x3", [0.6, 0.45, 0.3], Quality.GOOD, State.CALIBRATING),
    ],
)
def test_a_word_is_read(text: str, value: list[float], quality: Quality, state: State) -> None:
    series = parse_series(text, 0.01)
    np.testing.assert_array_equal(series.value, value)
    assert set(series.quality) == {quality}
    assert set(series.state) == {state}
    assert series.place == list(range(len(value)))


def test_a_place_without_a_sample_is_passed_over() -> None:
    series = parse_series("1 _x2 2 _", None)
    assert (series.places, series.place, series.value) == (5, [0, 3], [1.0, 2.0])


@given(
    first=st.integers(-400, 400),
    last=st.integers(-400, 400),
    count=st.integers(2, 200),
    resolution=st.sampled_from(("0.01", "0.1", "1.0", "0.05", "5.0")),
)
def test_a_ramp_has_its_ends_and_stays_on_the_grid(first: int, last: int, count: int, resolution: str) -> None:
    step = float(resolution)
    begin, end = (float(f"{number * step:.4f}") for number in (first, last))
    values = parse_series(f"{begin!r}..{end!r}x{count}", step).value
    assert (values[0], values[-1], len(values)) == (begin, end, count)
    assert all(value == float(f"{round(value / step) * step:.4f}") for value in values)
    assert sorted(values, reverse=end < begin) == values
    np.testing.assert_allclose(values, np.linspace(begin, end, count), atol=step * 0.501)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0.6x",
        "x5",
        "0.6y5",
        "0.6x0",
        "0.6..1.4",
        "1..2x1",
        "_0",
        "!1",
        "cx5",
        "0,6",
        "nan",
        "inf",
        "1e999",
        "1e308..-1e308x9",
        "0.6 x5",
        "0.6x-1",
        "1_0",
        "1x99999999",
        "６x5",
        "d1",
        "1x9999999999",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:  # fmt: skip
    with pytest.raises(ValueError, match="expected"):
        parse_series(text, 0.01)


def test_all_words_that_cannot_be_read_are_named() -> None:
    with pytest.raises(ValueError, match=r'"abc", "0.6y5": expected a value .*; "1x0": expected it at least once'):
        parse_series("0.6 abc 0.6y5 1x0 2", None)


def test_all_problems_of_a_case_are_found(bench: CaseBench) -> None:
    wrong = case(
        "5 T1.alrm raise, 99 T1.alarm raise, 1 T2.alarm clear",
        series={"T1": "0.6x5", "T9": "1", "mean": "1"},
        conditions=["T1.alarm", "flatline:T1"],
        until="3s",
    )
    assert messages(bench, wrong) == [
        'series.T9: no [[point]] has the id "T9"',
        "series.mean: it is calculated; expected series of T1, T2",
        "until: the series last until 4s; expected that or more",
        'conditions.1: no condition has the id "flatline:T1"; is "stale:T1" meant?',
        'expect.0.condition: no condition has the id "T1.alrm"; is "T1.alarm" meant?',
        'expect.0.condition: "T1.alrm": expected one of those in `conditions`',
        'expect.2.condition: "T2.alarm": expected one of those in `conditions`',
    ]


def test_an_event_after_the_end_of_the_case_is_a_mistake(bench: CaseBench) -> None:
    assert messages(bench, case("12 T1.alarm raise")) == ['expect.0.at: the case ends at 11s; expected until = "12s"']


def test_a_case_that_int64_cannot_hold_is_refused(bench: CaseBench) -> None:
    (message,) = messages(bench, case(series={"T1": "1x1000"}, period="3650d"))
    assert "hundred years" in message


def test_the_start_is_a_time_with_a_zone() -> None:
    assert case().start == CASE_START
    assert case(start="2000-01-01T08:00:00+08:00").start == CASE_START
    with pytest.raises(ValueError, match="ISO 8601 with a zone"):
        case(start="2000-01-01T08:00:00")


def test_a_case_of_too_many_places_or_ticks_is_refused_before_it_is_laid_out() -> None:
    bench = CaseBench(RULES, MINE)
    (places,) = bench.problems(case(series={"T1": f"0.6x{MOST_PLACES}", "T2": "0.6"}))
    assert f"at most {MOST_PLACES} places" in places.message
    (ticks,) = bench.problems(case(series={"T1": "0.6"}, until=f"{MOST_CASE_TICKS + 1}s"))
    assert f"at most {MOST_CASE_TICKS} ticks" in ticks.message
    for _ in range(MOST_PLACES_OF_ALL // MOST_PLACES):
        bench.problems(case(series={"T1": f"_x{MOST_PLACES - 1} 0.6"}, until=f"{MOST_PLACES}s"))
    (of_all,) = bench.problems(case(series={"T1": f"_x{MOST_PLACES - 1} 0.6"}, until=f"{MOST_PLACES}s"))
    assert f"{MOST_PLACES_OF_ALL} in all cases" in of_all.message
