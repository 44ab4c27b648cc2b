"""A limit says once, and exactly, where it clears, per which time its feature counts, and whether it looks ahead."""

from decimal import Decimal

import pytest

from plant import Point
from plant.units import HOUR, MINUTE
from rules.spec.features import FEATURES, FeatureName
from rules.spec.rule import Limit
from rules.spec.tolerance import comparison_of

POINT = Point.model_validate({"id": "T1", "hazard_source": "gas", "name": "T1"})
LENGTHS = {"window": "10m", "horizon": "20m", "tau": "5m"}


def limit(feature: FeatureName = "value", **keys: object) -> Limit:
    """Return a limit of the point with what its feature needs."""
    needed = {name: LENGTHS[name] for name in FEATURES[feature].needs}
    return Limit.model_validate({"id": "a", "point": "T1", "feature": feature, "level": "red"} | needed | keys)


@pytest.mark.parametrize(
    ("keys", "clear"),
    [
        pytest.param({"high": 1.0, "deadband": 0.1}, "0.9", id="high"),
        pytest.param({"low": 0.25, "deadband": 0.05}, "0.30", id="low"),
        pytest.param({"high": 1.0}, "1.0", id="no deadband"),
        pytest.param({"high": 1.0, "clear": 0.8}, "0.8", id="written"),
        pytest.param({"high": 1e16, "deadband": 1e-16}, "9999999999999999.9999999999999999", id="more than 28 digits"),
    ],
)
def test_a_limit_clears_exactly_where_its_numbers_say(keys: dict[str, float], clear: str) -> None:
    assert limit("value", **keys).clears_at == Decimal(clear)
    assert comparison_of(limit("value", **keys), POINT).clear == Decimal(clear)


def test_a_rate_counts_per_minute_unless_its_time_unit_is_written() -> None:
    rates = [name for name, row in FEATURES.items() if row.per_time]
    assert [limit(name, high=1.0).per_or_minute for name in rates] == [MINUTE] * len(rates)
    assert [limit(name, high=1.0, per="1h").per_or_minute for name in rates] == [HOUR] * len(rates)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_limit_takes_the_keys_that_its_feature_needs_and_no_other(feature: FeatureName) -> None:
    row = FEATURES[feature]
    assert limit(feature, high=1.0).looks_ahead == ("horizon" in row.needs)
    for name, length in LENGTHS.items():
        keys: dict[str, object] = {name: None if name in row.needs else length}
        with pytest.raises(ValueError, match=f'"{feature}" {"needs" if name in row.needs else "takes no"} {name}'):
            limit(feature, high=1.0, **keys)
    if not row.per_time:
        with pytest.raises(ValueError, match="takes no per"):
            limit(feature, high=1.0, per="1h")
