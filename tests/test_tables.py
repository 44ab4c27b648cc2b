"""Every fact about a feature stands in one table, and few files name a feature."""

import re
from pathlib import Path
from typing import get_args

import pytest

from rules.spec.features import FEATURES, MAX, MEAN, MIN, MOMENTS, NO_SUMS, RANGE, SUM, WIDTH, FeatureName

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


@pytest.mark.parametrize("word", ["slope"])
def test_few_files_name_a_feature(word: str) -> None:
    files = files_that_name(word)
    assert "rules/spec/features.py" in files
    assert len(files) <= FEW, files


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
