"""Every text that a person reads is a Message that the catalogue has in Chinese, as the syntax trees show."""

import ast
import re
import string
from collections.abc import Iterator
from typing import Final

from hazwatch.site.schema import SiteFile
from hazwatch.words import CATALOGUE
from tests.source_trees import MODULES, ROOT, called, calls, nodes_of, tree_of

TREES = {path.relative_to(ROOT).as_posix(): tree_of(path) for path in MODULES}

BROKEN_INVARIANTS: Final = {
    "adapters/stores/historian/historian.py": 2,  # arrivals that the runtime gives in order
    "adapters/stores/journal.py": 1,  # records that the ledger numbers
    "hazwatch/words/messages.py": 1,  # the catalogue itself
    "ingest/intake.py": 5,  # arrivals and starts that the runtime gives in order
    "ingest/order.py": 2,  # the same
    "plant/columns/sample.py": 1,  # columns of unequal length: only code builds a batch
    "plant/trace/reader.py": 1,  # caught by its caller, which then reads line by line
    "rules/study/performance.py": 1,  # the command line refuses such a period before
}
"""How many errors without Message a file raises: people never see them, except as a traceback of a defect."""
DEFECTS: Final = frozenset(("AttributeError", "IndexError", "TypeError"))
"""Classes of errors that always are defects of the program."""
DATA_IN_CHINESE: Final = {
    "rules/study/candidates.py",  # texts of a proposed limit: an engineer pastes them into a site file
    "simulators/scenario/mine.py",  # names of the points of a simulated mine
    "hazwatch/site/traces/export_cells.py",  # how exported tables write times
    "plant/law/articles.py",  # how the regulation writes its name and the numbers of its articles
    "plant/health_kinds.py",  # what an alarm of a kind says: all facts about a kind stand in its row
    "rules/spec/features.py",  # the names of the features: all facts about a feature stand in its row
}
"""Files whose Chinese is data of a site, not a message of the program."""

CHINESE = "\u4e00-\u9fff"
PROGRAM_WORDS = {"hazwatch", "http"}
"""Words that are the same in both languages."""
LETTERS = re.compile(rf"[A-Za-z{CHINESE}]")
NAMES_IN_FILES = {"case", "TOML"}
"""Words that mistakes show as places because they stand so in a file: a table, and the format."""
LOG_FORMAT = re.compile(r"%s(?: \w+=%[sdg.\d]*[sdfgr](?:ms)?)*")
"""A line of the log: the event, which is a Message, and keys with their values."""
LOG_LEVELS = frozenset(("debug", "info", "warning", "error", "exception", "critical"))
HALF_WIDTH = re.compile(rf"[{CHINESE}”）][ ]?[,;:?!()]|[,;:?!()][ ]?[{CHINESE}“（]")
# People copy these into files, so their signs are those of ASCII.
COPIED = re.compile(r"\[下限, 上限\]|where\([^)]*\)")
FULL_WIDTH = re.compile("[，。；：？！（）“”、]")


def is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) in {"Message", "Template"}


def bare_texts(node: ast.AST) -> Iterator[str]:
    """Yield the literal texts with letters in an expression, except those of messages."""
    if is_message(node):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and LETTERS.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from bare_texts(child)


def templates() -> Iterator[tuple[str, str]]:
    for name, tree in TREES.items():
        for call in calls(tree, "Message", "Template"):
            if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
                yield call.args[0].value, f"{name}:{call.lineno}"


def descriptions(schema: object) -> Iterator[str]:
    """Yield the descriptions of a JSON schema."""
    if isinstance(schema, dict):
        if isinstance(text := schema.get("description"), str):
            yield text
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from descriptions(part)


DESCRIPTIONS = dict.fromkeys(descriptions(SiteFile.model_json_schema()), "the schema of site files")
PLACES = DESCRIPTIONS | dict(templates())


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_message_is_in_the_catalogue() -> None:
    assert [f"{PLACES[template]}: {template}" for template in PLACES.keys() - CATALOGUE.keys()] == []


def test_the_catalogue_has_no_message_that_nothing_says() -> None:
    assert sorted(CATALOGUE.keys() - PLACES.keys()) == []


def test_both_languages_name_the_same_arguments() -> None:
    assert [line for line in CATALOGUE.items() if placeholders(line[0]) != placeholders(line[1])] == []


def test_a_message_is_made_with_the_arguments_of_its_template() -> None:
    wrong = [
        f"{name}:{call.lineno}"
        for name, tree in TREES.items()
        for call in calls(tree, "Message")
        if isinstance(call.args[0], ast.Constant) and all(keyword.arg for keyword in call.keywords)
        if {keyword.arg for keyword in call.keywords} != placeholders(str(call.args[0].value))
    ]
    assert wrong == []


def test_each_language_has_its_own_punctuation() -> None:
    assert [english for english in CATALOGUE if FULL_WIDTH.search(english)] == []
    assert [chinese for chinese in CATALOGUE.values() if HALF_WIDTH.search(COPIED.sub("", chinese))] == []


def test_every_message_with_words_is_translated() -> None:
    words = {english: re.sub(r"\{[^}]*\}", "", english) for english in CATALOGUE}
    english_alone = [
        english
        for english, chinese in CATALOGUE.items()
        if LETTERS.search(words[english]) and not re.search(f"[{CHINESE}]", chinese)
    ]
    assert english_alone == []


def test_an_error_carries_a_message() -> None:
    for name, tree in TREES.items():
        bare = [
            f"{name}:{node.lineno}: {text}"
            for node in nodes_of(tree)
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
            if ast.unparse(node.exc.func) not in DEFECTS
            for argument in [*node.exc.args, *(keyword.value for keyword in node.exc.keywords)]
            for text in list(bare_texts(argument))[:1]
            if " " in text or len(node.exc.args) == 1  # beside a message a key may be named
        ]
        assert len(bare) == BROKEN_INVARIANTS.get(name, 0), bare


def test_an_error_that_writes_its_own_text_writes_a_message() -> None:
    bare = [
        f"{name}:{call.lineno}: {text}"
        for name, tree in TREES.items()
        for call in calls(tree, "__init__")
        for argument in call.args
        for text in bare_texts(argument)
        if " " in text
    ]
    assert bare == []


def shown_by(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of a call that people read."""
    function = ast.unparse(call.func)
    if function.endswith((".add_argument", ".add_parser", "Parser")):
        yield from (word.value for word in call.keywords if word.arg in {"help", "description", "epilog"})
    if function in {"print", "sys.stdout.write", "sys.stderr.write", "super().error", "parser.error"}:
        yield from call.args


def test_what_is_printed_and_explained_is_a_message() -> None:
    bare = [
        f"{name}:{node.lineno}: {text}"
        for name, tree in TREES.items()
        for node in nodes_of(tree)
        if isinstance(node, ast.Call)
        for shown in shown_by(node)
        for text in bare_texts(shown)
        if not text.startswith("hazwatch ")  # an example of a command
        if not set(re.findall(rf"[A-Za-z{CHINESE}]+", text)) <= PROGRAM_WORDS
    ]
    assert bare == []


def functions_that_place_mistakes(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef) and (node.name == "path_of" or list(calls(node, "Mistake"))):
            yield node


def test_the_place_of_a_mistake_is_a_message_or_a_name_in_the_file() -> None:
    functions = [(name, found) for name, tree in TREES.items() for found in functions_that_place_mistakes(tree)]
    assert "path_of" in {function.name for _, function in functions}
    bare = []
    for name, function in functions:
        places: list[ast.expr] = [call.args[2] for call in calls(function, "Mistake")]
        places += [node for node in ast.walk(function) if isinstance(node, ast.JoinedStr)]
        texts = {text for place in places for text in bare_texts(place)} - NAMES_IN_FILES
        bare += [f"{name}:{function.name}: {text}" for text in sorted(texts)]
    assert bare == []


def test_a_line_of_the_log_begins_with_a_message() -> None:
    for name, tree in TREES.items():
        for call in calls(tree, *LOG_LEVELS):
            if ast.unparse(call.func).startswith(("_log.", "_LOG.", "logger.", "log.")):
                form = call.args[0]
                assert isinstance(form, ast.Constant), f"{name}:{call.lineno}"
                assert LOG_FORMAT.fullmatch(ast.literal_eval(form)), f"{name}:{call.lineno}"
                assert list(bare_texts(call.args[1])) == [], f"{name}:{call.lineno}"


def test_chinese_stands_in_the_catalogue_alone() -> None:
    for name, tree in TREES.items():
        documentation = {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)}
        documentation |= {id(word.value) for call in calls(tree, "Field") for word in call.keywords}
        elsewhere = [
            f"{name}:{node.lineno}: {node.value}"
            for node in nodes_of(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            if re.search(f"[{CHINESE}]", node.value) and id(node) not in documentation
        ]
        assert elsewhere == [] or name in DATA_IN_CHINESE, elsewhere


def test_what_is_copied_into_a_file_has_the_signs_of_ascii() -> None:
    copied = "".join(COPIED.findall("\n".join(CATALOGUE.values())))
    assert "where(" in copied
    assert "[下限, 上限]" in copied
