"""What is wrong with a rule-set, all at once, and what its version depends on."""

from typing import Any

import pytest

from plant import Entity, Point
from rules import Interlock, Limit, RuleSet, Vote
from tests.rules.play import limit, point, rule_set


def _found(rules: RuleSet) -> dict[str, str]:
    return {".".join(problem.path): problem.message for problem in rules.problems()}


def _vote(name: str, at_least: int, *of: str) -> Vote:
    return Vote(id=name, hazard_source="gas", at_least=at_least, of=of, level="red")


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"clear": 1.2}, "clear", "expected at most 1.0"),
        ({"low": 1.0, "clear": 0.8}, "clear", "expected at least 1.0"),
        ({"high": 1.005}, "high", "multiple of the resolution 0.01"),
        ({"clear": 0.555}, "clear", "multiple of the resolution 0.01"),
        ({"deadband": 0.001}, "deadband", "multiple of the resolution 0.01"),
        ({"high": 4.01}, "high", "never reached"),
        ({"high": 1.0, "clear": 0.0}, "clear", "never left"),
        ({"low": 4.0}, "low", "never left"),
        ({"low": -0.01}, "low", "never reached"),
        ({"feature": "max", "window": "1m", "high": 5.0}, "high", "never reached"),
    ],
)
def test_a_limit_that_cannot_work_is_named(fields: dict[str, Any], path: str, message: str) -> None:
    found = _found(rule_set(limits=[limit(**fields)]))
    assert list(found) == [f"limit.T1.alarm.{path}"]
    assert message in found[f"limit.T1.alarm.{path}"]


@pytest.mark.parametrize(
    "fields",
    [
        {"high": 4.0},
        {"high": 0.01, "clear": 0.01},
        {"low": 0.0},
        {"feature": "delta", "window": "1m", "high": 9.003},
        {"feature": "mean", "window": "1m", "high": 1.005},
    ],
)
def test_a_limit_that_can_work_is_no_problem(fields: dict[str, Any]) -> None:
    assert _found(rule_set(limits=[limit(**fields)])) == {}


def test_all_problems_come_at_once_each_with_what_is_missing() -> None:
    points = [
        point(discrepancy={"with": "T9", "limit": 0.1}),
        point(),
        point("T3", discrepancy={"with": "T3", "limit": 1}),
    ]
    limits = [limit(), limit(), limit("X.alarm"), limit("stale:T1", point="T1")]
    votes = [_vote("v", 3, "T1.alarm", "T1.alarm", "w", "nobody"), _vote("w", 1, "fault:T1", "v")]
    interlock = Interlock(id="cut", cut="stale:T3", feed="K", level="red")
    problems = rule_set(points, limits, votes, [interlock]).problems()
    assert [(".".join(problem.path), problem.missing) for problem in problems] == [
        ("point.T1.id", None),
        ("limit.T1.alarm.id", None),
        ("limit.stale:T1.id", None),
        ("point.T1.discrepancy.with", "T9"),
        ("point.T3.discrepancy.with", None),
        ("limit.X.alarm.point", "X"),
        ("vote.v.of", None),
        ("vote.v.of", "nobody"),
        ("vote.v.of", None),
        ("interlock.cut.cut", "stale:T3"),
        ("interlock.cut.feed", "K"),
    ]


def test_a_vote_cannot_need_more_than_its_members() -> None:
    assert list(_found(rule_set(limits=[limit()], votes=[_vote("v", 2, "T1.alarm")]))) == ["vote.v.at_least"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("T1 +", "expected numbers, nan, point ids"),
        ("open('x')", '"open" with 1 arguments is not in the grammar'),
        ("T1.__class__()", "not in the grammar"),
        ("[T1][0]", "not in the grammar"),
        ("T1 ** 2", "not in the grammar"),
        ("0 < T1 < 1", "not in the grammar"),
        ("T1 if T1 else 0", "not in the grammar"),
        ("(lambda: T1)()", "not in the grammar"),
        ("min(T1)", '"min" with 1 arguments'),
        ("True * T1", "not a point id"),
        ("1 + 2", "at least one point"),
        ("T7", 'no [[point]] has the id "T7"'),
        ("ELSE", 'expected points of "gas"'),
        ("C", "computed from itself"),
        ("D", "computed from itself"),
        ("1" * 5000, "expected numbers"),
    ],
)
def test_an_expression_outside_the_grammar_is_refused(expression: str, message: str) -> None:
    points = [
        point(),
        point("C", expression=expression),
        point("D", expression="C"),
        point("ELSE", hazard_source="water"),
    ]
    found = _found(rule_set(points))
    assert message in found["point.C.expression"]


def test_ids_that_are_no_names_stand_in_quotes() -> None:
    points = [point("KG-1"), point("3101.T1"), point("甲烷"), point("C", expression="'KG-1' * '3101.T1' - 甲烷")]
    assert _found(rule_set(points)) == {}


def test_the_version_depends_on_what_is_evaluated_alone() -> None:
    version = rule_set(limits=[limit()]).version
    assert len(version) == 12
    assert rule_set([point(name="another", source="s", address="a")], [limit(message="甲烷超限")]).version == version
    assert rule_set(limits=[limit(clear=0.9)]).version != version
    assert rule_set(limits=[limit(level="red")]).version != version
    assert rule_set([point(stale_after="21s")], [limit()]).version != version


def test_every_field_is_either_evaluated_or_known_not_to_be() -> None:
    evaluated: dict[type[Entity], str] = {
        Point: "id hazard_source range resolution stale_after expression inputs fault over_range range_margin "
        "calibration_limit flatline step discrepancy health_level",
        Limit: "id point feature window per horizon tau high low clear deadband on_delay off_delay level",
        Vote: "id hazard_source at_least of level",
        Interlock: "id cut feed within level",
    }
    not_evaluated = (
        "name quantity unit profile source address message message_en response response_en consequence consequence_en "
        "time_to_respond basis basis_en ticket"
    )
    for model, fields in evaluated.items():
        assert set(model.model_fields) - set(not_evaluated.split()) == set(fields.split())
