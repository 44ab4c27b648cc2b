"""Reads the records of a journal, from any process and while another one writes it; damaged records are left out."""

import json
import logging
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal

from adapters.stores.anchor import Anchor, AnchorVerdict
from adapters.stores.journal_chain import (
    Break,
    ChainRow,
    compare,
    hash_at,
    identity_of,
    joined,
    last_number,
    strays,
    walk,
)
from adapters.stores.journal_log import log_breaks
from adapters.stores.journal_period import EARLIEST_TIME, LATEST_TIME, WITH_HASH_BEFORE, checked, happened
from adapters.stores.journal_schema import NO_HASH, JournalError, check_schema, stated_mine
from adapters.stores.journal_structure import structure_problems
from adapters.stores.pending import PendingEntry, read_end, read_pending
from adapters.stores.sqlite_files import ReadableFile
from adapters.stores.sqlite_reasons import SQLITE_REASONS, is_damage, reason_of_sqlite
from alarms import RECORD_KINDS, Record, RecordFormatError, RecordKind
from plant import Message, message_of

_LOG: Final = logging.getLogger(__name__)

# LIMIT makes pages of 1000 records, each its own read transaction: one long transaction would keep the writer from
# truncating its WAL. The plus in "+time" keeps SQLite off the index of times: a damaged index hides records silently,
# and a pass over the table by number takes less than a second for a million records.
READ: Final = f"""{WITH_HASH_BEFORE} WHERE number > ? AND number <= ? AND +time >= ? AND +time < ?
AND kind NOT IN (SELECT value FROM json_each(?))
ORDER BY number LIMIT 1000
"""  # noqa: S608  # only constants
# SQLite takes a partial index only where the query repeats its condition.
LAST_ADOPTION: Final = """
SELECT max(number) FROM record WHERE kind IN ('rules', 'presentation') AND kind = ? AND number <= ?
"""
STARTS: Final[tuple[RecordKind, ...]] = ("start",)
EVENTS_BACK: Final = f"{WITH_HASH_BEFORE} WHERE number BETWEEN ? AND ? AND kind = 'event' ORDER BY number DESC"
TAIL: Final = 1000
"""Number of last records to verify when the journal is opened; verifying all would take minutes after years."""
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
        self._file: Final = ReadableFile(path)
        self._breaks: Final[dict[Break, None]] = {}
        with self._connected() as connection:
            check_schema(connection, path)

    @property
    def breaks_met(self) -> tuple[Break, ...]:
        """The breaks that `read` met so far: their records were left out, except where only a hash was altered."""
        return tuple(joined(sorted(self._breaks)))

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

        A record that is not as it was written is left out, logged, and remembered in `breaks_met`. Missing records are
        only noticed where all kinds are read.

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
            The journal cannot be read, or an unbroken record has an unknown kind or a wrong body.

        """
        others = [kind for kind in RECORD_KINDS if kind not in kinds]
        with self._connected() as connection:
            connection.text_factory = bytes
            number, chosen = after_number, (up_to, since, until, json.dumps(others))
            is_whole = not others and (since, until, up_to) == (EARLIEST_TIME, LATEST_TIME, LATEST_TIME)
            while rows := _sound(connection, number, chosen, is_whole=is_whole):
                yield from map(self._record, rows)
                number = rows[-1].number
            for row in self._behind(connection, number, up_to) if rows is None else ():
                if row.kind not in others and since <= row.time < until:
                    yield self._record(row)

    def happened(self, start: int | None, end: int | None) -> tuple[int, int]:
        """Return the numbers of two records, from the first to the second of which are all events of [start, end).

        Other events are among them; without any, the first may be greater than the last. The times are those of the
        events, not of their records. Events found in late data are included only without an end. [ns, UTC]
        """
        with self._connected() as connection:
            connection.text_factory = bytes
            return happened(connection, start, end)

    def last_adoption(self, kind: Literal["rules", "presentation"], up_to: int) -> Record | None:
        """Return the last rule-set or presentation up to a record, as an index finds it, if that is damaged or not."""
        with self._connected() as connection:
            try:
                (number,) = connection.execute(LAST_ADOPTION, (kind, up_to)).fetchone()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                number = None
        return None if number is None else next(self.read(number - 1, kinds=(kind,), up_to=number), None)

    def runs(self, after_number: int = 0) -> list[tuple[int, int]]:
        """Return the log times of every start and of the last event of its run, or of the start again. [ns, UTC].

        Of the starts up to a number only the last one counts; its time is `EARLIEST_TIME`.
        """
        begins = [(1, EARLIEST_TIME)] if after_number else []
        begins += [(start.number, start.time) for start in self.read(after_number, kinds=STARTS)]
        with self._connected() as connection:
            connection.text_factory = bytes
            # A damaged time could be years ahead.
            ends = [*(number - 1 for number, _ in begins[1:]), LATEST_TIME][: len(begins)]
            runs = []
            for (number, time), end in zip(begins, ends, strict=True):
                events = map(checked, connection.execute(EVENTS_BACK, (number, end)))
                runs.append((time, next((event.time for event in events if event is not None), time)))
            return runs

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
        first = next(self.breaks(after_number), None)
        return None if first is None else first.first

    def broken_at_end(self) -> int | None:
        """Return the number of the first broken record among the last TAIL; None if all of them are intact."""
        return self.verify(max(0, self.head()[0] - TAIL))

    def breaks(self, after_number: int = 0) -> Iterator[Break]:
        """Yield all breaks behind a number, in order; raise JournalError if the file cannot be read at all."""
        with self._connected() as connection:
            connection.text_factory = bytes
            yield from joined(step for step in _steps(connection, after_number, None) if isinstance(step, Break))

    def identity(self) -> bytes:
        """Return the hash of the first record, which tells journals apart; 32 zero bytes if it is not known."""
        with self._connected() as connection:
            connection.text_factory = bytes
            return identity_of(connection)

    def compare(self, anchor: Anchor) -> AnchorVerdict:
        """Compare the journal with an anchor."""
        with self._connected() as connection:
            connection.text_factory = bytes
            return compare(connection, anchor)

    def mine(self) -> str | None:
        """Return the id of the mine whose journal it is; None if no run has stated it yet."""
        with self._connected() as connection:
            return stated_mine(connection)

    def problems(self) -> list[Message]:
        """Return what is wrong with the file beside its records: its tree, its guards, the samples behind records."""
        with self._connected() as connection:
            return structure_problems(connection)

    def pending(self) -> tuple[tuple[str, ...], list[PendingEntry]]:
        """Return the log entries that may be missing in the history, with the ids of their points by number."""
        with self._connected() as connection:
            try:
                return read_pending(connection)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                _LOG.error("%s path=%s", Message("samples that wait for the history are damaged"), self.path)
                return (), []

    def history_end(self) -> int:
        """Return the time of an entry that the history had on disk, the last one if its newest records are later.

        NO_ARRIVAL if it is not known. [ns, UTC]
        """
        with self._connected() as connection:
            return read_end(connection)

    def _head(self, connection: sqlite3.Connection) -> tuple[int, bytes]:
        number, digest = connection.execute(LAST_RECORD).fetchone() or (0, NO_HASH)
        # Of a damaged row SQLite may return any type; `verify` names the row.
        return number, digest if isinstance(digest, bytes) else NO_HASH

    def _behind(self, connection: sqlite3.Connection, number: int, last: int) -> Iterator[ChainRow]:
        """Yield the unbroken rows after a number, and remember the breaks."""
        try:
            for step in _steps(connection, number, last):
                if isinstance(step, ChainRow):
                    yield step
                else:
                    self._breaks[step] = None
        finally:
            log_breaks(self.path, list(self._breaks))

    def _record(self, row: ChainRow) -> Record:
        try:
            return Record.read(row.number, row.time, row.kind, row.body)
        except RecordFormatError as error:
            raise JournalError(Message("{path}: {reason}", path=self.path, reason=message_of(error))) from error

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._file.connect()) as connection:
                yield connection
        except sqlite3.Error as error:
            raise JournalError(Message("{path}: {reason}", path=self.path, reason=reason_of_sqlite(error))) from error
        except UnicodeDecodeError as error:
            # The message of SQLite quotes the damaged schema.
            damage = Message(SQLITE_REASONS[sqlite3.SQLITE_CORRUPT])
            raise JournalError(Message("{path}: {reason}", path=self.path, reason=damage)) from error


def _sound(
    connection: sqlite3.Connection, number: int, chosen: tuple[object, ...], *, is_whole: bool
) -> list[ChainRow] | None:
    """Return the next chosen rows after a number; None unless each of them is as it was written."""
    # The last number is looked up first: a record that is written meanwhile is no missing one.
    last = last_number(connection) if is_whole else 0
    try:
        rows = connection.execute(READ, (number, *chosen)).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None
    records = [checked(row) for row in rows]
    sound = [record for record in records if record is not None]
    numbers = [record.number for record in sound]
    if len(sound) < len(rows) or numbers != sorted(set(numbers)):
        return None
    if is_whole and (numbers != list(range(number + 1, number + 1 + len(numbers))) or (not rows and number < last)):
        return None
    return sound


def _steps(connection: sqlite3.Connection, number: int, last: int | None) -> Iterator[ChainRow | Break]:
    """Yield the unbroken rows and the breaks after a number, up to a last one if there is one."""
    end = last_number(connection)
    yield from walk(connection, number, end if last is None else min(end, last), hash_at(connection, number))
    if last is None:
        yield from strays(connection, end)
