"""The product's modules and their syntax trees, each parsed once in a run: what the tests of all files share."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("plant", "ingest", "rules", "alarms", "adapters", "simulators", "console", "hazwatch")
MODULES: Final = tuple(
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "web" not in path.parts
)


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree."""
    return tuple(ast.walk(tree))


@cache
def _calls_of(tree: ast.AST) -> tuple[tuple[str, ast.Call], ...]:
    return tuple((called(node), node) for node in nodes_of(tree) if isinstance(node, ast.Call))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of functions and methods of these names."""
    yield from (call for name, call in _calls_of(tree) if name in names)


def called(call: ast.Call) -> str:
    """Return the name of the function or method that is called; "" if it has none."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
