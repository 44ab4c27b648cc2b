"""The licence of every locked package is known, allowed, and the one that the installed package names."""

import re
import tomllib
from importlib.metadata import Distribution, distributions

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.utils import canonicalize_name

from scripts.locks import LICENCES, NPM_LOCKS, PYTHON_LOCKS, Package, every_package, npm_packages, python_packages

TABLE = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
INSTALLED = {canonicalize_name(one.name): one for one in distributions()}
WORDS = {
    "MIT License": "MIT",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache Software License": "Apache-2.0",
}
"""What a classifier means, where it names one licence."""


def is_allowed(expression: str) -> bool:
    """Tell whether an SPDX expression can be fulfilled with the allowed licences."""
    inner = re.fullmatch(r"(.*)\(([^()]*)\)(.*)", expression)
    if inner:
        before, part, after = inner.groups()
        return is_allowed(f"{before}{'MIT' if is_allowed(part) else 'Forbidden'}{after}")
    return any(all(name in TABLE["allowed"] for name in part.split(" AND ")) for part in expression.split(" OR "))


def named_by(package: Distribution) -> set[str]:
    """Return the licences that a package names of itself; several where its classifier has several meanings."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return {metadata["License-Expression"]}
    classifiers = [row.rpartition(" :: ")[2] for row in metadata.get_all("Classifier", ()) if row.startswith("License")]
    words = {WORDS[row] for row in classifiers if row in WORDS}
    if "BSD License" in classifiers:
        words |= {"BSD-2-Clause", "BSD-3-Clause"}
    return words or {metadata["License"]}


@pytest.mark.parametrize("package", every_package(), ids=lambda package: f"{package.name}-{package.version}")
def test_a_licence_is_known_and_allowed(package: Package) -> None:
    assert package.licence, f"{package.name}: read its licence and add it to supply/licences.toml"
    assert canonicalize_license_expression(package.licence) == package.licence
    assert is_allowed(package.licence), f"{package.name}: {package.licence} is not among the allowed licences"


@pytest.mark.parametrize("name", sorted(TABLE["PyPI"]))
def test_a_licence_is_the_one_that_the_installed_package_names(name: str) -> None:
    package = INSTALLED.get(canonicalize_name(name))
    if package is None:
        pytest.skip(f"{name} is not for this Python and system: other machines compare it")
    assert TABLE["PyPI"][name] in named_by(package)


def test_the_table_holds_the_locked_packages_and_no_other() -> None:
    assert set(TABLE["PyPI"]) == {package.name for lock in PYTHON_LOCKS for package in python_packages(lock)}
    npm = {package.name for lock in NPM_LOCKS for package in npm_packages(lock)}
    assert set(TABLE["npm"]) <= npm


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)", True),
        ("MIT AND (SSPL-1.0 OR GPL-2.0-only)", False),
        ("BSD-2-Clause AND Apache-2.0 WITH LLVM-exception", True),
    ],
)
def test_an_expression_is_allowed_if_one_of_its_ways_is(expression: str, *, allowed: bool) -> None:
    assert is_allowed(expression) is allowed
