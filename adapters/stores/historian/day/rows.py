"""Reads the rows of a table in order of key, even if a part of the table is unreadable."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from adapters.stores.sqlite_reasons import is_damage

Row = tuple[Any, ...]
"""The key, then the other columns; in a damaged row they may have any type."""

_MOST_GAPS: Final = 256
"""After so many places that cannot be read the rest of a table counts as lost."""
_LIMIT: Final = " LIMIT 1"


def read_rows(database: sqlite3.Connection, query: str, first: int, last: int) -> Iterator[Row]:
    """Yield the readable rows with a key in [first, last].

    If SQLite cannot read a row, the function skips it and the other rows on its page of the file.

    Parameters
    ----------
    database : sqlite3.Connection
        The file, open for reading.
    query : str
        A query with the key as first column, its two bounds as parameters, and its order.
    first, last : int
        Bounds of the key.

    Raises
    ------
    sqlite3.Error
        The file is out of reach at present.

    """
    begin: int | None = first
    # Keys of a destroyed tree may be any numbers, and the search between them would never end.
    for _ in range(_MOST_GAPS):
        if begin is None or begin > last:
            return
        key = begin - 1
        try:
            for row in database.execute(query, (begin, last)):
                # Keys that do not ascend are a sign of a damaged tree: the rows after them may be anything.
                if not isinstance(row[0], int) or row[0] <= key:
                    break
                key = row[0]
                yield row
            else:
                return
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        begin = _next_readable(database, query, key + 1, last)


def _next_readable(database: sqlite3.Connection, query: str, bad: int, last: int) -> int | None:
    """Return the smallest key above `bad` from which a row can be read; None if there is none."""
    # Doubling steps find a readable key, and a bisection then finds the smallest: a page holds thousands of keys.
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
