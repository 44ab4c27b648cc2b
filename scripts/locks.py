"""Reads the locks of the project: which packages, in which versions, who asks for them, and under which licences."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PRODUCT: Final = "hazwatch"
LICENCES: Final = ROOT / "supply" / "licences.toml"
PYTHON_LOCKS: Final = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
PAGE_LOCK: Final = ROOT / "console" / "web" / "package-lock.json"
NPM_LOCKS: Final = (PAGE_LOCK, ROOT / "tests" / "system" / "opcua" / "node_peer" / "package-lock.json")
_PIN: Final = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")

Ecosystem = Literal["PyPI", "npm"]


class Package(NamedTuple):
    """A package of a lock."""

    ecosystem: Ecosystem
    name: str
    version: str
    marker: str = ""
    """On which Pythons and systems it is installed; empty for all."""
    asked_by: tuple[str, ...] = ()
    """Names of the packages that need it; `PRODUCT` for the product itself."""
    licence: str = ""
    """SPDX expression; empty if the lock does not have it."""
    integrity: str = ""
    """Digest of the package, as npm writes it; Python's locks have one for each file."""
    is_tool: bool = False
    """Only the build needs it."""

    @property
    def purl(self) -> str:
        """The package URL, by which other tools know it."""
        return f"pkg:{self.ecosystem.lower()}/{self.name.replace('@', '%40')}@{self.version}"


def python_packages(lock: Path) -> list[Package]:
    """Return the packages of a lock that uv made, with the licences of `LICENCES`."""
    licences = tomllib.loads(LICENCES.read_text(encoding="utf-8"))["PyPI"]
    packages: list[Package] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            name = pin["name"]
            packages.append(Package("PyPI", name, pin["version"], pin["marker"] or "", licence=licences.get(name, "")))
        elif line.startswith("    #"):
            packages[-1] = packages[-1]._replace(asked_by=(*packages[-1].asked_by, *_asking(line)))
    return packages


def _asking(line: str) -> Iterator[str]:
    """Yield the package that a comment below a pin names."""
    words = line.strip("# ").removeprefix("via").split()
    if words and words[0] != "-c":
        yield words[0]


def npm_packages(lock: Path) -> list[Package]:
    """Return the packages of a lock that npm made; a licence that it lacks comes from `LICENCES`."""
    content = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    licences = tomllib.loads(LICENCES.read_text(encoding="utf-8"))["npm"]
    asked = _npm_edges(content)
    return [
        Package(
            "npm",
            _npm_name(place),
            row["version"],
            asked_by=tuple(asked.get(_npm_name(place), ())),
            licence=row.get("license") or licences.get(_npm_name(place), ""),
            integrity=row["integrity"],
            is_tool=row.get("dev", False),
        )
        for place, row in content.items()
        if place
    ]


def _npm_edges(content: dict[str, dict[str, dict[str, str]]]) -> dict[str, list[str]]:
    """Return by whom each package is needed."""
    edges: dict[str, list[str]] = {}
    for place, row in content.items():
        for name in row.get("dependencies", {}):
            edges.setdefault(name, []).append(_npm_name(place) if place else PRODUCT)
    return edges


def _npm_name(place: str) -> str:
    return place.rpartition("node_modules/")[2]


def shipped() -> list[Package]:
    """Return what the product runs with: the packages of `requirements.lock`, and those in the built page."""
    page = [package for package in npm_packages(PAGE_LOCK) if not package.is_tool]
    return sorted([*python_packages(PYTHON_LOCKS[0]), *page])


def every_package() -> Sequence[Package]:
    """Return the packages of all locks, each version once."""
    packages: dict[tuple[str, str, str], Package] = {}
    for package in (
        *(package for lock in PYTHON_LOCKS for package in python_packages(lock)),
        *(package for lock in NPM_LOCKS for package in npm_packages(lock)),
    ):
        packages.setdefault(package[:3], package)
    return sorted(packages.values())
