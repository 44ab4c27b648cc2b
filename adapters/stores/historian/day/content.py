"""The contents of a day file, which are checked before they are decoded; damaged parts are reported and skipped."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.stores.checksum import OF_DAY, checksum
from adapters.stores.historian.damage import Damage, TakeDamage
from adapters.stores.historian.day import unchecked
from adapters.stores.historian.day.database import CHECKED
from adapters.stores.historian.day.records import (
    TAIL_KEY,
    HeadRow,
    SegmentRow,
    Tail,
    content_checksum,
    page_checksum,
    point_checksum,
)
from adapters.stores.historian.day.rows import Row, read_rows
from adapters.stores.historian.day.segment_content import PAGE_STRIDE, SegmentContent, block_bytes, entries_of, inflate
from adapters.stores.historian.folder import DayFile
from adapters.stores.historian.packing.block import ALL, decode
from adapters.stores.historian.packing.columns import PackedError
from adapters.stores.sqlite_reasons import is_damage
from plant import Message

_MOST_SEGMENTS: Final = 1 << 24
_POINTS: Final = "SELECT number, id, {checksum} FROM point WHERE number BETWEEN ? AND ? ORDER BY number"
_HEAD: Final = "SELECT entry, time, count, samples, checksum FROM head WHERE entry BETWEEN ? AND ? ORDER BY entry"
_SEGMENTS: Final = """
SELECT segment, first_number, last_number, first_entry, last_entry, first_time, last_time, content, checksum
FROM segment WHERE segment BETWEEN ? AND ? ORDER BY segment
"""


class DayContent:
    """Reads a day file of either format with the same methods.

    Parameters
    ----------
    database : sqlite3.Connection
        The file, open for reading.
    file : DayFile
        The file and its day.
    version : int
        CHECKED or UNCHECKED.
    report : callable
        Receives every damage that a method meets.

    """

    def __init__(self, database: sqlite3.Connection, file: DayFile, version: int, report: TakeDamage) -> None:
        self._database: Final = database
        self.file: Final = file
        self.is_checked: Final = version == CHECKED
        self._report: Final = report
        self._names: dict[int, str] | None = None
        self.is_damaged = False
        self.tail: Tail | None = None
        self.segments: list[SegmentRow] = []
        self.head: list[HeadRow] = []

    def load(self) -> None:
        """Read the rows of the segments, and the head; call it within `held`, so that both are of one state."""
        self.segments = list(self._read_segments())
        self.head = list(self._read_head())
        self._report_gaps()
        if self.file.seal is not None and not self.is_damaged and self.seal() != self.file.seal:
            # Its rows are sound, so it is a file of another time or of another mine: no value of it may pass for ours.
            self.segments, self.head = [], []
            self.lose(self.file.begin, self.file.end, Message("the file is not the one that was written on this day"))

    def seal(self) -> int:
        """Return a checksum of the rows that were loaded, which differs from that of any other file of the day."""
        tail = self.tail or Tail()
        rows = [row.checksum(self.file.day) for row in self.segments]
        rows += [row.checksum(self.file.day) for row in self.head]
        return checksum(OF_DAY, (self.file.day, tail.time, tail.number, *rows))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep one state of the file visible while several tables are read."""
        self._database.execute("BEGIN DEFERRED")
        try:
            self.tail = self._read_tail()
            yield
        finally:
            # On a damaged file SQLite ends the transaction, too, but reports the damage once more.
            with suppress(sqlite3.DatabaseError):
                self._database.execute("ROLLBACK")

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last entry that were loaded. [ns, UTC]."""
        firsts = [*(row.first_entry for row in self.segments), *(row.time for row in self.head)]
        lasts = [*(row.last_entry for row in self.segments), *(row.time for row in self.head)]
        return (min(firsts), max(lasts)) if firsts else None

    def names(self) -> dict[int, str]:
        """Return the ids of the points by their numbers in the file."""
        if self._names is None:
            self._names = dict(self._read_names())
            numbers = self.tail.points if self.tail else max(self._names, default=0)
            if len(self._names) < numbers:
                self.lose(self.file.begin, self.file.end, Message("the ids of points are lost"))
        return self._names

    def number_of(self, name: str) -> int | None:
        """Return the number of a point in the file; None if the file has no sample of the point."""
        query = f"{_POINTS.format(checksum=self._checksum)}".partition("WHERE")[0] + "WHERE id = ?"
        row = self._one(query, name)
        if row is not None and (sound := self._name_of(row)) is not None and sound[1] == name:
            return sound[0]
        # The index over ids may be damaged although the row is sound, so the slow way searches all rows.
        number = next((number for number, other in self.names().items() if other == name), None)
        if number is None and self.is_checked and self.tail is None:
            self.lose(self.file.begin, self.file.end, Message("the end of the file is damaged"))
        return number

    def content(self, segment: SegmentRow) -> SegmentContent | None:
        """Return the content of a segment; None if it is damaged."""
        content = self._checked_content(segment) if self.is_checked else self._plausible_content(segment)
        if content is None:
            self.lose_segment(segment)
        return content

    def page(self, content: SegmentContent, place: int, point: int = ALL) -> NDArray[np.int64] | None:
        """Return the samples of a page; with a point, only its samples. None if the page is damaged."""
        stored = self._stored_page(content, place)
        rows = None if stored is None else self._decoded(stored, content, point)
        if rows is None:
            self._lose_page(content, place)
        return rows

    def check_page(self, content: SegmentContent, place: int) -> None:
        """Report a page if it is damaged; with checksums, this is cheaper than to read its samples."""
        if not self.is_checked:
            self.page(content, place)
        elif self._stored_page(content, place) is None:
            self._lose_page(content, place)

    def lose(self, first: int, last: int, what: Message, points: tuple[str, ...] = ()) -> None:
        """Report that samples with an arrival in [first, last] are lost. [ns, UTC]."""
        self.is_damaged = True
        start, end = min(first, last), max(first, last) + 1
        self._report(Damage(self.file.date, start, end, points, what, self.file.path))

    def lose_segment(self, segment: SegmentRow) -> None:
        """Report that samples of a segment are lost."""
        what = Message("segment {segment} is damaged", segment=segment.segment)
        self.lose(segment.first_entry, segment.last_entry, what)

    @property
    def _checksum(self) -> str:
        return "checksum" if self.is_checked else "NULL"

    def _stored_page(self, content: SegmentContent, place: int) -> bytes | None:
        number, stored = content.pages[:, place].tolist()
        row = self._one("SELECT samples FROM page WHERE page = ?", number)
        if row is None or not isinstance(row[0], bytes):
            return None
        return row[0] if not self.is_checked or page_checksum(self.file.day, number, row[0]) == stored else None

    def _lose_page(self, content: SegmentContent, place: int) -> None:
        segment, page = content.segment, int(content.pages[0, place]) % PAGE_STRIDE
        what = Message("page {page} of segment {segment} is damaged", page=page, segment=segment.segment)
        self.lose(segment.first_entry, segment.last_entry, what, self._names_of(content, place))

    def _one(self, query: str, key: int | str) -> Row | None:
        """Return the row of a key; None if it does not exist or cannot be read."""
        try:
            row: Row | None = self._database.execute(query, (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return None
        return row

    def _read_tail(self) -> Tail | None:
        if not self.is_checked:
            return None
        row = self._one("SELECT time, count, samples, checksum FROM head WHERE entry = ?", TAIL_KEY)
        return None if row is None else Tail.read(row, self.file.day)

    def _read_names(self) -> Iterator[tuple[int, str]]:
        query = _POINTS.format(checksum=self._checksum)
        for row in read_rows(self._database, query, 1, PAGE_STRIDE - 1):
            if (sound := self._name_of(row)) is not None:
                yield sound

    def _name_of(self, row: Row) -> tuple[int, str] | None:
        number, name, stored = row
        if not (isinstance(number, int) and isinstance(name, bytes)):
            return None
        if self.is_checked and point_checksum(self.file.day, number, name) != stored:
            return None
        try:
            return number, name.decode()
        except UnicodeDecodeError:
            return None

    def _names_of(self, content: SegmentContent, place: int) -> tuple[str, ...]:
        """Return the ids of the points whose samples may be in a page."""
        first = int(content.pages[0, place])
        is_last = place + 1 == content.pages.shape[1]
        after = PAGE_STRIDE if is_last else int(content.pages[0, place + 1]) % PAGE_STRIDE
        return tuple(name for number, name in self.names().items() if first % PAGE_STRIDE <= number < after)

    def _read_segments(self) -> Iterator[SegmentRow]:
        last = self.tail.segments if self.tail else _MOST_SEGMENTS
        query = _SEGMENTS if self.is_checked else unchecked.OLD_SEGMENTS
        read = SegmentRow.read if self.is_checked else unchecked.segment_of
        for row in read_rows(self._database, query, 1, last):
            if (sound := read(row, self.file.day)) is not None:
                yield sound

    def _read_head(self) -> Iterator[HeadRow]:
        if not self.is_checked:
            yield from unchecked.head_of(self._database, self.file.day, self._last_segment())
            return
        for row in read_rows(self._database, _HEAD, 1, TAIL_KEY - 1):
            if (sound := HeadRow.read(row, self.file.day)) is not None:
                yield sound

    def _last_segment(self) -> int:
        """Return the number of the last segment of a file without a tail."""
        # If the row of the last segment is lost, its pages still show that it existed.
        row = self._one("SELECT max(page) FROM page WHERE page > ?", 0)
        page = row[0] if row is not None and isinstance(row[0], int) else 0
        return max(page // PAGE_STRIDE, max((segment.segment for segment in self.segments), default=0))

    def _report_gaps(self) -> None:
        """Report missing entries: the numbers of the segments' entries and then of the head's have no gaps."""
        number, time = 0, self.file.begin
        pieces = [(row.first_number, row.last_number, row.first_entry, row.last_entry) for row in self.segments]
        for first, last, begin, end in [*pieces, *((row.number, row.number, row.time, row.time) for row in self.head)]:
            if first != number + 1:
                self.lose(time, begin, _entries_lost(number + 1, first - 1))
            number, time = last, end
        if self.tail and self.tail.number != number:
            self.lose(time, self.tail.time, _entries_lost(number + 1, self.tail.number))
        if self.tail is None and self.is_checked:
            self.lose(time, self.file.end, Message("the end of the file is damaged"))

    def _checked_content(self, segment: SegmentRow) -> SegmentContent | None:
        row = self._one("SELECT entries, pages FROM segment WHERE segment = ?", segment.segment)
        if row is None or not all(isinstance(part, bytes) for part in row):
            return None
        if content_checksum(self.file.day, segment.segment, *row) != segment.content:
            return None
        entries = entries_of(row[0], segment.last_number - segment.first_number + 1)
        pages = np.frombuffer(row[1], np.int64).reshape(2, -1)
        return None if entries is None else SegmentContent.of(segment, entries, pages)

    def _plausible_content(self, segment: SegmentRow) -> SegmentContent | None:
        row = self._one("SELECT entries FROM segment WHERE segment = ?", segment.segment)
        entries = None if row is None or not isinstance(row[0], bytes) else entries_of(row[0])
        if entries is None or not unchecked.are_entries_plausible(entries, segment):
            return None
        first = segment.segment * PAGE_STRIDE
        keys = [row[0] for row in read_rows(self._database, unchecked.OLD_PAGES, first, first + PAGE_STRIDE - 1)]
        return SegmentContent.of(segment, entries, np.array([keys, [0] * len(keys)], dtype=np.int64))

    def _decoded(self, page: bytes, content: SegmentContent, point: int) -> NDArray[np.int64] | None:
        samples = content.samples
        try:
            rows = decode(inflate(page, block_bytes(samples)), point, samples)
        except (PackedError, zlib.error):
            return None
        if self.is_checked or unchecked.is_page_plausible(rows, content.segment, samples):
            return rows
        return None


def _entries_lost(first: int, last: int) -> Message:
    return Message("entries {first} to {last} are damaged", first=first, last=last)
