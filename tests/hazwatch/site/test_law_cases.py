"""The numbers of the regulation as rule cases: at and above, means over time, volumes instead of levels."""

from pathlib import Path

import pytest

from hazwatch.site.case_files import CaseInFile, read_cases
from hazwatch.site.config import load
from plant.profiles import profile
from rules import CaseBench

FOLDER = Path(__file__).parents[2] / "cases" / "law"
CONFIG = load(FOLDER / "site.toml")
BENCH = CaseBench(CONFIG.rules, CONFIG.site)
CASES = read_cases([FOLDER / "site.cases.toml"], BENCH)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case.name)
def test_the_engine_judges_as_the_article_says(case: CaseInFile) -> None:
    result = BENCH.play(case.case)
    assert result.passed, result


def test_every_case_names_an_article_of_a_profile_at_hand() -> None:
    articles = {
        str(article.number)
        for point in CONFIG.points.points
        if point.profile
        for article in profile(point.profile).articles.values()
    }
    named = {case.case.name.partition(":")[0] for case in CASES}
    assert named <= articles
