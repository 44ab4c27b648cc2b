"""What holds for the tests: no test module is a library, no test reads the engine's memory, only system tests wait."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
MOST_FILES = 20
WAITERS = {"left_processes.py", "fake_desk.py"}
"""Files outside the system tests that may wait: what ends left processes gives them time to end by themselves, and the
fake desk is a program, too, that plays a mine in real time to somebody who works on the page."""


def name(path: Path) -> str:
    return str(path.relative_to(TESTS))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_test_module_is_imported(path: Path) -> None:
    modules = {module for module in imported(TREES[path]) if module.startswith(("tests.", "bench."))}
    assert not {module for module in modules if module.rpartition(".")[2].startswith("test_") and is_module(module)}


def is_module(name: str) -> bool:
    return (TESTS.parent / f"{name.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_test_reads_the_memory_of_an_engine(path: Path) -> None:
    assert not [
        node.lineno for node in ast.walk(TREES[path]) if isinstance(node, ast.Attribute) and node.attr == "_machine"
    ]


@pytest.mark.parametrize("path", [path for path in FILES if "system" not in path.parts], ids=name)
def test_only_system_tests_wait_by_the_clock(path: Path) -> None:
    calls = {ast.unparse(node) for node in ast.walk(TREES[path]) if isinstance(node, ast.Call)}
    waits = {call for call in calls if call.startswith(("time.sleep(", "asyncio.sleep("))} - {"asyncio.sleep(0)"}
    assert not waits or path.name in WAITERS


def test_a_folder_of_tests_holds_few_files() -> None:
    counts = Counter(path.parent for path in FILES)
    assert not {name(folder): count for folder, count in counts.items() if count > MOST_FILES}
