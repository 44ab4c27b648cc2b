"""The wheel is the same, byte for byte, wherever and whenever it is built."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository import ROOT, tracked

pytestmark = pytest.mark.live

Build = Callable[[str, int], Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Copy the project, spoil what a machine can spoil, and return the wheel that is built."""

    def built(name: str, mode: int) -> Path:
        folder, target = tmp_path / name / "sources", tmp_path / name / "dist"
        for number, file in enumerate(reversed(tracked()) if mode & 0o077 else tracked()):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, path)
            path.chmod(mode)
            os.utime(path, (number, number * 1000))
        left = folder / "rules/engine/__pycache__/walk.nbi"
        left.parent.mkdir(exist_ok=True)
        left.write_text(name, encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target],
            cwd=folder,
            check=True,
            capture_output=True,
            env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "TZ": f"UTC{name[-1]}"},
        )
        (wheel,) = target.iterdir()
        return wheel

    return built


def test_two_folders_with_other_times_modes_and_left_files_give_the_same_bytes(build: Build) -> None:
    one, other = build("folder-1", 0o644), build("another-folder-5", 0o600)
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_the_wheel_has_fixed_times_and_modes_and_the_sbom(build: Build) -> None:
    with zipfile.ZipFile(build("folder-1", 0o600)) as wheel:
        rows = wheel.infolist()
    assert {row.date_time[0] for row in rows} == {2023}
    assert {row.external_attr >> 16 & 0o777 for row in rows} == {0o644}
    assert [row.filename for row in rows if "/sboms/" in row.filename] == [
        "hazwatch-0.1.0.dist-info/sboms/sbom.cdx.json"
    ]
    assert not [row.filename for row in rows if "__pycache__" in row.filename]


@pytest.mark.slow
def test_the_script_builds_what_is_committed_with_the_time_of_the_commit(tmp_path: Path) -> None:
    tracked()  # skips where there is no repository
    wheels = []
    for name in ("one", "other"):
        subprocess.run(["git", "clone", "-q", ROOT, tmp_path / name], check=True)
        script, target = tmp_path / name / "scripts/build-wheel", tmp_path / f"dist-{name}"
        (tmp_path / name / "rules/left_behind.py").write_text(name, encoding="utf-8")
        subprocess.run(
            ["sh", script, target], check=True, capture_output=True, env=os.environ | {"PYTHON": sys.executable}
        )
        wheels += [path.read_bytes() for path in target.iterdir()]
    assert wheels[0] == wheels[1]
