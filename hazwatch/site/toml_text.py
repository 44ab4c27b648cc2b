"""Reads TOML past its faults: a line that is no TOML is reported and mended or left out, and the rest is read."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from hazwatch.site.bounded import read_toml
from hazwatch.site.site_text import Mistake, further, unreadable
from plant import Message, full_width, mended
from plant.bounds import MEBI

MOST_FAULTS: Final = 200
"""Faults after which the rest of a file is not read. [1]"""
MOST_READ: Final = 4 * MEBI
"""Characters to read in all: after a fault, a file is read anew from its beginning. [1]"""
STRING: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
LIST_ITEM: Final = re.compile(r"^\s*[{\[]")
"""The begin of a line that may be an item of a list."""
HEADER: Final = re.compile(r"^\s*\[")
BARE_WORD: Final = re.compile(r"^\s*([\w.-]+)\s*=\s*([^\W\d][\w.-]*)\s*[;；]?\s*(?:#.*)?$")
"""A key with a word that is not in quotes."""
LITERALS: Final = frozenset(("true", "false", "inf", "nan"))
"""Words that stand without quotes in TOML."""
SEPARATORS: Final = re.compile(r"(\"[^\"]*\"|'[^']*'|#.*)|[;；，、]")
"""Signs that people write between values, outside of text and comments."""
KEY_LINE: Final = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*[.=]")


@dataclass
class TomlText:
    """A text with what could be read of it.

    Attributes
    ----------
    document : dict or None
        The tables; None if nothing can be read.
    mistakes : list of Mistake
        Lines that are no TOML.
    lost : list of (int, str)
        Lines that were left out, from 1, each with its key; "" if it has none.

    """

    document: dict[str, Any] | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)


def read_past_faults(file: Path, text: str) -> TomlText:
    """Read a text; every fault is reported once."""
    read = TomlText()
    lines = text.split("\n")
    written = tuple(lines)
    tried: set[int] = set()
    for _ in range(min(MOST_FAULTS, 1 + MOST_READ // (len(text) + 1))):
        try:
            read.document = read_toml("\n".join(lines))
        except ValueError as error:
            mistake = _where_it_begins(unreadable(file, error), lines)
            number = mistake.line - 1
            # A fault without a line, or in a line that is empty by now, concerns several lines.
            if number < 0 or (number in tried and not lines[number]):
                read.mistakes.append(mistake)
                return read
            if number not in tried:
                read.mistakes.append(_with_advice(mistake, written[number]))
            lines[number] = "" if number in tried else _mended(lines[number])
            tried.add(number)
            key = KEY_LINE.match(mended(written[number]))
            # A key that stands twice has been read the first time.
            if not lines[number] and "overwrite" not in str(error):
                read.lost.append((mistake.line, key[1] if key else ""))
        else:
            read.mistakes += _written_twice(file, written, read.lost)
            return read
    read.mistakes.append(further(file))
    return read


def _where_it_begins(mistake: Mistake, lines: Sequence[str]) -> Mistake:
    """Return a mistake at the line where it begins: a list that is not closed is noticed later, or at the end."""
    if not mistake.line and "(at end of document)" in mistake.message:
        last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=0)
        mistake = replace(mistake, line=last, path="TOML")
    line = lines[mistake.line - 1] if mistake.line else ""
    has_other_signs = any(not match[1] for match in SEPARATORS.finditer(line))
    if "Unclosed array" in mistake.message and not has_other_signs:
        for number in range(mistake.line - 1, -1, -1):
            bare = STRING.sub("", lines[number]).partition("#")[0]
            if "=" in bare and bare.count("[") > bare.count("]"):
                return replace(mistake, line=number + 1)
    return mistake


def _written_twice(file: Path, lines: Sequence[str], lost: Iterable[tuple[int, str]]) -> Iterator[Mistake]:
    """Yield a mistake for each key that also stands in a line of its table that was left out."""
    for line, key in lost:
        for step in (-1, 1):
            number = line - 1 + step
            while 0 <= number < len(lines) and not HEADER.match(lines[number]):
                match = KEY_LINE.match(lines[number])
                if key and match and match[1] == key and "." not in match[0]:
                    message = Message(
                        'the key "{key}" stands twice in its table, also in line {line}', key=key, line=line
                    )
                    yield Mistake(str(file), number + 1, "TOML", message)
                number += step


def _with_advice(mistake: Mistake, line: str) -> Mistake:
    """Return a mistake with the advice about full-width signs outside of text, and about a semicolon."""
    bare = STRING.sub("", line).partition("#")[0]
    advice = list(full_width(bare))
    if bare.rstrip().endswith((";", "；")) and not LIST_ITEM.match(line):
        advice.append(Message('found ";" at the end of the line; TOML has no sign there'))
    elif ";" in bare or "；" in bare:
        advice = [message for message in advice if message.arguments.get("sign") != "；"]
        advice.append(Message('found ";" between values; write ","'))
    if (word := BARE_WORD.match(line)) is not None and word[2] not in LITERALS:
        low = word[2].lower()
        meant = low if low in LITERALS else f'"{word[2]}"'
        advice.append(Message("write {key} = {value}", key=word[1], value=meant))
    if not advice:
        return mistake
    return Mistake(mistake.file, mistake.line, mistake.path, Message("{problems}", problems=(mistake.message, *advice)))


def _mended(line: str) -> str:
    """Return what a line probably means, in TOML; nothing if that cannot be said."""
    tries: tuple[Callable[[str], str], ...] = (
        lambda text: SEPARATORS.sub(lambda match: match[1] or ",", text),
        lambda text: text.rstrip().rstrip(";；,，"),
        lambda text: SEPARATORS.sub(lambda match: match[1] or ",", text).rstrip().rstrip(","),
        lambda text: text.lower() if (word := BARE_WORD.match(text)) and word[2].lower() in LITERALS else text,
        lambda text: mended(text).rstrip().rstrip(";,"),
        lambda text: re.sub(r"^(\s*[\w.-]+\s*=\s*)([^\s#]+)", r'\1"\2"', mended(text)),
    )
    for repair in tries:
        repaired = repair(line)
        if _can_be_read(repaired) or (LIST_ITEM.match(repaired) and _can_be_read(f"_ = [\n{repaired}\n]")):
            return repaired
    return ""


def _can_be_read(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
