"""Why SQLite refuses, as messages, and whether an error means damage."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from plant import Message, Template, words_of_library

SQLITE_REASONS: Final[Mapping[int, Template]] = {
    sqlite3.SQLITE_PERM: Template("permission denied"),
    sqlite3.SQLITE_BUSY: Template("the database is locked"),
    sqlite3.SQLITE_LOCKED: Template("the database is locked"),
    sqlite3.SQLITE_READONLY: Template("the database is read-only"),
    sqlite3.SQLITE_IOERR: Template("input/output error"),
    sqlite3.SQLITE_CORRUPT: Template("the database is damaged"),
    sqlite3.SQLITE_FULL: Template("database or disk is full"),
    sqlite3.SQLITE_CANTOPEN: Template("unable to open database file"),
    sqlite3.SQLITE_NOTADB: Template("file is not a database"),
}
_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
"""Errors that do not mean damage: the file may be sound and only out of reach at present."""
PRIMARY: Final = 0xFF
"""The part of an error code with the kind of the error; the other bits name the place."""


def reason_of_sqlite(error: sqlite3.Error) -> Message:
    """Return why SQLite refused."""
    # An error that Python raises itself, such as one about a closed connection, has no code.
    template = SQLITE_REASONS.get(getattr(error, "sqlite_errorcode", 0) & PRIMARY)
    return words_of_library(str(error)) if template is None else Message(template)


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error of SQLite means damage, rather than a file that is out of reach at present."""
    return isinstance(error, sqlite3.DatabaseError) and code_of(error) not in _PASSING


def code_of(error: sqlite3.Error) -> int:
    """Return the primary code of an error."""
    # The module raises errors of its own without a code, for example for a text that is not UTF-8.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & PRIMARY
