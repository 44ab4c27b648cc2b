"""Rows of a table in the order of their keys, also of a table of which a part cannot be read."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from adapters.stores.historian.damage import is_damage

Row = tuple[Any, ...]
"""The key, then the other columns; of a damaged row they may have any type."""

_LIMIT: Final = " LIMIT 1"


def read_rows(database: sqlite3.Connection, query: str, first: int, last: int) -> Iterator[Row]:
    """Yield what can be read of the rows with a key in [first, last].

    A row is left out where SQLite cannot read it, and with it those of the same page of the file.

    Parameters
    ----------
    database : sqlite3.Connection
        Of the file, open to read.
    query : str
        Its first column is the key, its two parameters are the bounds of the key, and it is ordered by the key.
    first, last : int
        Bounds of the key.

    Raises
    ------
    sqlite3.Error
        The file cannot be reached now.

    """
    begin: int | None = first
    while begin is not None and begin <= last:
        key = begin - 1
        try:
            for row in database.execute(query, (begin, last)):
                if not isinstance(row[0], int) or row[0] <= key:
                    break  # keys that do not ascend come of a damaged tree
                key = row[0]
                yield row
            else:
                return
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        begin = _next_readable(database, query, key + 1, last)


def _next_readable(database: sqlite3.Connection, query: str, bad: int, last: int) -> int | None:
    """Return the least key behind `bad` from which a row can be read, None where there is no such row."""
    step = 1
    while bad + step <= last and not _is_readable(database, query, bad + step, last):
        step *= 2
    if bad + step > last:
        return None
    low, high = bad + step // 2, bad + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _is_readable(database, query, middle, last) else (middle, high)
    return high


def _is_readable(database: sqlite3.Connection, query: str, first: int, last: int) -> bool:
    try:
        row = database.execute(query + _LIMIT, (first, last)).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return False
    return row is None or (isinstance(row[0], int) and first <= row[0] <= last)
