"""What an edited rule-set no longer watches is found, however it came to that."""

from typing import Any

import pytest

from rules import Interlock, Removal, RuleSet, Vote, removals
from tests.rules.play import limit, point, rule_set

ALL: dict[str, Any] = {
    "flatline": {"window": "12h", "epsilon": 0.0},
    "step": 0.5,
    "discrepancy": {"with": "T2", "limit": 0.3},
}


def rules(
    t1: dict[str, Any] | None = None,
    alarm: dict[str, Any] | None = None,
    vote: dict[str, Any] | None = None,
    feed: str = "KG",
) -> RuleSet:
    """Return a rule-set with every kind of rule, in which some keys are others."""
    given: dict[str, Any] = {"id": "v", "hazard_source": "gas", "at_least": 1, "of": ["T1.alarm"], "level": "red"}
    return RuleSet(
        [point(**(ALL | (t1 or {}))), point("T2"), point("KG"), point("KG2")],
        [limit(**(alarm or {}))],
        [Vote(**(given | (vote or {})))],
        [Interlock(id="i", cut="T1.alarm", feed=feed, level="red")],
    )


def told(new: RuleSet, old: RuleSet | None = None) -> list[str]:
    return [f"{one.name} {one.kind} {one.to}".rstrip() for one in removals(new, rules() if old is None else old)]


def test_other_numbers_remove_nothing() -> None:
    assert told(rules({"stale_after": "9s", "step": 3.0}, {"high": 2.0, "on_delay": "5m"}, {"at_least": 1})) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"alarm": {"point": "T2"}}, "T1.alarm moved T2", id="limit"),
        pytest.param({"feed": "KG2"}, "i moved KG2", id="interlock"),
        pytest.param({"vote": {"hazard_source": "water"}}, "v moved water", id="vote"),
        pytest.param({"t1": {"hazard_source": "water"}}, "T1 moved water", id="point"),
        pytest.param({"t1": {"stale_after": "never"}}, "stale:T1 off", id="stale"),
        pytest.param({"t1": {"range": None}}, "over_range:T1 off", id="range"),
        pytest.param({"t1": {"flatline": None}}, "flatline:T1 off", id="flatline"),
        pytest.param({"t1": {"step": None}}, "step:T1 off", id="step"),
        pytest.param({"t1": {"discrepancy": None}}, "discrepancy:T1 off", id="discrepancy"),
    ],
)
def test_what_is_moved_or_turned_off_is_watched_no_longer(changed: dict[str, Any], expected: str) -> None:
    assert told(rules(**changed)) == [expected]


def test_every_kind_of_rule_may_be_gone() -> None:
    assert told(RuleSet(rules().points, (), (), ())) == ["T1.alarm removed", "i removed", "v removed"]


def test_a_point_that_is_gone_takes_its_rules_along() -> None:
    old = rule_set([point(), point("T2")], [limit(), limit("T1.cut", high=1.5), limit("T2.alarm")])
    new = rule_set([point("T2")], [limit("T2.alarm")])
    assert removals(new, old) == [Removal("T1", "removed", "", ("T1.alarm", "T1.cut"), ("gas",))]


def test_a_rule_is_known_by_its_point_and_its_hazard_source() -> None:
    (gone,) = removals(rule_set(), rule_set(limits=[limit()]))
    assert gone.within == ("T1", "gas")
