"""Reads the records of a journal, from any process and while another one writes it."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from adapters.stores.journal_schema import NO_HASH, JournalError, chained, check_schema
from adapters.stores.pending import PendingEntry, read_pending
from adapters.stores.sqlite_reasons import reason_of_sqlite
from alarms import RECORD_KINDS, Record, RecordFormatError, RecordKind
from plant import Message, message_of

RULE_KINDS: Final[frozenset[RecordKind]] = frozenset(("start", "rules"))
EARLIEST_TIME: Final = -(2**63)
LATEST_TIME: Final = 2**63 - 1

# LIMIT makes pages of 1000 records, each its own read transaction: one long transaction would keep the writer from
# truncating its WAL. The plus in "+time" keeps SQLite off the index of times, as `number` already bounds the rows.
READ: Final = """
SELECT number, time, kind, body FROM record
WHERE number > ? AND number BETWEEN ? AND ? AND +time >= ? AND +time < ?
AND kind NOT IN (SELECT value FROM json_each(?))
ORDER BY number LIMIT 1000
"""
# SQLite takes a partial index only where the query repeats its condition.
READ_RULES: Final = """
SELECT number, time, kind, body FROM record
WHERE +number > ? AND +number BETWEEN ? AND ? AND +time >= ? AND +time < ?
AND kind IN ('start', 'rules') AND kind NOT IN (SELECT value FROM json_each(?))
ORDER BY +number LIMIT 1000
"""
STARTS: Final = "SELECT number, time FROM record WHERE kind IN ('start', 'rules') AND kind = 'start' ORDER BY +number"
LAST_EVENT: Final = """
SELECT time FROM record WHERE number BETWEEN ? AND ? AND kind = 'event' ORDER BY number DESC LIMIT 1
"""
HAPPENED: Final = """
SELECT ifnull(min(number), 1), ifnull(max(number), 0) FROM record
WHERE kind IN ('event', 'retrospective')
AND CASE WHEN json_valid(body) THEN json_extract(body, '$.time') END BETWEEN ? AND ?
"""
CHAIN: Final = "SELECT number, time, kind, body, hash FROM record WHERE number > ? ORDER BY number LIMIT 1000"
LAST_RECORD: Final = "SELECT number, hash FROM record ORDER BY number DESC LIMIT 1"


class JournalReader:
    """A journal opened for reading, by any thread of any process.

    Raises
    ------
    JournalError
        The file does not exist, is not a journal, or cannot be read.

    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        with self._connected() as connection:
            check_schema(connection, path)

    def read(
        self,
        after_number: int = 0,
        *,
        kinds: Collection[RecordKind] = RECORD_KINDS,
        since: int = EARLIEST_TIME,
        until: int = LATEST_TIME,
        up_to: int = LATEST_TIME,
    ) -> Iterator[Record]:
        """Yield the records after a number, of some kinds, with a log time in [since, until), in order of number.

        Parameters
        ----------
        after_number : int
            Number of the last record that the caller already knows.
        kinds : collection of str
            Kinds of the records to yield.
        since, until : int
            Log time. [ns, UTC]
        up_to : int
            Number of the last record to yield.

        Raises
        ------
        JournalError
            The journal cannot be read, or a record has an unknown kind or a wrong body.

        """
        with self._connected() as connection:
            first, last = _bounds(connection, since, until)
            others = json.dumps([kind for kind in RECORD_KINDS if kind not in kinds])
            chosen = (first, min(last, up_to), since, until, others)
            query = READ_RULES if RULE_KINDS.issuperset(kinds) else READ
            for row in _pages(connection, query, after_number, *chosen):
                yield self._record(*row)

    def happened(self, start: int | None, end: int | None) -> tuple[int, int]:
        """Return the numbers of the first and the last event, late ones as well, with a time in [start, end).

        Without such an event, the first is greater than the last. The times are those of the events, not of their
        records. [ns, UTC]
        """
        with self._connected() as connection:
            if start is None and end is None:
                return 1, self._head(connection)[0]
            bounds = (EARLIEST_TIME if start is None else start, LATEST_TIME if end is None else end - 1)
            first, last = connection.execute(HAPPENED, bounds).fetchone()
            return first, last

    def runs(self) -> list[tuple[int, int]]:
        """Return the log times of every start and of the last event of its run, or of the start again. [ns, UTC]."""
        with self._connected() as connection:
            starts = connection.execute(STARTS).fetchall()
            ends = [number - 1 for number, _ in starts[1:]] + [LATEST_TIME]
            events = [
                connection.execute(LAST_EVENT, (number, end)).fetchone() or (time,)
                for (number, time), end in zip(starts, ends, strict=True)
            ]
            return [(time, last) for (_, time), (last,) in zip(starts, events, strict=True)]

    def hash_of(self, number: int) -> bytes | None:
        """Return the hash of a record; None without such a record, and 32 zero bytes before the first."""
        if number == 0:
            return NO_HASH
        with self._connected() as connection:
            row = connection.execute("SELECT hash FROM record WHERE number = ?", (number,)).fetchone()
            return None if row is None else bytes(row[0])

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last record. A copy kept elsewhere proves later that no record was changed."""
        with self._connected() as connection:
            number, digest = self._head(connection)
            return number, digest.hex()

    def verify(self, after_number: int = 0) -> int | None:
        """Return the number of the first broken or missing record after a number; None if all are intact."""
        with self._connected() as connection:
            row = connection.execute("SELECT hash FROM record WHERE number = ?", (after_number,)).fetchone()
            before = NO_HASH if row is None else row[0]
            expected = after_number + 1
            for number, time, kind, body, kept in _pages(connection, CHAIN, after_number):
                before = chained(before, number, time, kind, body)
                if number != expected or kept != before:
                    return expected
                expected += 1
            # The chain cannot show that its last records are gone; sqlite_sequence still has the highest number.
            written = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'").fetchone()
            return expected if written is not None and written[0] >= expected else None

    def pending(self) -> tuple[tuple[str, ...], list[PendingEntry]]:
        """Return the log entries that may be missing in the history, with the ids of their points by number."""
        with self._connected() as connection:
            return read_pending(connection)

    def _head(self, connection: sqlite3.Connection) -> tuple[int, bytes]:
        number, digest = connection.execute(LAST_RECORD).fetchone() or (0, NO_HASH)
        return number, digest

    def _record(self, number: int, time: int, kind: str, body: str) -> Record:
        try:
            return Record.read(number, time, kind, body)
        except RecordFormatError as error:
            raise JournalError(Message("{path}: {reason}", path=self.path, reason=message_of(error))) from error

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise JournalError(Message("{path}: {reason}", path=self.path, reason=reason_of_sqlite(error))) from error


def _pages(connection: sqlite3.Connection, sql: str, number: int, *chosen: object) -> Iterator[tuple[Any, ...]]:
    while rows := connection.execute(sql, (number, *chosen)).fetchall():
        yield from rows
        number = rows[-1][0]


def _bounds(connection: sqlite3.Connection, since: int, until: int) -> tuple[int, int]:
    """Return the first and the last record number of a period, by the index of times."""
    first, last = 0, LATEST_TIME
    if since > EARLIEST_TIME:
        first = (
            connection.execute("SELECT min(number) FROM record WHERE time >= ?", (since,)).fetchone()[0] or LATEST_TIME
        )
    if until < LATEST_TIME:
        last = connection.execute("SELECT max(number) FROM record WHERE time < ?", (until,)).fetchone()[0] or 0
    return first, last
