"""Reads files within bounds: no pipe or device, no endless file, no TOML that is nested without end."""

import errno
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from plant import Message, Place
from plant.bounds import DEEPEST, LARGEST_FILE, LARGEST_INTEGER

_NAME: Final = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
# tomllib takes time with the square of the names in one key, and the interpreter's stack for tables in tables.
LONG_KEY: Final = re.compile(rf"(?<![\w.-]){_NAME}(?:[ \t]*+\.[ \t]*+{_NAME}){{{4 * DEEPEST}}}")
"""More names joined by dots than any key has; a sentence has never so many."""


TOO_LARGE: Final = Message("a number of too many digits; expected at most {most}", most=LARGEST_INTEGER)
TOO_DEEP: Final = Message("tables and lists in each other: expected at most {most} levels", most=DEEPEST)


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    Raises
    ------
    OSError, ValueError
        There is no such file, or it is a pipe, a device or a socket: reading one may wait for ever, or never end.

    """
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for somebody who writes into it.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        raise ValueError(Message("expected the name of a file without a null character")) from None
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(number, "rb")
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise ValueError(Message("expected a file; found a pipe, a device or a socket"))


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, is not UTF-8, or is larger than any that is meant to be read at once.

    """
    with open_file(path) as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(Message("expected at most {most} bytes; is it another file?", most=LARGEST_FILE))
    # Windows editors begin UTF-8 files with a byte order mark.
    return content.decode("utf-8-sig")


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
