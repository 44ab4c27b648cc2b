"""What holds for every file of the project: layers, exports, and words that do not belong in it."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["plant", "ingest", "rules", "alarms", "adapters", "simulators", "console", "hazwatch"]
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "web" not in path.parts]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
INITS = [path for path in MODULES if path.name == "__init__.py"]
TEXTS = [
    path
    for path in ROOT.rglob("*")
    if path.suffix
    in {".py", ".md", ".toml", ".ts", ".tsx", ".css", ".html", ".sh", ".txt", ".json", ".svg", ".csv", ""}
    and not any(part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts)
    and not {"node_modules", "static", "__pycache__", "demo-data"} & {*path.parts}
    and path.is_file()
    and path != Path(__file__)
]
FOREIGN = re.compile(r"\.\./shared|(?<![\w.])/work/|\bissue #\d|\bTODO\b|\bFIXME\b|\bXXX\b")
ADAPTERS = sorted(path.parent for path in (ROOT / "adapters/sources").glob("*/__init__.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def order(word: str) -> tuple[int, str]:
    """Sort as ruff does: CONSTANTS, Classes, functions."""
    return (0 if word.isupper() else 1 if word[0].isupper() else 2, word)


def bodies(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield everything that stands inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (inner for statement in node.body for inner in ast.walk(statement))


@pytest.mark.parametrize("path", INITS, ids=name)
def test_a_package_says_what_it_is_for_and_exports_what_it_imports(path: Path) -> None:
    tree = TREES[path]
    assert ast.get_docstring(tree)
    package = importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    exported = list(getattr(package, "__all__", []))
    imported = {a.asname or a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names}
    assert set(exported) == imported
    assert exported == sorted(exported, key=order)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_keeps_the_rules_of_the_house(path: Path) -> None:
    tree = TREES[path]
    assert ast.get_docstring(tree), "a module says what it is for"
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"line {getattr(node, 'lineno', 0)}: assert"
        assert not (isinstance(node, ast.Name) and node.id in {"print", "TYPE_CHECKING"}), ast.unparse(node)
        assert not (isinstance(node, ast.ImportFrom) and node.level), "absolute imports alone"
    for node in bodies(tree):
        assert not isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno}: an import inside a function"


def test_whatever_happens_is_caught_and_kept_in_one_place_at_most() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(last, ast.Raise) and last.exc is None for last in node.body[-1:])
    ]
    assert len(found) <= 1, found


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_a_file_speaks_of_the_product_alone(path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    found = FOREIGN.search(text)
    assert found is None, f"line {text.count(chr(10), 0, found.start()) + 1}: {found[0]}" if found else ""


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter is not installed: ./run test installs it")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("folder", ADAPTERS, ids=lambda folder: folder.name)
def test_an_adapter_is_a_folder_of_known_files(folder: Path) -> None:
    assert {"config.py", "decode.py", "source.py", "README.md", "sample.toml"} <= {
        path.name for path in folder.iterdir()
    }


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=name)
def test_a_test_file_begins_with_what_it_is_about(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
