"""Votes and interlocks, and the order in which they follow."""

from typing import Any

import pytest

from rules import Interlock, RuleSet, Vote
from tests.rules.play import Row, limit, play, point, rule_set, series, text


def _vote(name: str = "two", at_least: int = 2, of: tuple[str, ...] = ("A.alarm", "B.alarm", "C.alarm")) -> Vote:
    return Vote(id=name, hazard_source="gas", at_least=at_least, of=of, level="red")


def _three(**fields: Any) -> RuleSet:
    points = [point(name, **fields) for name in "ABC"]
    return rule_set(points, [limit(f"{name}.alarm") for name in "ABC"], [_vote()])


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        ("1.2 1.2 0.6", "0.6 1.2 1.2", "0.6x3", "A.alarm+0 B.alarm+1 two+1 A.alarm-2 two-2"),
        ("1.2 1.2", "0.6 !", "0.6x2", "A.alarm+0 fault:B+1 two+1"),
        ("0.6x2", "0.6 !", "0.6 !", "fault:B+1 fault:C+1"),
        ("1.2 1.2 1.2", "0.6 ! 0.6", "0.6x3", "A.alarm+0 fault:B+1 two+1 fault:B-2 two-2"),
    ],
)
def test_a_vote_takes_a_dead_sensor_for_one_that_stands(a: str, b: str, c: str, expected: str) -> None:
    rows = [*series(a, "A"), *series(b, "B"), *series(c, "C")]
    assert text(play(_three(), rows)) == expected


def test_a_vote_says_how_many_stand_as_integers() -> None:
    events = play(_three(), [*series("1.2", "A"), *series("1.2", "B"), *series("!", "C")])
    vote = next(event for event in events if event.condition == "two")
    assert (vote.value, vote.setpoint, vote.point, vote.quality) == (2, 2, None, "GOOD")
    assert '"value":2,"setpoint":2' in vote.to_json()


def test_staleness_of_a_member_moves_the_vote() -> None:
    rows: list[Row] = [*series("1.2x30", "A"), *series("0.6x2", "B"), *series("0.6x30", "C")]
    events = play(_three(), rows)
    assert text(events) == "A.alarm+0 stale:B+21 two+21"
    assert events[-1].quality == "UNCERTAIN"


def test_votes_of_votes_follow_depth_first() -> None:
    rules = rule_set(
        [point("A"), point("B")],
        [limit("A.alarm"), limit("B.alarm")],
        [_vote("one", 1, ("A.alarm", "stale:B")), _vote("all", 2, ("one", "B.alarm"))],
    )
    rows = [*series("0.6 1.2", "A"), *series("0.6 1.2", "B")]
    assert text(play(rules, rows)) == "A.alarm+1 one+1 B.alarm+1 all+1"


def _cut(**fields: Any) -> RuleSet:
    interlock = Interlock(id="cut", cut="T1.cut", feed="KG", level="red", **fields)
    feed = point("KG", range=(0.0, 1.0), resolution=1.0)
    return rule_set([point(), feed], [limit("T1.cut", high=1.5, clear=1.0)], [_vote("any", 1, ("cut",))], [interlock])


@pytest.mark.parametrize(
    ("methane", "feed", "expected"),
    [
        ("0.6 1.6x4", "1 1x4", "T1.cut+1 cut+3 any+3"),
        ("0.6 1.6x4", "1 1 0x3", "T1.cut+1"),
        ("0.6 1.6x4", "1 1 1 0x3", "T1.cut+1"),
        ("0.6 1.6x5", "1x4 0x2", "T1.cut+1 cut+3 any+3 cut-4 any-4"),
        ("0.6 1.6x4 0.6", "1 1x4 1", "T1.cut+1 cut+3 any+3 T1.cut-5 cut-5 any-5"),
        ("0.6 1.6x4", "0 ! ! ! !", "T1.cut+1 fault:KG+1 cut+3 any+3"),
        ("0.6 1.6x4", "0x5", "T1.cut+1"),
    ],
)
def test_power_that_should_be_off_and_is_not(methane: str, feed: str, expected: str) -> None:
    assert text(play(_cut(), [*series(methane), *series(feed, "KG")])) == expected


def test_an_interlock_says_the_evidence_of_its_feed() -> None:
    event = play(_cut(), [*series("0.6 1.6x4"), *series("1x5", "KG")])[1]
    assert (event.condition, event.point, event.value, event.setpoint) == ("cut", "KG", 1.0, None)
    silent = play(_cut(within="0s"), series("0.6 1.6"))
    assert [(event.condition, event.value) for event in silent] == [("T1.cut", 1.6), ("cut", None), ("any", 1)]
