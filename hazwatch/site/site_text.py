"""Where in a TOML text a key stands, and what a mistake in it looks like to the one who wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hazwatch.words.chinese import both

Place = tuple[str | int, ...]

HEADER: Final = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in a site file: where, and what was expected."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return both(f"{self.file}: {self.message}")
        return f"{self.file}:{self.line}: {self.path}: {both(self.message)}"


class SiteText:
    """The text of a site file, to find the line of a table or a key in it."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self._lines = text.split("\n")

    def line(self, table: str, number: int | None, key: str | None) -> int:
        """Return the line (from 1) of a key of the `number`-th table of that name, or of the table; 1 if not found."""
        header = re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?\s*(#.*)?$")
        starts = [n for n, line in enumerate(self._lines) if header.match(line)]
        if not starts:
            return self._key(0, "", table) or 1
        start = starts[min(number or 0, len(starts) - 1)]
        return (self._key(start + 1, table, key) if key else 0) or start + 1

    def _key(self, start: int, table: str, key: str) -> int:
        """Return the line of `key = ...` or of `[table.key]` before the next table; 0 where there is none."""
        wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]")
        inner = False
        for number, line in enumerate(self._lines[start:], start):
            if header := HEADER.match(line):
                outer, _, rest = header[1].partition(".")
                if outer != table or not rest:
                    return 0
                inner = True
                if rest.partition(".")[0] == key:
                    return number + 1
            elif not inner and wanted.match(line):
                return number + 1
        return 0

    def mistake(self, table: str, number: int | None, name: str | None, place: Place, message: str) -> Mistake:
        """Return a mistake at `place` within the table; `name` is its id where it has one."""
        keys = [str(part) for part in place]
        which = f'{table} "{_shown(name)}"' if name else table if number is None else f"{table} number {number + 1}"
        line = self.line(table, number, keys[0] if keys else None)
        return Mistake(str(self.file), line, ".".join([which, *keys]), message)


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def explain(error: ValidationError, aliases: Sequence[str] = ()) -> list[tuple[Place, str]]:
    """Return the places and messages of all errors of one table, in the words of the site file."""
    return [
        (tuple(part for part in item["loc"] if part not in aliases), _said(item))
        for item in error.errors(include_url=False)
    ]  # fmt: skip


def _said(item: ErrorDetails) -> str:
    """Return what is wrong in our own words; what our own checks say stays."""
    kind = item["type"]
    if kind == "value_error":
        return item["msg"].removeprefix("Value error, ")
    if kind in WHOLE:
        return WHOLE[kind]
    expected = EXPECTED[kind].format(**item.get("ctx", {})) if kind in EXPECTED else item["msg"]
    return f"{expected}; found {item['input']!r}" if item["loc"] else expected


WHOLE: Final = {
    "extra_forbidden": "unknown key; expected one of those in docs/configuration.md",
    "missing": "missing; expected a value",
    "string_too_short": "expected text that is not empty",
}
NUMBER: Final = "expected a number without quotes"
WHOLE_NUMBER: Final = "expected a whole number"
TABLE: Final = "expected a table"
LIST: Final = "expected a list"
EXPECTED: Final = {
    "string_type": "expected text",
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "bool_type": "expected true or false",
    "finite_number": "expected a number that is finite",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected one of {expected}",
    "enum": "expected one of {expected}",
    "tuple_type": LIST,
    "list_type": LIST,
    "too_short": "expected {min_length} values or more",
    "too_long": "expected {max_length} values or less",
    "model_type": TABLE,
    "dict_type": TABLE,
    "model_attributes_type": TABLE,
}
"""Kinds of errors of pydantic, and what to write instead."""


def explained(error: ValidationError) -> str:
    """Return all errors in one line."""
    return "; ".join(": ".join((*map(str, place), message)) for place, message in explain(error))
