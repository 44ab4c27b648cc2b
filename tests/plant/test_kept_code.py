"""Kept machine code is used again while nothing has changed, and never after a change of what it was made from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

CALLER = """
from plant.columns.kept_code import kept
from callee import ADDED, twice

@kept()
def asked(value):
    return twice(value) + ADDED

print(asked(2), len(asked.stats.cache_hits))
"""
CALLEE = """
from plant.columns.kept_code import kept

ADDED = 1
FACTOR = 2

@kept()
def twice(value):
    return value * FACTOR
"""
STAMP = 1_700_000_000


def run(folder: Path, caller: str, callee: str) -> list[int]:
    """Run the caller; every version has the same size and time, as an installation with fixed times gives it."""
    for name, text in (("caller.py", caller), ("callee.py", callee)):
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (STAMP, STAMP))
    environment = {
        "PYTHONPATH": f"{ROOT}:{folder}", "PATH": os.environ["PATH"], "HOME": str(folder),
        "NUMBA_CACHE_DIR": str(folder / "kept"), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    words = [sys.executable, "caller.py"]
    answer = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return [int(word) for word in answer.stdout.split()]


@pytest.mark.live
@pytest.mark.slow
def test_a_change_anywhere_in_what_it_was_made_from_makes_it_anew(tmp_path: Path) -> None:
    assert run(tmp_path, CALLER, CALLEE) == [5, 0]
    assert run(tmp_path, CALLER, CALLEE) == [5, 1], "unchanged code is used again"
    assert run(tmp_path, CALLER, CALLEE.replace("ADDED = 1", "ADDED = 7"))[0] == 11
    assert run(tmp_path, CALLER, CALLEE.replace("FACTOR = 2", "FACTOR = 3"))[0] == 7
    assert run(tmp_path, CALLER, CALLEE.replace("value * FACTOR", "value + FACTOR"))[0] == 5
    assert run(tmp_path, CALLER.replace("+ ADDED", "- ADDED"), CALLEE)[0] == 3
    assert run(tmp_path, CALLER, CALLEE)[0] == 5
