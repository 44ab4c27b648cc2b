"""Compiled kernels: when an entry point is ready, and what makes machine code on disk out of date."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import pytest

from rules.engine import compiled
from rules.engine.compiled import entry_point, fingerprint, is_ready

FACTOR = 2
EDGES = (1.0, 2.0)


def scaled(number: int) -> float:
    return number * FACTOR + EDGES[0]


def kernel_of(file: Path) -> Callable[[int], int]:
    """Return the entry point of a file, as a process makes it that has just begun."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kernel: Callable[[int], int] = entry_point(module.times)
    return kernel


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled")
def test_an_entry_point_is_ready_once_it_was_compiled_by_this_process_or_an_earlier_one(tmp_path: Path) -> None:
    file = tmp_path / "kernels.py"
    file.write_text("def times(number):\n    return 2 * number\n", encoding="utf-8")
    first = kernel_of(file)
    assert not is_ready(first, 1)
    assert first(21) == 42
    assert is_ready(first, 1)
    later = kernel_of(file)
    assert is_ready(later, 1)
    assert not is_ready(later, 1.0)
    assert later(21) == 42
    file.write_text("def times(number):\n    return 33 * number\n", encoding="utf-8")
    assert not is_ready(kernel_of(file), 1)


def test_plain_python_is_always_ready() -> None:
    assert is_ready(scaled, 1)


@pytest.mark.parametrize("changed", [{"FACTOR": 3}, {"EDGES": (1.0, 2.5)}])
def test_a_constant_of_a_kernel_is_part_of_the_fingerprint(
    changed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"FACTOR": FACTOR, "EDGES": EDGES}
    monkeypatch.setattr(compiled, "KERNELS", [FunctionType(scaled.__code__, before)])
    known = fingerprint()
    monkeypatch.setattr(compiled, "KERNELS", [FunctionType(scaled.__code__, before | changed)])
    assert fingerprint() != known
