"""What holds for the tests: no test module is a library, no test reads the engine's memory, only system tests wait."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.source_trees import called, tree_of

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
TREES = {path: tree_of(path) for path in FILES}
MOST_FILES = 20
OUTSIDE = [path for path in FILES if "system" not in path.parts]
WAITERS = {"left_processes.py", "fake_desk.py", "test_clock.py"}
"""Files outside the system tests that may wait: what ends left processes gives them time to end by themselves, the fake
desk is a program, too, that plays a mine in real time to somebody who works on the page, and a clock has a test."""
HARMLESS = {"asyncio.sleep(0)", "signal.pause()", "backoff.pause()", "ScaledClock()"}
"""Calls that give a turn to others, that only a signal ends, that return a length of time, or that make a clock
of which nobody waits."""


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


def waits(tree: ast.AST) -> Iterator[str]:
    """Yield the calls that wait for time to pass, and the clocks of which a test waits."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = ast.unparse(node)
            if called(node) in {"sleep", "pause", "ScaledClock"} and call not in HARMLESS:
                yield call


@pytest.mark.parametrize("path", OUTSIDE, ids=name)
def test_only_system_tests_wait_by_the_clock(path: Path) -> None:
    assert not {*waits(TREES[path])} or path.name in WAITERS


def marked(statements: Iterable[ast.stmt | ast.expr]) -> bool:
    """Return whether one of the statements is or has a mark that takes a test out of the quick part."""
    return any(f"mark.{mark}" in ast.unparse(statement) for statement in statements for mark in ("live", "slow"))


def starters(tree: ast.Module) -> set[str]:
    """Return the functions and classes of a module that start a process, themselves or by others that they name."""
    named = {
        definition.name: {
            *(node.id for node in ast.walk(definition) if isinstance(node, ast.Name)),
            *(node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)),
        }
        for definition in tree.body
        if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    reached = {"subprocess", "multiprocessing"}
    while more := {definition for definition, names in named.items() if names & reached} - reached:
        reached |= more
    return reached


@pytest.mark.parametrize("path", OUTSIDE, ids=name)
def test_a_test_that_starts_a_process_is_not_in_the_quick_part(path: Path) -> None:
    body = TREES[path].body
    quick = [] if marked(node for node in body if isinstance(node, ast.Assign)) else body
    assert not [
        test.name
        for test in quick
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_")
        if test.name in starters(TREES[path]) and not marked(test.decorator_list)
    ]


@pytest.mark.parametrize("path", OUTSIDE, ids=name)
def test_only_system_tests_run_an_engine_by_the_clock(path: Path) -> None:
    assert not {module for module in imported(TREES[path]) if module.startswith("tests.system")}


def test_a_folder_of_tests_holds_few_files() -> None:
    counts = Counter(path.parent for path in FILES)
    assert not {name(folder): count for folder, count in counts.items() if count > MOST_FILES}
