"""The rows of a day file, each with a checksum that shows whether it is unchanged."""

from struct import pack, unpack
from typing import Final, NamedTuple, Self

from adapters.stores.checksum import (
    OF_CONTENT,
    OF_HEAD,
    OF_PAGE,
    OF_POINT,
    OF_SEGMENT,
    OF_TAIL,
    checksum,
)
from adapters.stores.historian.day.rows import Row
from plant import NO_ARRIVAL

START_COUNT: Final = -1
"""The count of an entry that is the start of a run instead of an arrival batch."""

TAIL_KEY: Final = 1 << 62
"""Key of the tail, the last row of the table `head`."""
# Every append writes the last page of that table anyway, so the tail costs no further page.


class HeadRow(NamedTuple):
    """An entry in the head, that is, not in a segment yet."""

    number: int
    """Number of the entry, counted from 1 over the whole day."""
    time: int
    """[ns, UTC]"""
    size: int
    """Number of samples, or START_COUNT."""
    samples: bytes | None

    def checksum(self, day: int) -> int:
        """Return the checksum under which the row is stored."""
        return checksum(OF_HEAD, (day, self.number, self.time, self.size), self.samples or b"")

    @classmethod
    def read(cls, row: Row, day: int) -> Self | None:
        """Return a row whose checksum is right."""
        number, time, size, samples, stored = row
        if not (isinstance(number, int) and isinstance(time, int) and isinstance(size, int)):
            return None
        if not (samples is None or isinstance(samples, bytes)):
            return None
        record = cls(number, time, size, samples)
        return record if record.checksum(day) == stored else None


class SegmentRow(NamedTuple):
    """The bounds of a segment. A reader loads its content (the lists of entries and pages) separately."""

    segment: int
    """Counted from 1 over the whole day."""
    first_number: int
    last_number: int
    first_entry: int
    """Earliest arrival. [ns, UTC]"""
    last_entry: int
    """Latest arrival. [ns, UTC]"""
    first_time: int
    """Earliest source time. [ns, UTC]"""
    last_time: int
    """Latest source time. [ns, UTC]"""
    content: int
    """Checksum of the content."""

    def checksum(self, day: int) -> int:
        """Return the checksum under which the row is stored."""
        return checksum(OF_SEGMENT, (day, *self))

    @classmethod
    def read(cls, row: Row, day: int) -> Self | None:
        """Return a row whose checksum is right."""
        *fields, stored = row
        if not all(isinstance(field, int) for field in fields):
            return None
        record = cls(*fields)
        return record if record.checksum(day) == stored else None


class Tail(NamedTuple):
    """The end of a day file. Without it a reader could not notice that the last rows are lost."""

    time: int = NO_ARRIVAL
    """Time of the latest entry. [ns, UTC]"""
    number: int = 0
    """Number of the last entry."""
    segments: int = 0
    points: int = 0

    @property
    def counts(self) -> bytes:
        """The packed counts in the row."""
        return pack("<2q", self.segments, self.points)

    def checksum(self, day: int) -> int:
        """Return the checksum under which the row is stored."""
        return checksum(OF_TAIL, (day, self.time, self.number), self.counts)

    @classmethod
    def read(cls, row: Row, day: int) -> Self | None:
        """Return a row whose checksum is right."""
        time, number, counts, stored = row
        if not (isinstance(time, int) and isinstance(number, int) and isinstance(counts, bytes) and len(counts) == 16):
            return None
        record = cls(time, number, *unpack("<2q", counts))
        return record if record.checksum(day) == stored else None


def point_checksum(day: int, number: int, name: bytes) -> int:
    """Return the checksum of the id of a point."""
    return checksum(OF_POINT, (day, number), name)


def page_checksum(day: int, page: int, samples: bytes) -> int:
    """Return the checksum of a page."""
    return checksum(OF_PAGE, (day, page), samples)


def content_checksum(day: int, segment: int, entries: bytes, pages: bytes) -> int:
    """Return the checksum of the entries and the list of pages of a segment."""
    return checksum(OF_CONTENT, (day, segment, len(entries), len(pages)), entries, pages)
