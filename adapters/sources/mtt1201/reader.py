"""`FolderReader`: one look at the folder: which files are read, and the samples and mistakes in them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from adapters.sources.mtt1201.config import MttSource
from adapters.sources.mtt1201.decode import (
    HEADER_RECORD,
    DamagedRecord,
    Places,
    RecordRow,
    Records,
    codes_of,
    header_problem,
    rows_of,
    split_records,
)
from adapters.sources.mtt1201.dialect import Dialect, RecordType
from adapters.sources.mtt1201.folder import (
    MOST_LOOKED_AT_AGAIN,
    MOST_NEW,
    Extent,
    Listing,
    Name,
    content_of,
    extent_of,
    list_folder,
)
from adapters.sources.mtt1201.order import DeliveryOrder
from adapters.sources.mtt1201.taken import Taken, digest_of, newest_of
from plant import Message, SampleBatch
from plant.units import MINUTE, SECOND

MOST_ROWS_NAMED: Final = 20
"""Largest number of damaged records of a file that are named one by one. [1]"""
READ_AGAIN: Final = 5 * MINUTE
"""Files with samples of the last minutes before a crash are read again: their samples may not be stored. [ns]"""


class Waiting(NamedTuple):
    """A file without its end mark: its extent, since when [s], whether its records were read, and these."""

    extent: Extent
    since: float
    is_read: bool
    rows: frozenset[RecordRow]


class FileRemark(NamedTuple):
    """What is wrong with a file, or with one of its records (0 for the file itself)."""

    file: str
    record: int
    reason: Message


class FolderLook(NamedTuple):
    """What one look came to."""

    samples: SampleBatch
    remarks: list[FileRemark]
    undefined: dict[str, list[str]]
    left_out: int
    is_more: bool


class FolderReader:
    """The files of a folder; it remembers which were read."""

    def __init__(self, spec: MttSource, dialect: Dialect, points: Places, taken: dict[str, Taken]) -> None:
        self._spec: Final = spec
        self._dialect: Final = dialect
        self._points: Final = points
        self._folder: Final = Path(spec.endpoint)
        self._pattern: Final = re.compile(dialect.name)
        self._order: Final = DeliveryOrder(spec.late_after, by_arrival=spec.time == "arrival")
        self._waiting: Final[dict[str, Waiting]] = {}
        self._doubtful: Final[dict[str, Taken]] = {}
        self._noted: Final[set[str]] = set()
        self.taken: Final = taken

    def resume(self, known: SampleBatch) -> None:
        """Go on from the last stored samples; files that may not be stored completely are read again."""
        self._order.resume(known)
        # A file counts as read when its samples are handed over; the historian writes them a little later.
        # So a crash can lose samples of files that are noted already, but only of the latest ones.
        until = min(self._order.stored_until, newest_of(self.taken.values()))
        for path in [path for path, each in self.taken.items() if each.newest > until - READ_AGAIN]:
            self._doubtful[path] = self.taken.pop(path)

    def look(self, now: int, elapsed: float) -> FolderLook:
        """Read what is new; raise OSError if the folder cannot be read.

        Parameters
        ----------
        now : int
            Time of the log. [ns, UTC]
        elapsed : float
            Real time by which a file waits for its end mark. [s]

        """
        listing = list_folder(self._folder, self._pattern)
        self._forget(listing)
        remarks = list(self._foreign(listing))
        rows: list[RecordRow] = []
        undefined: dict[str, list[str]] = {}
        chosen, is_more = self._chosen(listing.names, remarks)
        # Oldest first, so that files that came together are in order and their samples are no late data.
        for name, extent in reversed(chosen):
            rows += self._read(name, extent, elapsed, remarks, undefined)
        return FolderLook(self._order.batch(rows, now), remarks, undefined, listing.left_out, is_more)

    def _forget(self, listing: Listing) -> None:
        present = {name.path for name in listing.names}
        for kept in (self.taken, self._waiting, self._doubtful):
            for path in kept.keys() - present:
                kept.pop(path, None)

    def _chosen(self, names: Sequence[Name], remarks: list[FileRemark]) -> tuple[list[tuple[Name, Extent]], bool]:
        """Return the files to read, the newest first, and whether there are more."""
        chosen: list[tuple[Name, Extent]] = []
        new = 0
        for number, name in enumerate(names):
            taken, waiting = self.taken.get(name.path), self._waiting.get(name.path)
            is_new = taken is None and waiting is None
            if is_new and (new == MOST_NEW or not self._is_ours(name, remarks)):
                continue
            # Old files hardly ever change, and each look at one is a request to the server of a network share.
            if taken is not None and number >= MOST_LOOKED_AT_AGAIN:
                continue
            extent = extent_of(self._folder / name.path)
            if extent is not None and (taken is None or extent != (taken.size, taken.changed)):
                chosen.append((name, extent))
                new += is_new
        return chosen, new == MOST_NEW

    def _is_ours(self, name: Name, remarks: list[FileRemark]) -> bool:
        """Whether a file is of our mine, and of a type that is read; the first that is not is named."""
        if name.mine != self._spec.mine:
            expected = Message(
                "the name has the mine code {found!r}; expected {mine!r}", found=name.mine, mine=self._spec.mine
            )
            self._note(f"mine {name.mine}", FileRemark(name.path, 0, expected), remarks)
            return False
        record = self._dialect.types.get(name.type)
        if record is None:
            message = Message("type {type} is not in the table {dialect}", type=name.type, dialect=self._spec.dialect)
            self._note(f"type {name.type}", FileRemark(name.path, 0, message), remarks)
            return False
        return name.type in self._points or record.defines in self._points

    def _foreign(self, listing: Listing) -> Iterator[FileRemark]:
        remarks: list[FileRemark] = []
        for path in listing.others[:1]:
            message = Message("the name does not fit the table {dialect}", dialect=self._spec.dialect)
            self._note("name", FileRemark(path, 0, message), remarks)
        for path, reason in listing.closed:
            self._note(f"folder {path}", FileRemark(path, 0, reason), remarks)
        yield from remarks

    def _note(self, key: str, remark: FileRemark, remarks: list[FileRemark]) -> None:
        """Name the first file of a kind; thousands like it would bring no news."""
        if key not in self._noted and len(self._noted) < MOST_LOOKED_AT_AGAIN:
            self._noted.add(key)
            remarks.append(remark)

    def _read(
        self, name: Name, extent: Extent, elapsed: float, remarks: list[FileRemark], undefined: dict[str, list[str]]
    ) -> list[RecordRow]:
        """Return the new rows of a file, if it is whole or does not grow any more."""
        waiting = self._waiting.get(name.path)
        if waiting is not None and waiting.extent == extent and self._rests(waiting, elapsed):
            return []
        content = content_of(self._folder / name.path)
        if isinstance(content, Message):
            self._waiting[name.path] = Waiting(extent, elapsed, is_read=False, rows=frozenset())
            # It is tried again, because permissions are mended without a change of the file.
            self._note(f"content {name.path}", FileRemark(name.path, 0, content), remarks)
            return []
        record = self._dialect.types[name.type]
        framing = self._dialect.framings[record.framing]
        parts = split_records(content, self._dialect.encoding, framing)
        before = frozenset() if waiting is None else waiting.rows
        # A writer may pause between two records, so a file that was just seen to grow gets time.
        if not parts.whole and (waiting is None or waiting.extent != extent):
            self._waiting[name.path] = Waiting(extent, elapsed, is_read=False, rows=before)
            return []
        mistakes: list[FileRemark] = []
        rows = self._rows(name, record, parts, mistakes, undefined)
        if parts.whole:
            self._waiting.pop(name.path, None)
        else:
            self._waiting[name.path] = Waiting(extent, elapsed, is_read=True, rows=before | frozenset(rows))
            if framing.end or parts.cut:
                mistakes.append(
                    FileRemark(name.path, 0, Message("the file is not finished; its whole records are read"))
                )
        remarks += mistakes[:MOST_ROWS_NAMED]
        if len(mistakes) > MOST_ROWS_NAMED:
            more = Message("{count} more damaged records", count=len(mistakes) - MOST_ROWS_NAMED)
            remarks.append(FileRemark(name.path, 0, more))
        fresh = [row for row in rows if row not in before]
        return self._not_stored(name, extent, content, fresh) if parts.whole else fresh

    def _rests(self, waiting: Waiting, elapsed: float) -> bool:
        """Whether a file that did not change since the last look is left alone."""
        return waiting.is_read or elapsed - waiting.since < self._spec.unfinished_after / SECOND

    def _not_stored(self, name: Name, extent: Extent, content: bytes, rows: list[RecordRow]) -> list[RecordRow]:
        """Remember a whole file; return its rows without those that an earlier run stored from it."""
        taken = Taken(extent.size, extent.changed, digest_of(content), max((row.time for row in rows), default=0))
        known = self.taken.get(name.path)
        doubtful = self._doubtful.pop(name.path, None)
        self.taken[name.path] = taken
        # A copy or a touch changes the time of a file, and nothing in it.
        if known is not None and (known.size, known.digest) == (taken.size, taken.digest):
            self.taken[name.path] = taken._replace(newest=known.newest)
            return []
        if doubtful is not None and (doubtful.size, doubtful.digest) == (taken.size, taken.digest):
            return self._order.without_stored(rows)
        return rows

    def _rows(
        self,
        name: Name,
        record: RecordType,
        parts: Records,
        remarks: list[FileRemark],
        undefined: dict[str, list[str]],
    ) -> list[RecordRow]:
        """Return the samples of a file; a definition has none, but may lack points that the site reads."""
        first = parts.records[0][1] if parts.records else [""]
        problem = header_problem(first, record, self._spec.mine)
        if problem is not None:
            remarks.append(FileRemark(name.path, HEADER_RECORD, problem))
            return []
        # A point that the system does not define never gets a sample, and would only look stale.
        if record.defines is not None:
            missing = self._points[record.defines].keys() - codes_of(parts.records, record)
            undefined[record.defines] = sorted(missing)
            return []
        rows: list[RecordRow] = []
        for each in rows_of(parts.records, record, self._dialect, self._points.get(name.type, {})):
            if isinstance(each, DamagedRecord):
                remarks.append(FileRemark(name.path, each.record, each.reason))
            else:
                rows.append(each)
        return rows


def columns_of(points: Places) -> Iterable[int]:
    """Return the column numbers of all points."""
    return (column for codes in points.values() for each in codes.values() for column, _ in each)
