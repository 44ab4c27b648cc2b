"""Every example of a site file in the documentation works."""

import re
import tomllib
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from hazwatch.site.config import load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/zh").glob("*.md")), *sorted((ROOT / "adapters").rglob("*.md"))]
"""Pages in English have the same examples as those in Chinese."""

PREAMBLE = """\
[site]
id = "140522001"
name = "示范煤矿"
timezone = "Asia/Shanghai"

[[hazard_source]]
id = "gas-3101"
name = "3101 综采工作面瓦斯"
kind = "gas"
grade = "II"

[[source]]
id = "kj-ua"
protocol = "opcua"
endpoint = "opc.tcp://127.0.0.1:4840"

[[source]]
id = "plc"
protocol = "modbus"
endpoint = "127.0.0.1:502"

[[point]]
id = "T1"
hazard_source = "gas-3101"
name = "3101 工作面甲烷 T1"
range = [0.0, 4.0]
resolution = 0.01

[[point]]
id = "T2"
hazard_source = "gas-3101"
name = "3101 回风巷甲烷 T2"
range = [0.0, 4.0]
resolution = 0.01

[[point]]
id = "KG-1011"
hazard_source = "gas-3101"
name = "3101 工作面馈电状态"

[[limit]]
id = "T1.alarm"
point = "T1"
feature = "value"
high = 1.0
level = "orange"

[[limit]]
id = "T1.cut"
point = "T1"
feature = "value"
high = 1.5
clear = 1.0
level = "red"
"""


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
