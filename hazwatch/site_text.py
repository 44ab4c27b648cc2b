"""Where in a TOML text a key stands, and what a mistake in it looks like to the one who wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

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
        return f"{self.file}:{self.line}: {self.path}: {self.message}" if self.line else f"{self.file}: {self.message}"


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
    found = []
    for item in error.errors(include_url=False):
        place = tuple(part for part in item["loc"] if part not in aliases)
        match item["type"]:
            case "extra_forbidden":
                message = "unknown key; expected one of those in docs/configuration.md"
            case "missing":
                message = "missing; expected a value"
            case _:
                message = item["msg"].removeprefix("Value error, ")
                if not place or item["type"] == "value_error":
                    found.append((place, message))
                    continue
                message = f"{message}; found {item['input']!r}"
        found.append((place, message))
    return found


def explained(error: ValidationError) -> str:
    """Return all errors in one line."""
    return "; ".join(": ".join((*map(str, place), message)) for place, message in explain(error))
