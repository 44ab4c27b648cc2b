"""Reads files of rule cases: returns all cases, or all mistakes with file and line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from hazwatch.site.bounded import read_text
from hazwatch.site.headers import CASE, read_headers
from hazwatch.site.site_text import Mistake, further, path_of, unreadable
from hazwatch.site.toml_text import read_past_faults
from plant import Message, Place, Text, explain
from plant.bounds import MOST_MISTAKES
from rules import Case, CaseBench, Problem

CASES_PAGE: Final = Text("docs/zh/cases.md", "docs/en/cases.md")
"""The page that lists the keys of a case."""
CASE_HEADER: Final = re.compile(r"\s*\[\[\s*case\s*\]\]")
KEY_OF_SERIES: Final = re.compile(r"""(^|[{,])\s*(series\s*\.\s*)?(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*[.=]""")
EXPECT: Final = re.compile(r"\s*(?:expect\s*=|\[\[\s*case\.expect\s*\]\])")
ITEM: Final = re.compile(r"\{|\[\[\s*case\.expect\s*\]\]")
EXPECTED_STAND_IN: Final = {"at": "0s", "transition": "raise"}
"""Values of the wrong keys of an expected event, so that its condition is looked up all the same."""
CASE_FILES: Final = ("*.cases.toml", "cases.toml", "cases/*.toml")
"""Patterns of case files, relative to the folder of the site file."""


class CaseFileError(Exception):
    """Case files have mistakes; `mistakes` lists all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes: Final = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class CaseInFile:
    """A case with its file and line."""

    file: Path
    line: int
    case: Case


# tomllib gives no lines of keys, so this class finds them by patterns in the text. A pattern may miss an exotic
# notation; the mistake then has the line of the nearest key above.
class _Text:
    """The text of a case file, in which the lines of keys can be looked up."""

    def __init__(self, file: Path, text: str, lost: Sequence[tuple[int, str]]) -> None:
        self._file = file
        self._lost = lost
        self._lines = text.split("\n")
        # Each case is searched once, however many mistakes it has.
        self._places: dict[int, tuple[dict[tuple[str, ...], int], list[int]]] = {}
        self._headers = [number for number, line in enumerate(self._lines) if CASE_HEADER.match(line)]

    def line(self, number: int, place: Place = ()) -> int:
        """Return the line (from 1) of a place in the `number`-th case; of the nearest key above it if not found."""
        if number >= len(self._headers):
            return 1
        if number not in self._places:
            end = self._headers[number + 1] if number + 1 < len(self._headers) else len(self._lines)
            self._places[number] = _places(self._lines, range(self._headers[number], end))
        begin = self._headers[number]
        keys, items = self._places[number]
        match place:
            case ("expect", int(nth), *_) if items:
                return items[min(nth, len(items) - 1)] + 1
            case ("series", str(point), *_):
                return keys.get(("series", point), keys.get(("series",), begin)) + 1
            case (str(key), *_):
                return keys.get((key,), begin) + 1
        return begin + 1

    def lost(self, number: int) -> set[str]:
        """Return the keys of the `number`-th case whose lines could not be read; "" for a line without a key."""
        if number >= len(self._headers):
            return set()
        end = self._headers[number + 1] if number + 1 < len(self._headers) else len(self._lines)
        return {key for line, key in self._lost if self._headers[number] < line - 1 < end}

    def mistake(self, number: int, name: object, place: Place, message: Message) -> Mistake:
        """Return a mistake at a place of the `number`-th case."""
        # People count the items of a list from 1.
        keys = [part + 1 if isinstance(part, int) else part for part in place]
        path = path_of("case", number, name if isinstance(name, str) else None, keys)
        return Mistake(str(self._file), self.line(number, place), path, message)


def _places(lines: Sequence[str], numbers: range) -> tuple[dict[tuple[str, ...], int], list[int]]:
    """Return the first line of each key and series of a case, and the line of each item of `expect`."""
    keys: dict[tuple[str, ...], int] = {}
    items: list[int] = []
    expecting = False
    for number in numbers:
        line = lines[number]
        for match in KEY_OF_SERIES.finditer(line):
            name = match[3] or match[4] or match[5]
            keys.setdefault(("series", name), number)
            if not match[1]:
                keys.setdefault(("series",) if match[2] else (name,), number)
        expecting = expecting or EXPECT.match(line) is not None
        if expecting:
            items += [number] * len(ITEM.findall(line))
    return keys, items


def find_case_files(site: Path, paths: Sequence[Path]) -> list[Path]:
    """Return the case files in `paths` (files or folders), or without paths those beside the site file."""
    if not paths:
        return sorted({file for pattern in CASE_FILES for file in site.parent.glob(pattern) if file != site})
    return [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]


def read_cases(files: Iterable[Path], bench: CaseBench) -> list[CaseInFile]:
    """Read and check case files.

    Raises
    ------
    CaseFileError
        The files have mistakes; the error lists all of them.

    """
    cases: list[CaseInFile] = []
    mistakes: list[Mistake] = []
    for file in files:
        try:
            text = read_text(file)
        except (OSError, ValueError) as error:
            mistakes.append(unreadable(file, error))
            continue
        text, headers = read_headers(file, text, (CASE,))
        toml = read_past_faults(file, text)
        mistakes += [*headers, *toml.mistakes]
        if toml.document is not None:
            _read_file(file, _Text(file, text, toml.lost), toml.document, bench, (cases, mistakes))
    if mistakes:
        raise CaseFileError(sorted(set(mistakes)))
    return cases


def _read_file(
    file: Path, text: _Text, document: dict[str, Any], bench: CaseBench, into: tuple[list[CaseInFile], list[Mistake]]
) -> None:
    cases, mistakes = into
    tables = document.pop("case", [])
    mistakes += [Mistake(str(file), 1, key, Message("unknown table; expected [[case]]")) for key in document]
    if not (isinstance(tables, list) and tables and all(isinstance(table, dict) for table in tables)):
        message = Message("expected tables [[case]], in double brackets")
        mistakes.append(Mistake(str(file), 1, "case", message))
        return
    names: set[object] = set()
    for number, table in enumerate(tables):
        if len(mistakes) > MOST_MISTAKES:
            mistakes.append(further(file))
            return
        name = table.get("name")
        if isinstance(name, str) and name in names:
            message = Message("duplicate name; expected each once in a file")
            mistakes.append(text.mistake(number, name, ("name",), message))
        names.add(str(name))
        case, wrong = _read_case(table, bench)
        lost = text.lost(number)
        # Any other line belonged to a series or to an expected event, which then lacks something.
        doubtful = lost | {"series", "expect"} if lost - Case.model_fields.keys() else lost
        mistakes += [
            text.mistake(number, name, place, message)
            for place, message in wrong
            if doubtful.isdisjoint(map(str, place[:1]))
        ]
        if case is not None and not lost:
            cases.append(CaseInFile(file, text.line(number), case))


def _read_case(table: dict[str, Any], bench: CaseBench) -> tuple[Case | None, list[tuple[Place, Message]]]:
    """Return a case, or its problems with their places."""
    try:
        case = Case.model_validate(table)
    except ValidationError as error:
        wrong = [(place, _in_a_case(table, place, message)) for place, message in explain(error, CASES_PAGE)]
        return None, [*wrong, *_problems_of_rest(table, {place for place, _ in wrong}, bench)]
    problems = [(_place(problem), problem.message) for problem in bench.problems(case)]
    return (None if problems else case), problems


def _has_condition(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("condition"), str) and item["condition"] != ""


def _place(problem: Problem) -> Place:
    keys = problem.path[2:]
    return keys if keys[0] == "series" else tuple(int(key) if key.isdecimal() else key for key in keys)


def _problems_of_rest(table: dict[str, Any], wrong: set[Place], bench: CaseBench) -> Iterator[tuple[Place, Message]]:
    """Yield the further problems of a case with wrong places, except problems of its times."""
    # Without the wrong keys the case may be valid enough for the second check, so that the engineer sees all mistakes
    # at once. Its length is unreliable then, hence the exception for times.
    rest = {key: value for key, value in table.items() if (key,) not in wrong}
    bad = {place[:2] for place in wrong}
    if isinstance(series := rest.get("series"), dict):
        rest["series"] = {point: text for point, text in series.items() if ("series", point) not in bad}
    expected = {
        number: item if ("expect", number) not in bad else EXPECTED_STAND_IN | {"condition": item.get("condition")}
        for number, item in enumerate(rest.get("expect", ()))
        if ("expect", number) not in bad or _has_condition(item)
    }
    kept = list(expected)
    rest |= {"name": "-", "expect": list(expected.values())}
    try:
        problems = bench.problems(Case.model_validate(rest))
    except ValidationError:
        return
    for place, message in ((_place(problem), problem.message) for problem in problems):
        match place:
            case ("until" | "start",) | ("expect", _, "at"):
                continue
            case ("expect", int(number), *keys):
                yield ("expect", kept[number], *keys), message
            case _:
                yield place, message


def _in_a_case(table: dict[str, Any], place: Place, message: Message) -> Message:
    """Return the message, or advice about quotes if TOML took a point id with dots for nested tables."""
    match place:
        case ("series", str(point), *_) if isinstance(table["series"][point], dict):
            return Message(
                'expected text; an id with dots is written in quotes, as in series."{point}.CH4" = "0.6x5"', point=point
            )
    return message
