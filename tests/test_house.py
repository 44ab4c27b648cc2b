"""What holds for every file of the project: layers, exports, and words that do not belong in it."""

import ast
import importlib
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.source_trees import MODULES, PACKAGES, ROOT, nodes_of, tree_of

TREES = {path: tree_of(path) for path in MODULES}
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
MOST_FILES = 20
MOST_LINES = 300
USUAL_LINES = 17
"""Nine functions of ten are shorter; a function's docstring and comments do not count."""
FEWEST_COMMENTS = 3
"""Comment lines per 100 lines of code."""
GENERATED = {"console/web/src/types.ts"}
"""Files that a script writes, and nobody reads from top to bottom."""
NAMELESS = {"found", "given", "one", "told", "said"}
"""Local names that do not name a thing."""
PRAGMA = re.compile(r"#\s*(noqa|type:|pragma|fmt:|ruff:|mypy:)")
SOURCES = [
    *MODULES,
    *[
        path
        for suffix in ("ts", "tsx")
        for path in sorted((ROOT / "console/web").rglob(f"*.{suffix}"))
        if "node_modules" not in path.parts
    ],
]
ADAPTERS = sorted(path.parent for path in (ROOT / "adapters/sources").glob("*/__init__.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def order(word: str) -> tuple[int, str]:
    """Sort as ruff does: CONSTANTS, Classes, functions."""
    return (0 if word.isupper() else 1 if word[0].isupper() else 2, word)


def bodies(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield everything that stands inside a function."""
    for node in nodes_of(tree):
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
    for node in nodes_of(tree):
        assert not isinstance(node, ast.Assert), f"line {getattr(node, 'lineno', 0)}: assert"
        assert not (isinstance(node, ast.Name) and node.id in {"print", "TYPE_CHECKING"}), ast.unparse(node)
        assert not (isinstance(node, ast.ImportFrom) and node.level), "absolute imports alone"
    for node in bodies(tree):
        assert not isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno}: an import inside a function"


def test_whatever_happens_is_caught_and_kept_in_one_place_at_most() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in nodes_of(tree)
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


@pytest.mark.live
def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter is not installed: ./run test installs it")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def docstring_lines(tree: ast.AST) -> set[int]:
    """Return the lines of all texts that stand alone: docstrings, and descriptions below constants."""
    texts = [
        node
        for node in nodes_of(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return {line for text in texts for line in range(text.lineno, (text.end_lineno or text.lineno) + 1)}


@cache
def code_lines(path: Path) -> set[int]:
    """Return the lines that are neither blank nor a comment nor part of a docstring."""
    texts = docstring_lines(TREES[path])
    lines = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return {n for n, line in enumerate(lines, 1) if line and not line.startswith("#") and n not in texts}


@cache
def comment_count(path: Path) -> int:
    """Return the number of lines with a comment that is not an instruction to a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return len({t.start[0] for t in tokens if t.type == tokenize.COMMENT and not PRAGMA.match(t.string)})


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in nodes_of(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of every parameter and variable of a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def test_a_folder_holds_few_files() -> None:
    counts = Counter(name(path.parent) for path in SOURCES)
    assert {folder for folder, count in counts.items() if count > MOST_FILES} == set()


def test_a_file_is_short() -> None:
    lengths = {name(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {path for path, length in lengths.items() if length > MOST_LINES} <= GENERATED


def test_nine_functions_of_ten_are_short() -> None:
    lengths = {
        f"{name(path)}:{function.lineno} {function.name}": len(
            code & {*range(function.lineno, function.end_lineno + 1)}
        )
        for path, tree in TREES.items()
        for code in [code_lines(path)]
        for function in functions(tree)
        if function.end_lineno
    }
    usual = sorted(lengths.values())[len(lengths) * 9 // 10]
    assert usual < USUAL_LINES, [place for place, length in lengths.items() if length >= USUAL_LINES]


def test_comments_give_reasons() -> None:
    comments, code = sum(map(comment_count, MODULES)), sum(len(code_lines(path)) for path in MODULES)
    assert 100 * comments >= FEWEST_COMMENTS * code, f"{comments} comment lines, {code} lines of code"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_variable_is_named_after_its_thing(package: str) -> None:
    nameless = {
        f"{name(path)}:{line}: {local}"
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == package
        for function in functions(TREES[path])
        for line, local in local_names(function)
        if local in NAMELESS
    }
    assert not nameless


@pytest.mark.parametrize("folder", ADAPTERS, ids=lambda folder: folder.name)
def test_an_adapter_is_a_folder_of_known_files(folder: Path) -> None:
    assert {"config.py", "decode.py", "source.py", "README.md", "sample.toml"} <= {
        path.name for path in folder.iterdir()
    }


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=name)
def test_a_test_file_begins_with_what_it_is_about(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))
