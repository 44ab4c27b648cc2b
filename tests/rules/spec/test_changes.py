"""What one rule-set changes of another is found whole, and what becomes looser is marked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Interlock, RuleSet, Vote, changes, version_of
from tests.rules.play import limit, point, rule_set

FLATLINE = {"window": "12h", "epsilon": 0.0}
SISTER = {"with": "T2", "limit": 0.3}
MEAN = {"feature": "mean"}
AHEAD = {"feature": "projected", "window": "5m"}
EWMA = {"feature": "ewma"}
SLOPE = {"feature": "slope", "window": "5m"}
FALL = SLOPE | {"low": -1.0}


def vote(**fields: Any) -> Vote:
    given: dict[str, Any] = {
        "id": "v",
        "hazard_source": "gas",
        "at_least": 1,
        "of": ["T1.alarm", "fault:T1"],
        "level": "orange",
    }
    return Vote(**(given | fields))


def interlock(**fields: Any) -> Interlock:
    given: dict[str, Any] = {"id": "i", "cut": "T1.alarm", "feed": "KG", "within": "2s", "level": "red"}
    return Interlock(**(given | fields))


def rules(**fields: Any) -> RuleSet:
    """Return a rule-set with every kind of rule, in which some keys are others."""
    points = [point(**fields.get("point", {})), point("T2"), point("KG"), point("C", expression="T1 + T2")]
    return RuleSet(
        points, [limit(**fields.get("limit", {})), limit("T2.rise", feature="slope", window="5m", per="1m")],
        [vote(**fields.get("vote", {}))], [interlock(**fields.get("interlock", {}))],
    )  # fmt: skip


def found(new: RuleSet, old: RuleSet) -> list[tuple[str, bool]]:
    return [(key.key, key.looser) for change in changes(new.content, old.content) for key in change.keys]


EDITS: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, bool]]]] = [
    ("limit", {}, {"high": 1.2}, [("high", True)]),
    ("limit", {}, {"high": 0.8}, [("high", False)]),
    ("limit", {"clear": 0.8}, {"clear": 0.9}, [("clear", True)]),
    ("limit", {"clear": 0.9}, {"clear": 0.8}, [("clear", False)]),
    ("limit", {"deadband": 0.2}, {"deadband": 0.1}, [("deadband", True)]),
    ("limit", {}, {"on_delay": "5s"}, [("on_delay", True)]),
    ("limit", {}, {"off_delay": "5s"}, [("off_delay", False)]),
    ("limit", {"off_delay": "5s"}, {}, [("off_delay", True)]),
    ("limit", {}, {"level": "yellow"}, [("level", True)]),
    ("limit", {}, {"level": "red"}, [("level", False)]),
    ("limit", {}, {"point": "T2"}, [("point", True)]),
    ("limit", {}, {"feature": "mean", "window": "1m"}, [("feature", True), ("window", False)]),
    ("limit", MEAN | {"window": "1m"}, MEAN | {"window": "24h"}, [("window", True)]),
    ("limit", MEAN | {"window": "24h"}, MEAN | {"window": "1m"}, [("window", True)]),
    ("limit", AHEAD | {"horizon": "10m"}, AHEAD | {"horizon": "1s"}, [("horizon", True)]),
    ("limit", EWMA | {"tau": "1m"}, EWMA | {"tau": "1h"}, [("tau", True)]),
    ("limit", SLOPE, SLOPE | {"per": "1s"}, [("per", True)]),
    ("limit", SLOPE, SLOPE | {"per": "1m"}, [("per", False)]),
    ("limit", SLOPE, SLOPE | {"per": "1h"}, [("per", False)]),
    ("limit", SLOPE, SLOPE | {"per": "1h", "high": 60.0}, [("high", False), ("per", False)]),
    ("limit", SLOPE, SLOPE | {"per": "1h", "high": 60.1}, [("high", False), ("per", True)]),
    ("limit", FALL, FALL | {"per": "1s"}, [("per", True)]),
    ("limit", SLOPE | {"per": "1s", "deadband": 0.3}, SLOPE | {"high": 60.0, "deadband": 0.3},
     [("per", True), ("high", False)]),
    ("point", {}, {"stale_after": "21s"}, [("stale_after", True)]),
    ("point", {"stale_after": "never"}, {"stale_after": "10s"}, [("stale_after", False)]),
    ("point", {}, {"stale_after": "never"}, [("stale_after", True)]),
    ("point", {}, {"range": (0.0, 10.0)}, [("range", True)]),
    ("point", {}, {"range": None}, [("range", True)]),
    ("point", {}, {"range_margin": 0.5}, [("range_margin", True)]),
    ("point", {}, {"range_margin": 0.01}, [("range_margin", False)]),
    ("point", {}, {"fault": {"on_delay": "3s"}}, [("fault.on_delay", True)]),
    ("point", {}, {"fault": {"off_delay": "3s"}}, [("fault.off_delay", False)]),
    ("point", {}, {"calibration_limit": "1h"}, [("calibration_limit", True)]),
    ("point", {}, {"step": 1.0}, [("step", False)]),
    ("point", {"step": 1.0}, {"step": 2.0}, [("step", True)]),
    ("point", {"step": 1.0}, {}, [("step", True)]),
    ("point", {"flatline": FLATLINE}, {}, [("flatline.window", True), ("flatline.epsilon", True)]),
    ("point", {}, {"flatline": FLATLINE}, [("flatline.window", False), ("flatline.epsilon", False)]),
    ("point", {"discrepancy": SISTER}, {"discrepancy": SISTER | {"limit": 0.4}}, [("discrepancy.limit", True)]),
    ("point", {"health_level": "red"}, {}, [("health_level", True)]),
    ("point", {}, {"resolution": 0.1}, [("resolution", False)]),
    ("vote", {}, {"at_least": 2}, [("at_least", True)]),
    ("vote", {}, {"of": ["T1.alarm"]}, [("of", True)]),
    ("vote", {}, {"of": ["T1.alarm", "fault:T1", "stale:T1"]}, [("of", False)]),
    ("interlock", {}, {"within": "3s"}, [("within", True)]),
    ("interlock", {}, {"cut": "T2.rise"}, [("cut", True)]),
    ("interlock", {}, {"level": "blue"}, [("level", True)]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "expected"), EDITS, ids=str)
def test_a_changed_key_is_found_and_marked_where_it_is_looser(
    table: str, old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    assert found(rules(**{table: new}), rules(**{table: old})) == expected


def test_what_was_removed_is_looser_and_what_was_added_is_not() -> None:
    more, less = rule_set(limits=[limit(), limit("T1.cut", high=1.5)]), rule_set(limits=[limit()])
    (gone,) = changes(less.content, more.content)
    assert (gone.table, gone.name, gone.kind, gone.looser) == ("limit", "T1.cut", "removed", True)
    (came,) = changes(more.content, less.content)
    assert (came.name, came.kind, came.looser) == ("T1.cut", "added", False)
    assert ("high", None, "1.5") in [(key.key, key.old, key.new) for key in came.keys]


def test_another_order_is_a_change_for_events_come_out_in_it() -> None:
    one, other = limit(), limit("T1.cut", high=1.5)
    (moved,) = changes(rule_set(limits=[other, one]).content, rule_set(limits=[one, other]).content)
    assert (moved.table, moved.name, moved.kind, moved.looser) == ("limit", "", "order", False)


def test_values_are_written_as_a_site_file_has_them() -> None:
    (change,) = changes(rules(point={"stale_after": "90s"}).content, rules(point={"stale_after": "never"}).content)
    assert [(key.old, key.new) for key in change.keys] == [("never", "90s")]


def test_a_content_of_another_version_is_compared_without_marks() -> None:
    old = rules().content.replace('"at_least"', '"colour": "pink", "at_least"')
    new = rules(limit={"high": 1.2}).content
    assert [(c.name, [(k.key, k.looser) for k in c.keys]) for c in changes(new, old)] == [
        ("T1.alarm", [("high", False)]),
        ("v", [("colour", False)]),
    ]


@given(
    high=st.sampled_from([0.5, 1.0, 1.25]),
    stale=st.sampled_from(["20s", "1500ms", "never"]),
    sister=st.sampled_from([None, SISTER]),
    flat=st.sampled_from([None, FLATLINE]),
    span=st.sampled_from([None, (0.0, 4.0)]),
)
def test_a_content_is_read_back_as_the_same_rule_set(
    high: float,
    stale: str,
    sister: dict[str, Any] | None,
    flat: dict[str, Any] | None,
    span: tuple[float, float] | None,
) -> None:
    keys = {"stale_after": stale, "discrepancy": sister, "flatline": flat, "range": span}
    written = rules(limit={"high": high, "on_delay": "1500ms"}, point=keys)
    read = RuleSet.read(written.content)
    assert read.content == written.content
    assert read.version == written.version == version_of(written.content)
    assert (changes(read.content, written.content), read.limits) == ([], written.limits)


@pytest.mark.parametrize("content", ["", "[]", "[[],[],[]]", '[[{"id": "T1"}], [], [], []]', "{}", "5", "[1, 2, 3, 4]"])
def test_what_is_no_content_is_refused(content: str) -> None:
    with pytest.raises(ValueError):
        RuleSet.read(content)
