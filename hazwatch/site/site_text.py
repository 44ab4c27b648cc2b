"""Finds the line of a key in a TOML text, and describes mistakes with their places."""

import codecs
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hazwatch.words import both
from plant import Message, Place, message_of, reason_of
from plant.bounds import shown

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
TABLE_HEADER: Final = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")
KEY_OF_LINE: Final = re.compile(r"\s*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))\s*[.=]")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """A mistake in one place of a site file; its str is in both languages.

    Attributes
    ----------
    file : str
        Path of the file.
    line : int
        Counts from 1; 0 if the mistake concerns the whole file.
    path : str
        The place in the file: names from the file, or a Message if it has words.
    message : Message
        The mistake, and what was expected.

    """

    file: str
    line: int
    path: str
    message: Message

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {both(self.message)}"
        at_path = Message("{path}: {problem}", path=self.path, problem=self.message)
        return f"{self.file}:{self.line}: {both(at_path)}"


def path_of(table: str, number: int | None, name: str | None, keys: Iterable[str | int]) -> str:
    """Return the place of a key for people: its table with the id, or else with the number, and its keys.

    Parameters
    ----------
    table : str
        Name of the table.
    number : int or None
        Number of the table among those of its name, from 0; None if there is only one.
    name : str or None
        Id or name of the table, if it has one.
    keys : iterable of str or int
        Keys from the outer to the inner table.

    """
    joined = ".".join(map(str, keys))
    if not name and number is not None:
        if joined:
            return Message("{table} number {number}.{keys}", table=table, number=number + 1, keys=joined)
        return Message("{table} number {number}", table=table, number=number + 1)
    entry = f'{table} "{_shown(name)}"' if name else table
    return f"{entry}.{joined}" if joined else entry


# tomllib gives no lines of keys, so this class finds them by patterns in the text. An exotic notation (a table inside
# an inline table) may be missed; the mistake then has the line of its table.
class SiteText:
    """The text of a site file, in which the lines of tables and keys can be looked up."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self._lines = text.split("\n")
        # Every line is looked at once, however many mistakes the file has.
        self._starts: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines):
            if header := TABLE_HEADER.match(line):
                self._starts.setdefault(header[1], []).append(number)
        self._keys_from: dict[int, dict[str, int]] = {}

    def line(self, table: str, number: int | None, key: str | None) -> int:
        """Return the line (from 1) of a key of the `number`-th table of that name, or of the table; 1 if not found."""
        starts = self._starts.get(table, ())
        if not starts:
            return self._keys(0, "").get(table, 1)
        start = starts[min(number or 0, len(starts) - 1)]
        return self._keys(start + 1, table).get(key or "", start + 1)

    def text_of(self, line: int) -> str:
        """Return a line (from 1)."""
        return self._lines[line - 1]

    def table_at(self, line: int) -> tuple[str, int]:
        """Return the table in which a line (from 1) stands, and its number among those of its name."""
        headers = [header[1] for text in self._lines[: line - 1] if (header := TABLE_HEADER.match(text))]
        names = [name.partition(".")[0] for name in headers]
        if not names:
            return "", 0
        # [point.flatline] belongs to the [[point]] above it.
        return names[-1], max(0, headers.count(names[-1]) - 1)

    def count(self, table: str) -> int:
        """Return how many tables of that name the text has."""
        return len(self._starts.get(table, ()))

    def _keys(self, start: int, table: str) -> dict[str, int]:
        """Return the lines of each `key = ...` and `[table.key]` before the next table."""
        if start not in self._keys_from:
            self._keys_from[start] = dict(reversed(list(self._read_keys(start, table))))
        return self._keys_from[start]

    def _read_keys(self, start: int, table: str) -> Iterator[tuple[str, int]]:
        inner = False
        for number in range(start, len(self._lines)):
            if header := TABLE_HEADER.match(self._lines[number]):
                outer, _, rest = header[1].partition(".")
                if outer != table or not rest:
                    return
                inner = True
                yield rest.partition(".")[0], number + 1
            elif not inner and (key := KEY_OF_LINE.match(self._lines[number])):
                yield key[1] or key[2] or key[3], number + 1

    def mistake(self, table: str, number: int | None, name: str | None, place: Place, message: Message) -> Mistake:
        """Return a mistake at a place within a table; `name` is the id of the table if it has one."""
        line = self.line(table, number, str(place[0]) if place else None)
        return Mistake(str(self.file), line, path_of(table, number, name, place), message)


FURTHER_MISTAKES: Final = Message("further mistakes are not looked for; correct these first")


def further(file: Path) -> Mistake:
    """Return the note that checking stopped, since a file has too many mistakes."""
    return Mistake(str(file), 0, "", FURTHER_MISTAKES)


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in shown(name))


def unreadable(file: Path, error: Exception) -> Mistake:
    """Return why a TOML file cannot be read, with the line of the fault if it is known."""
    if isinstance(error, UnicodeDecodeError):
        return Mistake(str(file), 0, "", Message("cannot be read: {reason}", reason=not_utf8(error)))
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Mistake(str(file), 0, "", Message("cannot be read: {reason}", reason=_reason(error)))
    # Until Python 3.14 the text of the error is the only place that has the line.
    fault, at, place = str(error).rpartition(" (at line ")
    numbers = re.findall(r"\d+", place) if at else []
    if len(numbers) != 2:
        return Mistake(str(file), 0, "", Message("cannot be read: not TOML ({reason})", reason=error))
    line, column = map(int, numbers)
    message = Message(
        "cannot be read: not TOML at line {line}, column {column} ({reason})", line=line, column=column, reason=fault
    )
    return Mistake(str(file), line, "TOML", message)


def _reason(error: Exception) -> Message:
    return reason_of(error) if isinstance(error, OSError) else message_of(error)


def not_utf8(error: UnicodeDecodeError) -> Message:
    """Return the advice about the bytes that could not be read."""
    if error.object[:2] in UTF_16:
        return Message('not UTF-8 but UTF-16 ("Unicode" in Notepad and Excel); save it as UTF-8, in Excel "CSV UTF-8"')
    try:
        error.object.decode("gb18030")
    except UnicodeDecodeError:
        return Message('not UTF-8; save it as UTF-8, in Excel as "CSV UTF-8"')
    return Message('not UTF-8 but GBK; save it as UTF-8, in Excel as "CSV UTF-8"')
