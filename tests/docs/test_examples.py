"""Every example of a site file in the documentation works."""

import re
import tomllib
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from hazwatch.site.config import load
from tests.docs.preamble import PREAMBLE

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/zh").glob("*.md")), *sorted((ROOT / "adapters").rglob("*.md"))]
"""Pages in English have the same examples as those in Chinese."""


def blocks(language: str) -> list[ParameterSet]:
    """Return all code blocks of a language, each with its page and line."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, block.start()) + 1
            found.append(pytest.param(block[1], id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def ids(text: str) -> set[tuple[str, str]]:
    tables = tomllib.loads(text)
    single = {(table, "") for table, content in tables.items() if isinstance(content, dict)}
    return single | {
        (t, entry["id"]) for t, content in tables.items() if isinstance(content, list) for entry in content
    }


def completed(fragment: str) -> str:
    """Return the fragment with what it leaves out; the preamble's tables give way to its own."""
    taken = ids(fragment) | ({("limit", "T1.cut")} if "profile" in fragment else set())
    head = [table for table in PREAMBLE.split("\n\n") if not ids(table) & taken]
    return "\n\n".join([*head, fragment])


@pytest.mark.parametrize("example", blocks("toml"))
def test_an_example_loads_without_a_mistake_or_a_warning(example: str, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(example if "[site]" in example else completed(example), encoding="utf-8")
    config = load(site)
    assert config.warnings == ()


@pytest.mark.parametrize("example", [block for block in blocks("csv") if "hazard_source" in str(block)])
def test_a_table_of_points_loads(example: str, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(example, encoding="utf-8")
    (tmp_path / "site.toml").write_text('points = "points.csv"\n' + PREAMBLE, encoding="utf-8")
    points = load(tmp_path / "site.toml").points
    assert {"T3", "T4"} <= {point.id for point in points.points}
    assert points.points[points.column("T3")].range == (0.0, 4.0)


def test_there_are_examples() -> None:
    assert len(blocks("toml")) > 5
    assert len(blocks("csv")) > 0
