"""A view of a condition has the facts of its feature, so that the page needs no table of its own."""

from pathlib import Path

import pytest

from hazwatch.desk.rules import ConditionViews
from rules import FEATURES, FeatureName
from tests import sites
from tests.hazwatch.live.live_runs import SITE, config_in

LENGTHS = {"window": "10m", "horizon": "20m", "tau": "5m"}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_limit_has_the_facts_of_its_feature(tmp_path: Path, feature: FeatureName) -> None:
    row = FEATURES[feature]
    needed = {key: LENGTHS[key] for key in row.needs}
    limit = sites.limit("T2.more", "T2", feature=feature, high=3.0, level="blue", **needed)
    views = ConditionViews(config_in(tmp_path, f"{SITE}\n{limit}"))
    facts = views["T2.more"]
    assert (facts["is_value"], facts["counts"], facts["looks_ahead"]) == (
        feature == "value",
        feature == "count",
        feature == "projected",
    )


def test_a_vote_and_an_interlock_count_and_the_health_of_a_point_has_no_such_fact(tmp_path: Path) -> None:
    views = ConditionViews(config_in(tmp_path))
    assert {name for name, view in views.items() if view["counts"]} == {"both", "cut"}
    assert {name for name, view in views.items() if view["is_value"]} == {"T1.alarm", "T2.alarm"}
    assert not any(view["looks_ahead"] for view in views.values())
