"""Checks what holds the records of a journal: the tree of the database, its guards, and the samples behind records."""

import sqlite3
from contextlib import closing
from typing import Final

from adapters.stores.journal_schema import JOURNAL_SCHEMA
from adapters.stores.pending import count_pending, read_pending
from adapters.stores.sqlite_reasons import is_damage, reason_of_sqlite
from plant import Message

MOST_REASONS: Final = 5
"""Number of faults of the tree that are named; one damaged page gives many."""
_STATEMENTS: Final = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"


def structure_problems(connection: sqlite3.Connection) -> list[Message]:
    """Return what is wrong with a journal beside its records."""
    problems: list[Message] = []
    for check in (_tree, _guards, _pending):
        try:
            problems += check(connection)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            problems.append(Message("the tree of the database is damaged: {reasons}", reasons=reason_of_sqlite(error)))
    return list(dict.fromkeys(problems))


def _tree(connection: sqlite3.Connection) -> list[Message]:
    rows = connection.execute(f"PRAGMA integrity_check({MOST_REASONS})").fetchall()
    reasons = tuple(str(row[0]).strip().replace("\n", "; ") for row in rows if row[0] != "ok")
    return [Message("the tree of the database is damaged: {reasons}", reasons=reasons)] if reasons else []


def _guards(connection: sqlite3.Connection) -> list[Message]:
    """Compare tables, index and triggers with those of a new journal."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(f"{JOURNAL_SCHEMA} COMMIT;")
        expected = dict(fresh.execute(_STATEMENTS))
    present = dict(connection.execute(_STATEMENTS))
    return [
        Message("{name}, which guards the records against alterations, is missing or was changed", name=name)
        for name, statement in expected.items()
        if present.get(name) != statement
    ]


def _pending(connection: sqlite3.Connection) -> list[Message]:
    if len(read_pending(connection)[1]) == count_pending(connection):
        return []
    return [Message("samples that wait for the history are damaged")]
