"""What is packed and what is locked: eight packages by their names, the built page, and no address of a registry."""

import importlib
import json
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hazwatch import __version__
from tests.repository import ROOT, tracked

PACKAGES = ["plant", "ingest", "rules", "alarms", "adapters", "simulators", "console", "hazwatch"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.fixture(scope="module")
def packed() -> set[str]:
    """Files of the wheel: those that pyproject.toml includes and does not exclude."""
    included = tuple(f"{folder}/" for folder in WHEEL["only-include"])
    excluded = tuple(f"{folder}/" for folder in WHEEL["exclude"])
    return {name for name in tracked() if name.startswith(included) and not name.startswith(excluded)}


def pins(lock: str) -> dict[str, set[str]]:
    """Return name and versions (one for each range of Pythons) of what a lock holds."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_the_wheel_holds_the_eight_packages_and_no_other() -> None:
    assert WHEEL["only-include"] == PACKAGES
    assert sorted(path.parent.name for path in ROOT.glob("*/__init__.py")) == sorted(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_ours_and_no_other_distribution_has_its_name(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / name
    assert set(packages_distributions().get(name, ())) <= {"hazwatch"}


def test_the_wheel_holds_the_built_page_and_not_its_sources(packed: set[str]) -> None:
    assert "console/static/index.html" in packed
    page = (ROOT / "console/static/index.html").read_text(encoding="utf-8")
    for asset in re.findall(r'(?:src|href)="\.?/?(assets/[^"]+)"', page):
        assert f"console/static/{asset}" in packed
    assert not [name for name in packed if name.startswith("console/web")]


def test_the_wheel_holds_the_data_that_the_code_reads(packed: set[str]) -> None:
    assert "simulators/demo/site.toml" in packed
    assert {name for name in tracked() if name.startswith("plant/profiles/")} <= packed


def test_the_wheel_holds_no_test_and_nothing_that_is_made(packed: set[str]) -> None:
    assert not [
        name for name in packed if re.search(r"(^|/)(tests?|node_modules|__pycache__)/|\.(pyc|nbi|nbc|hist)$", name)
    ]


@pytest.mark.parametrize("folder", ["tests", "deploy", "docs", "bench", "scripts", "examples", "supply"])
def test_a_folder_that_is_no_package_has_no_init(folder: str) -> None:
    assert not list((ROOT / folder).rglob("__init__.py"))


def test_it_cannot_be_uploaded_by_accident_and_says_its_pythons() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    assert PROJECT["project"]["version"] == __version__
    assert f"## {PROJECT['project']['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_every_package_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^\s*-(-index|-extra|-find|i|f|e)\b", text, re.MULTILINE)
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_locks_hold_what_the_project_asks_for_in_the_same_versions() -> None:
    product, development = (pins(lock) for lock in LOCKS)
    needed = [re.split(r"[^\w.-]", text)[0] for text in PROJECT["project"]["dependencies"]]
    assert set(needed) <= set(product)
    assert {name: development.get(name) for name in product} == product
    tools = [re.split(r"[^\w.-]", text)[0] for text in PROJECT["dependency-groups"]["dev"]]
    assert set(tools) <= set(development)


@pytest.mark.parametrize("folder", ["console/web", "tests/system/opcua/node_peer"])
def test_a_lock_of_npm_names_no_address_and_every_package_has_a_hash(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package, name


@pytest.mark.live
@pytest.mark.parametrize("script", ["run", ".ci/run", "scripts/check", "scripts/build-console", "scripts/build-wheel"])
def test_a_script_may_be_run_and_reads_as_shell(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111 == 0o111
    shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()[-1]
    subprocess.run([shutil.which(Path(shell).name) or shell, "-n", path], check=True)
