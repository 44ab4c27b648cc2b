"""Reads texts and TOML within bounds: no endless file, no TOML that is nested without end."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from adapters.regular_file import read_file
from plant import Message, Place
from plant.bounds import DEEPEST, LARGEST_INTEGER

_NAME: Final = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
# tomllib takes time with the square of the names in one key, and the interpreter's stack for tables in tables.
LONG_KEY: Final = re.compile(rf"(?<![\w.-]){_NAME}(?:[ \t]*+\.[ \t]*+{_NAME}){{{4 * DEEPEST}}}")
"""More names joined by dots than any key has; a sentence has never so many."""


TOO_LARGE: Final = Message("a number of too many digits; expected at most {most}", most=LARGEST_INTEGER)
TOO_DEEP: Final = Message("tables and lists in each other: expected at most {most} levels", most=DEEPEST)


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, is not UTF-8, or is larger than any that is meant to be read at once.

    """
    # Windows editors begin UTF-8 files with a byte order mark.
    return read_file(path).decode("utf-8-sig")


def read_toml(text: str) -> dict[str, Any]:
    """Return a TOML document.

    Raises
    ------
    ValueError
        It is not TOML, its tables are nested too deeply, or it has a number or text that no key takes.

    """
    for line, content in enumerate(text.split("\n"), 1):
        if content.count(".") < 4 * DEEPEST or LONG_KEY.search(content) is None:
            continue
        raise ValueError(Message("line {line}: a key of too many names; at most {most}", line=line, most=DEEPEST))
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        # Python refuses to read a number of thousands of digits.
        raise ValueError(TOO_LARGE) from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    for place, problem in _beyond(document):
        raise ValueError(Message("{path}: {problem}", path=".".join(map(str, place)), problem=problem))
    return document


def _beyond(document: dict[str, Any]) -> Iterator[tuple[Place, Message]]:
    """Yield the values beyond the bounds, without recursion."""
    ahead: list[tuple[Place, Any]] = [((), document)]
    while ahead:
        place, value = ahead.pop()
        if isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            yield place, TOO_LARGE
        elif isinstance(value, dict | list):
            if len(place) == DEEPEST:
                yield place[:4], TOO_DEEP
                continue
            inner = value.items() if isinstance(value, dict) else enumerate(value, 1)
            ahead.extend(((*place, key), item) for key, item in inner if not isinstance(item, str | float | bool))
