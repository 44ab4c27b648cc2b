"""Every fact about a feature or a health kind stands in one table, and few files name one."""

import re
from pathlib import Path
from typing import get_args

import pytest

from plant.health_kinds import FIRST_MEASURED, HEALTH_KINDS, HealthKind
from plant.point import Point
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE, requested_health
from rules.spec.features import FEATURES, MAX, MEAN, MIN, MOMENTS, NO_SUMS, RANGE, SUM, WIDTH, FeatureName
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.ruleset import RuleSet

ROOT = Path(__file__).parents[1]
PRODUCT = ("plant", "ingest", "rules", "alarms", "adapters", "simulators", "console/web/src", "console", "hazwatch")
FEW = 4


def files_that_name(word: str) -> list[str]:
    """Return the files of the product with this word in code, a comment or a text; Python and TypeScript."""
    files = {
        path
        for package in PRODUCT
        for pattern in ("*.py", "*.ts", "*.tsx")
        for path in (ROOT / package).rglob(pattern)
        if "node_modules" not in path.parts
    }
    pattern = re.compile(rf"(?<![A-Za-z]){word}(?![a-z])", re.IGNORECASE)
    return sorted(str(path.relative_to(ROOT)) for path in files if pattern.search(path.read_text(encoding="utf-8")))


def places(pattern: re.Pattern[str], folder: str, files: str) -> list[str]:
    """Return the lines of the files of a folder with a match, as `FILE:LINE`."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / folder).rglob(files))
        if "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    ("word", "table"), [("slope", "rules/spec/features.py"), ("flatline", "plant/health_kinds.py")]
)
def test_few_files_name_a_feature_or_a_health_kind(word: str, table: str) -> None:
    files = files_that_name(word)
    assert table in files
    assert len(files) <= FEW, files


# The kind of a message of the stream is called "delta", too.
QUOTED_FEATURE = re.compile(rf"""(?<!kind: )(?<!kind === )(["'])(?:{"|".join(FEATURES)})\1""")
COMPARED_FEATURE = re.compile(r"""\bfeature["'\])]* *(?:==|!=|(?:not )?in) *[({\[]?["']""")


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (QUOTED_FEATURE, 'limit.feature === "value"'),
        (QUOTED_FEATURE, "limits.value.get(alarm.id)?.feature === 'projected'"),
        (QUOTED_FEATURE, 'new Set(["count", "vote"])'),
        (COMPARED_FEATURE, 'limit.feature == "value"'),
        (COMPARED_FEATURE, 'view["feature"] != "value"'),
        (COMPARED_FEATURE, 'feature in ("min", "max")'),
    ],
)
def test_a_decision_by_the_name_of_a_feature_is_seen(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize(
    "line", ['kind: "delta";', 'message.kind === "delta"', "<input value={text} />", 'for name in ("value", "raw")']
)
def test_a_word_that_a_feature_shares_is_not_its_name(line: str) -> None:
    assert not (QUOTED_FEATURE if "for" not in line else COMPARED_FEATURE).search(line)


def test_the_page_names_no_feature() -> None:
    files = [path for path in (ROOT / "console/web/src").rglob("*.ts*") if "feature" in path.read_text("utf-8")]
    assert files, "the types of the page have a field `feature`"
    assert places(QUOTED_FEATURE, "console/web/src", "*.ts*") == []


@pytest.mark.parametrize("package", ["ingest", "rules", "alarms", "adapters", "simulators", "console", "hazwatch"])
def test_no_package_compares_a_feature_with_a_name(package: str) -> None:
    assert places(COMPARED_FEATURE, package, "*.py") == []


def test_the_table_has_one_row_for_each_name_and_each_number() -> None:
    assert tuple(FEATURES) == get_args(FeatureName)
    assert sorted(row.number for row in FEATURES.values()) == list(range(len(FEATURES)))


def test_the_features_of_a_pair_have_consecutive_numbers_as_the_kernels_expect() -> None:
    assert tuple(range(SUM, SUM + 5)) == (SUM, MEAN, MIN, MAX, RANGE)
    assert [row.number for row in FEATURES.values() if WIDTH[row.sums] == 2] == [MEAN, MIN, MAX, RANGE, SUM]


@pytest.mark.parametrize("name", list(FEATURES))
def test_a_feature_keeps_sums_only_in_a_window_and_of_a_known_kind(name: FeatureName) -> None:
    row = FEATURES[name]
    assert row.sums in range(NO_SUMS, MOMENTS + 1)
    assert row.sums == NO_SUMS or "window" in row.needs


def test_the_kernels_number_the_health_kinds_in_the_order_of_evaluation() -> None:
    assert tuple(HEALTH_KINDS) == get_args(HealthKind)
    assert [row.number for row in HEALTH_KINDS.values()] == list(range(LIMIT + 1, INTERLOCK))
    assert VOTE == INTERLOCK + 1


def test_a_kind_compares_a_number_with_a_setpoint_from_the_first_measured_kind_on() -> None:
    for row in HEALTH_KINDS.values():
        assert any(setting.role == "setpoint" for setting in row.settings) == (row.number >= FIRST_MEASURED)


BARE = Point.model_validate({"id": "T1", "hazard_source": "gas", "name": "T1", "stale_after": "never"})
FULL = Point.model_validate(
    {
        "id": "T2",
        "hazard_source": "gas",
        "name": "T2",
        "range": (0.0, 4.0),
        "flatline": {"window": "5m", "epsilon": 0.01},
        "step": 0.5,
        "discrepancy": {"with": "T1", "limit": 0.2},
    }
)


def test_a_point_is_evaluated_for_what_it_asks_for_and_for_what_every_point_has() -> None:
    index = RuleSet((BARE, FULL), (), (), ()).conditions
    assert list(index.evaluated) == [
        "fault:T1", "over_range:T1", "calibration_overrun:T1", *(f"{kind}:T2" for kind in HEALTH_KINDS)
    ]  # fmt: skip
    assert list(index.evaluated_health_ids) == list(index.evaluated)
    assert requested_health(BARE) == {"fault", "calibration_overrun"}


def test_every_kind_of_every_point_is_a_possible_condition() -> None:
    index = RuleSet((BARE, FULL), (), (), ()).conditions
    ids = [f"{kind}:{point}" for point in ("T1", "T2") for kind in HEALTH_KINDS]
    assert [condition.id for condition in index.possible] == ids
    assert all(name in index and index[name].id == name for name in ids)
    assert "stale:T3" not in index
    assert "T1" not in index
    assert list(index.possible_health_ids) == ids


def test_an_event_of_a_health_condition_carries_the_number_that_its_point_asks_for() -> None:
    index = RuleSet((BARE, FULL), (), (), ()).conditions
    assert [index[f"{kind}:T2"].setpoint for kind in ("flatline", "step", "discrepancy", "fault")] == [
        0.01, 0.5, 0.2, None
    ]  # fmt: skip


def test_the_index_knows_what_a_vote_and_an_interlock_look_at_and_who_looks_at_a_limit() -> None:
    limit = Limit.model_validate({"id": "cut", "point": "T2", "feature": "value", "high": 1.5, "level": "red"})
    vote = Vote.model_validate(
        {"id": "v", "hazard_source": "face", "at_least": 2, "of": ("fault:T1", "cut", "step:T2"), "level": "red"}
    )
    wider = Vote.model_validate({"id": "w", "hazard_source": "face", "at_least": 1, "of": ("v", "off"), "level": "red"})
    interlock = Interlock.model_validate({"id": "off", "cut": "cut", "feed": "T1", "level": "red"})
    index = RuleSet((BARE, FULL), (limit,), (vote, wider), (interlock,)).conditions
    assert index.users("cut") == ("v", "off")
    assert index.members("off") == ("cut",)
    assert (index.points("v"), index.points("off"), index.points("cut")) == (("T1", "T2"), ("T1",), ("T2",))
    assert index.points("w") == ("T1", "T2")
    assert (index.rules_of("T1"), index.rules_of("T2"), index.rules_of("T3")) == (("off",), ("cut",), ())
    assert (index["v"].hazard_source, index["off"].hazard_source, index["v"].setpoint) == ("face", "gas", 2)
