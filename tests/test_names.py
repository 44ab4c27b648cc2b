"""A public name means one thing in the whole product: one class, one type, one value."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import pytest

from tests.source_trees import MODULES, ROOT, tree_of

OF_EVERY_MODULE: Final = frozenset(("logger",))


def defined(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Yield the public names that a module defines, with the value where there is one; None for a class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, None
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, ast.unparse(node.value)
        elif isinstance(node, ast.Assign):
            yield from ((name.id, ast.unparse(node.value)) for name in node.targets if isinstance(name, ast.Name))


def definitions() -> dict[str, dict[str, str | None]]:
    """Return the modules that define each public name, with its value there."""
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for path in MODULES:
        for name, value in defined(tree_of(path)):
            if not name.startswith("_") and name not in OF_EVERY_MODULE:
                found[name][str(path.relative_to(ROOT))] = value
    return found


DEFINITIONS: Final = definitions()


def test_no_two_classes_have_one_name() -> None:
    twice = {name: sorted(places) for name, places in DEFINITIONS.items() if list(places.values()).count(None) > 1}
    assert not twice


def test_no_name_is_a_class_here_and_a_value_there() -> None:
    both = {
        name: sorted(places)
        for name, places in DEFINITIONS.items()
        if 0 < list(places.values()).count(None) < len(places)
    }
    assert not both


def test_no_name_has_two_values() -> None:
    values = {name: {value for value in places.values() if value is not None} for name, places in DEFINITIONS.items()}
    assert not {name: sorted(DEFINITIONS[name]) for name, known in values.items() if len(known) > 1}


def test_a_constant_stands_in_one_module() -> None:
    values = {name: {place for place, value in places.items() if value} for name, places in DEFINITIONS.items()}
    assert not {name: sorted(places) for name, places in values.items() if name.isupper() and len(places) > 1}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("class A: pass", [("A", None)]),
        ("B: int = 1\nC = D = 2", [("B", "1"), ("C", "2"), ("D", "2")]),
        ("E: int\nif True:\n    F = 1\ndef g():\n    H = 1", []),
    ],
    ids=["class", "values", "neither"],
)
def test_a_name_is_what_stands_at_the_top_of_a_module(text: str, names: list[tuple[str, str | None]]) -> None:
    assert list(defined(ast.parse(text))) == names
