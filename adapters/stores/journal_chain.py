"""Walks the chain of a journal record by record, names what is not as it was written, and goes on behind it."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from adapters.stores.anchor import Anchor, AnchorVerdict
from adapters.stores.journal_schema import NO_HASH, chained, stated_earlier
from adapters.stores.sqlite_reasons import is_damage

BreakKind = Literal["altered", "missing", "hash"]
"""Another content or place; gone or unreadable; only another hash: the next record proves the content."""

AT_ONCE: Final = 1000
"""Numbers that are read at once: a long read would keep the writer from truncating its write-ahead log."""
_FEWEST_BYTES: Final = 36
"""Bytes of the file that a record takes at least; a damaged number must not make a walk endless."""
_COLUMNS: Final = "SELECT number, time, kind, body, hash FROM record WHERE number"
BETWEEN: Final = f"{_COLUMNS} BETWEEN ? AND ? ORDER BY number"
ONE: Final = f"{_COLUMNS} = ?"
BEYOND: Final = f"{_COLUMNS} > ? ORDER BY number LIMIT {AT_ONCE}"
COUNTED: Final = "SELECT seq FROM sqlite_sequence WHERE name = 'record'"
HIGHEST: Final = "SELECT max(number) FROM record"


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """Consecutive records, from `first` to `last`, that are not as they were written."""

    first: int
    last: int
    kind: BreakKind


class ChainRow(NamedTuple):
    """A record as it is stored, with its hash."""

    number: int
    time: int
    kind: str
    body: str
    hash: bytes

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> "ChainRow | None":
        """Return the record of a row; None if a column has another type than was written."""
        number, time, kind, body, kept = row
        if not (isinstance(number, int) and isinstance(time, int) and isinstance(kept, bytes)):
            return None
        if not (isinstance(kind, bytes) and isinstance(body, bytes)):
            return None
        try:
            return cls(number, time, kind.decode(), body.decode(), kept)
        except UnicodeDecodeError:
            return None

    def follows(self, before: bytes) -> bool:
        """Tell whether the stored hash is that of this record behind a hash."""
        return self.hash == self.chained(before)

    def chained(self, before: bytes) -> bytes:
        """Return the hash of this record behind a hash."""
        return chained(before, self.number, self.time, self.kind, self.body)


def walk(connection: sqlite3.Connection, after: int, last: int, before: bytes | None) -> Iterator[ChainRow | Break]:
    """Yield the records after a number whose content is as it was written, and the breaks between them.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal; texts are read as bytes.
    after, last : int
        Number before the first record, and of the last one.
    before : bytes or None
        Hash of the record `after`; None if it is not known. Nothing can then be said of the first record.

    """
    gap: tuple[int, bytes | None] = (0, None)
    for (number, row), (_, following) in pairwise(_numbered(connection, after, last)):
        if row is None:
            yield Break(number, number, "missing")
            gap, before = (number, before), None
            continue
        record = ChainRow.read(row)
        if record is not None and _is_moved(record, *gap):
            yield Break(number, number, "altered")
            continue
        if record is None or record.number != number:
            yield Break(number, number, "altered")
        elif before is None or record.follows(before):
            yield record
        elif _is_proven(record, before, following):
            yield record
            yield Break(number, number, "hash")
            before = record.chained(before)
            continue
        else:
            yield Break(number, number, "altered")
        before = row[4] if isinstance(row[4], bytes) and len(row[4]) == len(NO_HASH) else None


def _is_moved(record: ChainRow, missing: int, before: bytes | None) -> bool:
    """Tell whether a record is the one that is missing in front of it, under another number."""
    # Nothing else could be said of it: a record behind a gap has no hash before it.
    if before is None or record.number != missing + 1:
        return False
    return record.hash == chained(before, missing, record.time, record.kind, record.body)


def _is_proven(record: ChainRow, before: bytes, following: tuple[Any, ...] | None) -> bool:
    """Tell whether the record that follows was written behind this content."""
    behind = None if following is None else ChainRow.read(following)
    return behind is not None and behind.number == record.number + 1 and behind.follows(record.chained(before))


def joined(breaks: Iterable[Break]) -> Iterator[Break]:
    """Join breaks of one kind that touch each other."""
    waiting: Break | None = None
    for part in breaks:
        if waiting is not None and (waiting.kind, waiting.last + 1) == (part.kind, part.first):
            waiting = Break(waiting.first, part.last, part.kind)
            continue
        if waiting is not None:
            yield waiting
        waiting = part
    if waiting is not None:
        yield waiting


def last_number(connection: sqlite3.Connection) -> int:
    """Return the number of the last record that was written, also if it is gone."""
    (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    counted, highest = _number(connection, COUNTED), _number(connection, HIGHEST)
    # The counter of SQLite knows of records that were removed. A damaged number may be higher than the counter, and a
    # damaged counter lower than the records.
    last: int = highest if _row(connection, counted + 1) is not None else counted or highest
    return min(last, int(pages) * int(size) // _FEWEST_BYTES)


def hash_at(connection: sqlite3.Connection, number: int) -> bytes | None:
    """Return the hash behind a record; None if it is not known."""
    if number == 0:
        return NO_HASH
    row = _row(connection, number)
    return row[4] if row is not None and isinstance(row[4], bytes) else None


def identity_of(connection: sqlite3.Connection) -> bytes:
    """Return the hash of the first record, which tells journals apart; 32 zero bytes if it is not known."""
    row, following = _row(connection, 1), _row(connection, 2)
    record = None if row is None else ChainRow.read(row)
    if record is None:
        return NO_HASH
    # If content and hash do not belong together, the second record tells which of them was altered.
    computed = record.chained(NO_HASH)
    behind = None if following is None else ChainRow.read(following)
    return computed if behind is not None and behind.follows(computed) else record.hash


def compare(connection: sqlite3.Connection, anchor: Anchor) -> AnchorVerdict:
    """Compare a journal with an anchor of it."""
    first = identity_of(connection)
    if anchor.journal not in (first, NO_HASH) and anchor.journal in stated_earlier(connection):
        return "earlier"
    if NO_HASH not in (first, anchor.journal) and first != anchor.journal:
        return "other"
    if anchor.number > last_number(connection):
        return "older"
    if hash_at(connection, anchor.number) == anchor.digest:
        return "agrees"
    # The hash alone may be damaged: then the next record was written behind the right one.
    row = _row(connection, anchor.number + 1)
    following = None if row is None else ChainRow.read(row)
    return "agrees" if following is not None and following.follows(anchor.digest) else "rewritten"


def strays(connection: sqlite3.Connection, last: int) -> Iterator[Break]:
    """Yield the records whose number is higher than the last one that was written."""
    if _row(connection, last + 1) is None:
        for row in _between(connection, BEYOND, (last,)):
            yield Break(row[0], row[0], "altered")


def _number(connection: sqlite3.Connection, sql: str) -> int:
    try:
        row = connection.execute(sql).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return 0
    return row[0] if row is not None and isinstance(row[0], int) and row[0] > 0 else 0


def _numbered(connection: sqlite3.Connection, after: int, last: int) -> Iterator[tuple[int, tuple[Any, ...] | None]]:
    """Yield every number up to the last and one more, with its row; None if it is missing or cannot be read."""
    for first in range(after + 1, last + 1, AT_ONCE):
        end = min(first + AT_ONCE - 1, last)
        rows = _between(connection, BETWEEN, (first, end))
        if [row[0] for row in rows] != list(range(first, end + 1)):
            # One by one, a row is found wherever the tree of the table still leads to it.
            rows = [row for number in range(first, end + 1) if (row := _row(connection, number)) is not None]
        by_number = {row[0]: row for row in rows}
        yield from ((number, by_number.get(number)) for number in range(first, end + 1))
    if last > after:
        yield last + 1, _row(connection, last + 1)


def _between(connection: sqlite3.Connection, sql: str, bounds: tuple[int, ...]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(sql, bounds).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return []


def _row(connection: sqlite3.Connection, number: int) -> tuple[Any, ...] | None:
    rows = _between(connection, ONE, (number,))
    return rows[0] if rows and rows[0][0] == number else None
