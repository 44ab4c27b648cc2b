"""Finds the records of a period of event times, without trusting an index alone."""

import sqlite3
from bisect import bisect_left
from typing import Any, Final

from adapters.stores.journal_chain import ChainRow, last_number
from adapters.stores.journal_schema import NO_HASH
from adapters.stores.sqlite_reasons import is_damage
from plant.units import DAY

EARLIEST_TIME: Final = -(2**63)
LATEST_TIME: Final = 2**63 - 1

WITH_HASH_BEFORE: Final = """
SELECT number, time, kind, body, hash, (SELECT before.hash FROM record AS before WHERE before.number = it.number - 1)
FROM record AS it
"""
"""A record with the hash before it, so that each can be checked by itself."""
HAPPENED: Final = """
SELECT min(number), max(number) FROM record
WHERE kind IN ('event', 'retrospective')
AND CASE WHEN json_valid(body) THEN json_extract(body, '$.time') END BETWEEN ? AND ?
"""
LATEST_RECORDING: Final = DAY
"""Longest time from an event to its record, unless it was found in late data. [ns]"""


def happened(connection: sqlite3.Connection, start: int | None, end: int | None) -> tuple[int, int]:
    """Return the numbers of two records, from the first to the second of which are all events of [start, end)."""
    head = last_number(connection)
    # A damaged index would hide events; times of records would do so where a clock was set back.
    first, last = _by_index(connection, start, end)
    if start is not None:
        first = min(first or LATEST_TIME, _first_from(connection, head, start, unknown=True))
    if end is not None:
        last = max(last or 0, _first_from(connection, head, end + LATEST_RECORDING, unknown=False) - 1)
    return 1 if start is None else first or 1, head if end is None else last or 0


def checked(row: tuple[Any, ...]) -> ChainRow | None:
    """Return the record of a row with the hash before it; None if the record is not as it was written."""
    *columns, before = row
    record = ChainRow.read(tuple(columns))
    if record is None:
        return None
    before = NO_HASH if record.number == 1 else before
    return record if isinstance(before, bytes) and record.follows(before) else None


def _by_index(connection: sqlite3.Connection, start: int | None, end: int | None) -> tuple[int | None, int | None]:
    """Return the first and the last event of a period as the index has them; None without any. [ns, UTC]."""
    bounds = (EARLIEST_TIME if start is None else start, LATEST_TIME if end is None else end - 1)
    try:
        first, last = connection.execute(HAPPENED, bounds).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None, None
    return first, last


def _first_from(connection: sqlite3.Connection, head: int, time: int, *, unknown: bool) -> int:
    """Return the first record from a time on, if their times never go back; `unknown` counts for damaged records."""

    def is_from(number: int) -> bool:
        row = connection.execute(f"{WITH_HASH_BEFORE} WHERE number = ?", (number,)).fetchone()
        record = None if row is None else checked(row)
        return unknown if record is None else record.time >= time

    return 1 + bisect_left(range(1, head + 1), True, key=is_from)  # noqa: FBT003  # the value that is looked for
