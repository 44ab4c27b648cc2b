"""The back-test pairs episodes, counts as ISA-18.2 does, measures warning times, and guards what may replace what."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import Log
from plant.point import Flatline
from rules import (
    Comparison,
    Episode,
    Event,
    Gate,
    Guideline,
    Incident,
    Interlock,
    Limit,
    RuleSet,
    Warned,
    judge,
    pairs,
    performance,
)
from rules.engine.event import Transition
from rules.study.comparison import compare, play, warm_up
from rules.study.episodes import episodes
from tests.rules.play import S, limit, log_of, point, rule_set, series

MINUTE = 60 * S
HOUR = 60 * MINUTE


def drawn(text: str, condition: str = "T1.alarm", source: str = "gas") -> list[Episode]:
    """Read "..##.#": an episode is a run of #, one second each; one that reaches the end still stands."""
    found, place = [], 0
    for sign, run in groupby(text):
        length = len(list(run))
        if sign == "#":
            end = None if place + length == len(text) else (place + length) * S
            found.append(Episode(condition, source, "T1", "orange", place * S, end))
        place += length
    return found


def at(*seconds: float, condition: str = "T1.alarm", lasts: float = 1.0) -> list[Episode]:
    return [
        Episode(condition, "gas", "T1", "orange", round(t * S), round((t + lasts) * S)) for t in seconds
    ]  # fmt: skip


def told(current: str, candidate: str, near: int = 5 * S) -> list[str]:
    return [
        f"{len(pair.current)}>{len(pair.candidate)} {pair.difference}"
        for pair in pairs(drawn(current), drawn(candidate), near)
    ]


@pytest.mark.parametrize(
    ("current", "candidate", "expected"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param(".##.", ".##.", ["1>1 same"], id="unchanged"),
        pytest.param(".##.", ".###.", ["1>1 same"], id="ends-later"),
        pytest.param(".##.", "..#.", ["1>1 later"], id="later"),
        pytest.param("..#.", ".##.", ["1>1 earlier"], id="earlier"),
        pytest.param(".#.#.#.", ".#####.", ["3>1 same"], id="merged"),
        pytest.param(".#####.", ".#.#.#.", ["1>3 same"], id="split"),
        pytest.param(".#..........#.", ".#............", ["1>1 same", "1>0 removed"], id="removed"),
        pytest.param("..............", "...#..........", ["0>1 added"], id="added"),
        pytest.param(".#............", "....#.........", ["1>1 later"], id="near-but-apart"),
        pytest.param(".#............", ".........#....", ["1>0 removed", "0>1 added"], id="too-far-apart"),
        pytest.param(".#....#.......", "....#.........", ["1>0 removed", "1>1 earlier"], id="the-nearest-wins"),
        pytest.param(".##.##", ".#####", ["2>1 same"], id="both-stand-at-the-end"),
    ],
)
def test_episodes_that_belong_together(current: str, candidate: str, expected: list[str]) -> None:
    assert told(current, candidate) == expected


drawings = st.text(alphabet=".#", max_size=40)


@given(drawings, drawings)
def test_every_episode_is_in_one_pair(current: str, candidate: str) -> None:
    found = pairs(drawn(current), drawn(candidate), 4 * S)
    assert sorted((e for pair in found for e in pair.current), key=lambda e: e.start) == drawn(current)
    assert sorted((e for pair in found for e in pair.candidate), key=lambda e: e.start) == drawn(candidate)


@given(drawings, drawings)
def test_the_other_way_round_added_is_removed_and_earlier_is_later(current: str, candidate: str) -> None:
    opposite = {"added": "removed", "removed": "added", "earlier": "later", "later": "earlier", "same": "same"}
    there = [pair.difference for pair in pairs(drawn(current), drawn(candidate), 4 * S)]
    back = [opposite[pair.difference] for pair in pairs(drawn(candidate), drawn(current), 4 * S)]
    assert there == back


@given(drawings)
def test_a_rule_set_against_itself_changes_nothing(drawing: str) -> None:
    assert {pair.difference for pair in pairs(drawn(drawing), drawn(drawing))} <= {"same"}


def test_episodes_of_other_conditions_do_not_belong_together() -> None:
    found = pairs(at(1.0), at(1.0, condition="T2.alarm"))
    assert [pair.difference for pair in found] == ["removed", "added"]


def event(condition: str, time: float, transition: Transition) -> Event:
    return Event(1, "", round(time * S), "gas", "T1", condition, transition, "red", None, None, "GOOD", "")


def test_a_period_keeps_what_stands_in_it_and_does_not_know_what_comes_after() -> None:
    told_by = [
        event("a", 1, "raise"),
        event("b", 2, "raise"),
        event("b", 3, "clear"),
        event("a", 12, "clear"),
        event("c", 15, "raise"),
        event("c", 25, "clear"),
        event("d", 21, "raise"),
    ]
    found = episodes(told_by, 10 * S, 20 * S)
    assert [(e.condition, e.start // S, e.end and e.end // S) for e in found] == [("a", 1, 12), ("c", 15, None)]
    figures = performance(found, 10 * S, 20 * S, Guideline())
    assert figures.alarms == 1
    assert figures.minutes * 60 == pytest.approx(2 + 5)


def test_rates_count_the_empty_hours_too() -> None:
    figures = performance(at(0, 700, 710, 720), 0, 4 * HOUR, Guideline())
    assert figures.per_hour == 1.0
    assert figures.per_ten_minutes == pytest.approx(4 / 24)
    assert figures.busiest == 3
    assert figures.levels == {"orange": 4}


def test_a_period_shorter_than_ten_minutes_has_a_rate() -> None:
    assert performance(at(0.0), 0, MINUTE, Guideline()).per_hour == 60.0


def test_a_period_without_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after its start"):
        performance([], 5, 5, Guideline())


def floods(times: Sequence[float]) -> list[tuple[float, float, int]]:
    found = performance(at(*times), 0, 24 * HOUR, Guideline()).floods
    return [(flood.start / S, flood.end / S, flood.alarms) for flood in found]


def test_ten_alarms_in_ten_minutes_are_no_flood_and_eleven_are() -> None:
    assert floods([10.0 * k for k in range(10)]) == []
    assert floods([10.0 * k for k in range(11)]) == [(100.0, 660.0, 11)]
    assert floods([60.0 * k for k in range(11)]) == []


def test_a_flood_goes_on_until_fewer_than_five_are_left() -> None:
    burst = [10.0 * k for k in range(11)]
    assert floods([*burst, 300.0, 500.0, 650.0, 690.0, 1000.0]) == [(100.0, 700.0, 15)]


def slid(times: list[int], end: int) -> list[tuple[int, int]]:
    """Find floods as the words say it, second by second."""
    found: list[tuple[int, int]] = []
    begun: int | None = None
    for now in range(end + 1):
        count = sum(now - 600 < time <= now for time in times)
        if begun is None and count > 10:
            begun = now
        elif begun is not None and (count < 5 or now == end):
            found.append((begun, now))
            begun = None
    return found


@given(st.lists(st.integers(0, 3000), max_size=60).map(sorted))
def test_floods_are_what_a_sliding_window_finds(times: list[int]) -> None:
    found = performance(at(*times), 0, 3600 * S, Guideline()).floods
    assert [(flood.start // S, flood.end // S) for flood in found] == slid(times, 3600)


def test_three_alarms_in_a_minute_are_chattering() -> None:
    assert performance(at(0, 30, 61), 0, HOUR, Guideline()).chattering == ()
    (found,) = performance(at(0, 30, 60, 100, 300), 0, HOUR, Guideline()).chattering
    assert (found.condition, found.count) == ("T1.alarm", 3 + 0)


def test_fleeting_and_standing_alarms() -> None:
    found = [*at(0, 100, lasts=59), *at(200, lasts=60), Episode("old", "gas", None, "red", -25 * HOUR, None)]
    figures = performance(sorted(found, key=lambda e: e.start), 0, HOUR, Guideline())
    assert figures.fleeting == 2
    assert [episode.condition for episode in figures.standing] == ["old"]
    assert figures.alarms == 3


def test_figures_are_rated_against_target_and_most() -> None:
    rated = {
        r.figure: r.verdict for r in performance(at(*range(0, 3600, 400)), 0, HOUR, Guideline()).ratings(Guideline())
    }
    assert rated["per_hour"] == "acceptable"
    assert rated["per_ten_minutes"] == "acceptable"
    assert rated["over"] == "target"


CURRENT = rule_set([point(stale_after="never")], [limit(high=1.0)])
SLOWER = rule_set([point(stale_after="never")], [limit(high=1.0, on_delay="3s")])
BLUNT = rule_set([point(stale_after="never")], [limit(high=2.0)])
ROWS = series("0.6x5 1.2x5 0.6x5 1.2x2 0.6x10")


def compared(candidate: RuleSet | None, incidents: Sequence[Incident] = (), *, ahead: int = HOUR) -> Comparison:
    log = log_of(CURRENT, ROWS)
    other = None if candidate is None else (candidate, play(candidate, [log]))
    played = (CURRENT, play(CURRENT, [log[:7], log[7:]]))
    return compare(played, other, start=0, end=27 * S, incidents=incidents, ahead=ahead)


def test_an_on_delay_makes_alarms_later_or_drops_them() -> None:
    found = compared(SLOWER)
    assert [(pair.difference, pair.shift) for pair in found.pairs] == [("later", 3 * S), ("removed", None)]
    assert (found.current.performance.alarms, found.candidate.performance.alarms) == (2, 1)
    assert found.candidate.rules == SLOWER.version


def test_without_a_candidate_there_are_no_pairs() -> None:
    found = compared(None)
    assert found.candidate is found.current
    assert found.pairs == ()


def gate(comparison: Comparison) -> dict[str, tuple[float, bool]]:
    return {check.name: (check.found, check.passed) for check in judge(comparison, Gate(2 * S, 1000.0))}


BURST = Incident("gas", 7 * S, 9 * S, "gas")


def test_warning_time_that_is_lost_is_measured_and_refused() -> None:
    found = compared(SLOWER, [BURST])
    assert [(item.current, item.candidate, item.lost) for item in found.incidents] == [(2 * S, -1 * S, 3 * S)]
    assert gate(found)["missed"] == (0, True)
    assert gate(found)["lead_loss"] == (3 * S, False)
    assert gate(compared(CURRENT, [BURST]))["lead_loss"] == (0, True)


def test_an_early_warning_does_not_hide_that_the_alarm_itself_comes_later() -> None:
    early = limit("T1.early", high=0.7, level="yellow")
    incident = Incident("gas", 9 * S, 12 * S, "gas")
    rows = series("0.5x2 0.8x2 1.0 1.1 1.2x5 0.5x20")

    def lost(alarm: Limit | None) -> int:
        played = [
            (rules, play(rules, [log_of(rules, rows)]))
            for rules in (rule_set(limits=[early, limit()]), rule_set(limits=[early, *filter(None, [alarm])]))
        ]
        found = compare(played[0], played[1], start=0, end=30 * S, incidents=[incident]).incidents[0]
        assert found.current == found.candidate == 7 * S
        return found.lost

    assert lost(limit(high=1.2)) == 2 * S
    assert lost(None) == 5 * S
    assert lost(limit()) == 0


def test_an_incident_without_an_alarm_is_missed() -> None:
    found = compared(BLUNT, [BURST, Incident("water", 7 * S, 9 * S, "of another hazard source")])
    assert [(item.current, item.candidate) for item in found.incidents] == [(2 * S, None), (None, None)]
    assert gate(found)["missed"] == (2, False)


def test_a_warning_counts_for_no_longer_than_it_may() -> None:
    (warned,) = compared(None, [BURST], ahead=S).incidents
    assert warned.current == S


def test_incidents_beyond_the_period_are_left_out() -> None:
    assert compared(None, [Incident("gas", 100 * S, 200 * S, "later")]).incidents == ()


def test_health_is_no_warning() -> None:
    rules = rule_set([point(stale_after="2s")])
    log = log_of(rules, [("T1", 0.0, 0.5, 0, 0), ("T1", 9.0, 0.5, 0, 0)])
    found = compare(
        (rules, play(rules, [log])), None, start=0, end=10 * S, incidents=[Incident("gas", 4 * S, 5 * S, "")]
    )
    assert found.current.performance.alarms == 1
    assert found.incidents[0].current is None


def test_too_many_alarms_an_hour_are_refused() -> None:
    found = compared(CURRENT)
    (rate,) = [check for check in judge(found, Gate(0, 10.0)) if check.name == "alarms_per_hour"]
    assert not rate.passed
    assert rate.found == pytest.approx(2 * 3600 / 27)


def test_a_warm_up_holds_the_longest_window_delay_and_silence() -> None:
    rules = rule_set(
        [
            point("T1", stale_after="20s", flatline=Flatline(window="2h", epsilon=0.1)),
            point("KG", calibration_limit="1m"),
        ],
        [limit(feature="mean", window="10m"), limit("T1.slow", feature="ewma", tau="30m", off_delay="45m")],
        interlocks=[Interlock(id="i", cut="T1.alarm", feed="KG", level="red")],
    )
    assert warm_up(rules) == 150 * MINUTE + 45 * MINUTE + 20 * S
    assert warm_up(RuleSet((), (), (), ())) == 0


def test_the_engine_plays_a_log_in_pieces() -> None:
    log = log_of(CURRENT, ROWS)
    pieces = [log[begin : begin + 3] for begin in range(0, len(log), 3)]
    assert play(CURRENT, pieces) == play(CURRENT, [log]) != []
    assert play(CURRENT, [Log.of_ticks(np.empty(0, np.int64))]) == []


def test_an_incident_of_which_nobody_warns_as_gravely_any_more_is_missed() -> None:
    incident = Incident("gas", 100, 200, "")
    assert not Warned(incident, 30, 30, graver=((10, 5), (None, None))).is_missed
    assert Warned(incident, 30, 30, graver=((-5, None),)).is_missed
    assert Warned(incident, 30, None).is_missed
