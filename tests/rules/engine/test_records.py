"""The records of the kernels: one type each, from which the memory, the names and the checks follow."""

import ast
from pathlib import Path
from typing import Annotated, TypedDict, get_type_hints, is_typeddict

import numpy as np
import pytest
from mypy import api

from plant.columns.rows import blank, filled, layout_of, lengthened, zeros
from rules.engine.memory import records

ROOT = Path(__file__).parents[3]
ENGINE = ROOT / "rules" / "engine"
RECORDS = [thing for thing in vars(records).values() if is_typeddict(thing)]
FIELDS = {field for record in RECORDS for field in get_type_hints(record)}

MISSPELLED = """
from rules.engine.memory.machine import Machine

def look(m: Machine, p: int) -> int:
    return m.point[p]["stal"]
"""


class Example(TypedDict):
    small: Annotated[int, np.uint8]
    large: Annotated[float, np.float64]


def test_a_record_lies_in_memory_as_its_type_says() -> None:
    layout = layout_of(Example)
    assert layout.names == ("small", "large")
    assert (layout["small"].str, layout["large"].str) == ("|u1", "<f8")
    assert layout.isalignedstruct
    assert zeros(Example, 1).dtype is layout_of(Example), "numba finds the type of an array by this object"


def test_records_are_made_empty_filled_and_lengthened() -> None:
    assert blank(Example) == {"small": 0, "large": 0}
    rows = filled(Example, [{"small": 1, "large": 0.5}, {"small": 2, "large": 1.5}])
    assert rows["large"].tolist() == [0.5, 1.5]
    assert lengthened(rows, 3)["small"].tolist() == [1, 2, 0]
    assert zeros(Example, 2)["small"].tolist() == [0, 0]


def test_every_name_in_square_brackets_is_a_field_of_a_record() -> None:
    unknown = [
        f"{path.name}:{node.lineno}: {node.slice.value}"
        for path in sorted(ENGINE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if isinstance(node.slice.value, str) and node.slice.value not in FIELDS | SNAPSHOT
    ]
    assert not unknown


SNAPSHOT = {"rules", "seq", "arrays", "samples_used", "sums_used"}
"""Keys of the head of a snapshot."""


def test_only_the_borders_to_numba_and_numpy_are_untyped() -> None:
    untyped = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "rules").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "Any" for alias in node.names)
    }
    assert untyped == {"rules/engine/compiled.py"}


@pytest.mark.slow
def test_a_misspelled_field_is_an_error_of_the_type_check(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(MISSPELLED, encoding="utf-8")
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    found, _, _ = api.run([*settings, str(snippet)])
    assert 'TypedDict "PointState" has no key "stal"' in found
    assert "snippet.py:5" in found
