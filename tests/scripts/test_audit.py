"""Locked packages are compared with known vulnerabilities by a file that ships, and the file can be renewed."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hazwatch.live.clock import wall
from plant.units import SECOND
from scripts.advisories import SHIPPED, affects, fixed_in
from scripts.audit import OLD, main
from scripts.locks import Package, every_package


def advisory(
    *events: dict[str, str], ecosystem: str = "PyPI", name: str = "Some.Package", **more: Any
) -> dict[str, Any]:
    """Return an advisory on a package, as OSV writes it."""
    kind = "SEMVER" if ecosystem == "npm" else "ECOSYSTEM"
    part = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": kind, "events": list(events)}]}
    return {"id": "T-1", "modified": "2026-02-03T04:05:06Z", "affected": [part]} | more


FIXED = ({"introduced": "1.2"}, {"fixed": "1.10"})


@pytest.mark.parametrize(
    ("version", "concerned"),
    [("1.1", False), ("1.2", True), ("1.9.9", True), ("1.10rc1", True), ("1.10", False), ("2", False), ("?", True)],
)
def test_a_version_is_concerned_from_the_first_to_the_one_that_mends_it(version: str, *, concerned: bool) -> None:
    assert affects(advisory(*FIXED), Package("PyPI", "some-package", version)) is concerned


@pytest.mark.parametrize(("version", "concerned"), [("1.4", True), ("1.4.1", False)])
def test_the_last_version_that_is_concerned_may_be_named(version: str, *, concerned: bool) -> None:
    record = advisory({"introduced": "0"}, {"last_affected": "1.4"})
    assert affects(record, Package("PyPI", "some_package", version)) is concerned


def test_versions_may_be_listed_one_by_one() -> None:
    record = advisory()
    record["affected"][0]["versions"] = ["3.1"]
    assert affects(record, Package("PyPI", "some-package", "3.1"))
    assert not affects(record, Package("PyPI", "some-package", "3.2"))


def test_a_package_of_the_same_name_elsewhere_is_another_package() -> None:
    record = advisory({"introduced": "0"}, ecosystem="npm", name="some-package")
    assert affects(record, Package("npm", "some-package", "2.0.0-beta.2"))
    assert not affects(record, Package("PyPI", "some-package", "1"))


def test_the_versions_that_mend_it_are_named() -> None:
    assert fixed_in(advisory(*FIXED), Package("PyPI", "some-package", "1.3")) == ["1.10"]


def test_the_shipped_file_names_no_locked_version_and_says_its_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) in {0, 3}
    assert json.loads(SHIPPED.read_bytes())["as_of"] in capsys.readouterr().out


@pytest.mark.parametrize(("age", "code"), [(0, 0), (OLD, 0), (OLD + 2, 3)])
def test_an_old_file_does_not_clear_the_locked_versions(
    age: int, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.fromtimestamp(wall() // SECOND, UTC).date()
    content = tmp_path / "advisories.json"
    content.write_text(json.dumps({"as_of": str(today - timedelta(days=age)), "advisories": []}), encoding="utf-8")
    assert main(["--advisories", str(content)]) == code
    printed = capsys.readouterr()
    assert f"({age} days ago)" in printed.out
    assert ("renew them with --renew" in printed.err) == (code == 3)


def test_a_locked_version_that_is_concerned_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    starlette = next(package for package in every_package() if package.name == "starlette")
    record = advisory({"introduced": "0"}, {"fixed": "99"}, name="starlette", aliases=["CVE-1"])
    content = tmp_path / "advisories.json"
    content.write_text(json.dumps({"as_of": "2026-02-03", "advisories": [record]}), encoding="utf-8")
    assert main(["--advisories", str(content)]) == 1
    assert f"starlette {starlette.version}: T-1, CVE-1" in capsys.readouterr().out


def test_the_file_is_renewed_from_an_export_and_keeps_what_concerns_the_locks(tmp_path: Path) -> None:
    records = [
        advisory({"introduced": "0"}, {"fixed": "0.1"}, name="NumPy", references=[{"url": "https://x"}]),
        advisory({"introduced": "0"}, name="another-package", id="T-2", modified="2026-05-06T00:00:00Z"),
        advisory({"introduced": "0"}, name="numba", id="T-3", withdrawn="2026-01-01T00:00:00Z"),
    ]
    export, renewed = tmp_path / "all.zip", tmp_path / "advisories.json"
    with zipfile.ZipFile(export, "w") as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    assert main(["--renew", str(export), "--advisories", str(renewed)]) in {0, 3}
    content = json.loads(renewed.read_bytes())
    assert content["as_of"] == "2026-05-06"
    assert [record["id"] for record in content["advisories"]] == ["T-1"]
    assert "://" not in renewed.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_an_export_that_is_none_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    export, kept = tmp_path / "all.zip", tmp_path / "advisories.json"
    export.write_bytes(content)
    kept.write_text("before", encoding="utf-8")
    assert main(["--renew", str(export), "--advisories", str(kept)]) == 2
    assert kept.read_text(encoding="utf-8") == "before"
    assert "advisories cannot be read" in capsys.readouterr().err
