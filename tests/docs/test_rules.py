"""The page about rules has a heading for everything that can be asked, and its examples are right."""

import re
import tomllib
from typing import get_args

import pytest

from plant import HEALTH_KINDS
from rules import FeatureName, Interlock, Limit, Vote
from tests.docs.pages import LANGUAGES, Language, page
from tests.rules.play import point, rule_set

PAGE = page("rules.md", "en")
"""The page in Chinese has the same examples; see tests/docs/test_languages.py."""
HEADING = re.compile(r"^## `(\w+)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = {
    name: tomllib.loads("\n".join(line[4:] for line in text.splitlines() if line.startswith("    ")))
    for name, text in HEADING.findall(PAGE)
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feature_and_kind_of_rule_has_a_heading_and_nothing_else_has(language: Language) -> None:
    named = [name for name, _ in HEADING.findall(page("rules.md", language))]
    assert named == [*get_args(FeatureName), *HEALTH_KINDS, "vote", "interlock", "expression"]


@pytest.mark.parametrize("feature", get_args(FeatureName))
def test_the_example_of_a_feature_is_a_limit(feature: str) -> None:
    example = SECTIONS[feature]
    assert example["feature"] == feature
    Limit(id="x", point="T1", level="red", **example)


@pytest.mark.parametrize("kind", HEALTH_KINDS)
def test_the_example_of_a_health_condition_is_a_point(kind: str) -> None:
    assert not rule_set([point(**SECTIONS[kind]), point("T2")]).problems()


def test_the_examples_of_votes_interlocks_and_expressions_are_right() -> None:
    Vote(**SECTIONS["vote"]["vote"][0])
    Interlock(**SECTIONS["interlock"]["interlock"][0])
    example = SECTIONS["expression"]["point"][0]
    inputs = [point(name, hazard_source="fire-3101", unit="%") for name in ("CO", "N2", "O2")]
    calculated = point(example["id"], range=None, resolution=None, **{k: v for k, v in example.items() if k != "id"})
    assert not rule_set([calculated, *inputs]).problems()


def test_the_first_example_is_a_limit() -> None:
    block = PAGE.split("Features of a limit")[0]
    (example,) = tomllib.loads("\n".join(line[4:] for line in block.splitlines() if line.startswith("    ")))["limit"]
    Limit(**example)
