"""The SBOM names what the product runs with: every package of requirements.lock and of the page, and no other."""

import json
import re
from pathlib import Path

import pytest

from scripts.locks import PAGE_LOCK, ROOT
from scripts.sbom import TARGET, sbom

CONTENT = json.loads(TARGET.read_text(encoding="utf-8"))
REFS = {component["bom-ref"] for component in CONTENT["components"]}


def test_the_file_is_what_the_locks_give() -> None:
    assert TARGET.read_text(encoding="utf-8") == sbom(), "run: .venv/bin/python -m scripts.sbom"


def test_it_holds_every_pin_of_the_lock() -> None:
    pins = re.findall(
        r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {ref for ref in REFS if ref.startswith("pkg:pypi/")} == {
        f"pkg:pypi/{name}@{version}" for name, version in pins
    }


def test_it_holds_what_is_built_into_the_page_and_no_tool_of_the_build() -> None:
    names = json.loads(PAGE_LOCK.read_text(encoding="utf-8"))["packages"][""]
    page = {component["name"] for component in CONTENT["components"] if component["purl"].startswith("pkg:npm/")}
    assert set(names["dependencies"]) <= page
    assert page.isdisjoint(names["devDependencies"])


def test_every_component_has_a_version_a_licence_and_a_place_in_the_graph() -> None:
    for component in CONTENT["components"]:
        assert component["version"], component
        assert all(component["licenses"][0].values()), component
    asked = {ref for row in CONTENT["dependencies"] for ref in row["dependsOn"]}
    assert asked == REFS
    assert {row["ref"] for row in CONTENT["dependencies"]} == REFS | {CONTENT["metadata"]["component"]["bom-ref"]}


@pytest.mark.parametrize("name", ["sbom.cdx.json", "advisories.json", "licences.toml"])
def test_a_file_of_the_supply_chain_names_no_address(name: str) -> None:
    assert "://" not in (Path(ROOT) / "supply" / name).read_text(encoding="utf-8")
