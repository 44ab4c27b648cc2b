"""Watches a folder for MT/T 1201 files, and yields the samples in them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from logging import getLogger
from typing import Final

from adapters.sources.kept_file import KeptFile
from adapters.sources.mtt1201.config import MttSource
from adapters.sources.mtt1201.decode import Places
from adapters.sources.mtt1201.dialect import Dialect, load_dialect
from adapters.sources.mtt1201.reader import FolderLook, FolderReader
from adapters.sources.mtt1201.taken import read_taken
from adapters.sources.source import Clock, Installation, SourceReport
from plant import Message, Quality, SampleBatch, State, message_of
from plant.address import RecordAddress
from plant.units import SECOND

KEEP_EVERY: Final = 10.0
"""Shortest time between two writings of which files were read. [s]"""
MOST_CODES_NAMED: Final = 20
"""Largest number of points in one message. [1]"""

_log = getLogger(__name__)


def open_source(
    spec: MttSource, points: Sequence[tuple[int, str]], clock: Clock, installation: Installation
) -> "MttFolder":
    """Return the source of these points (column, address). It looks at the folder when its samples are awaited."""
    addresses = [(column, RecordAddress.parse(address)) for column, address in points]
    return MttFolder(spec, addresses, clock, KeptFile(spec.id, "mtt1201", installation.memory))


class MttFolder:
    """A `Source` that reads the files of a folder, and never writes there.

    Time stamps are those of the records.
    """

    def __init__(
        self, spec: MttSource, points: Sequence[tuple[int, RecordAddress]], clock: Clock, memory: KeptFile
    ) -> None:
        self._spec: Final = spec
        self._clock: Final = clock
        self._memory: Final = memory
        self._columns: Final = [column for column, _ in points]
        dialect = load_dialect(spec.dialect)
        places, self._unreadable = places_of(points, dialect)
        self._reader: Final = FolderReader(spec, dialect, places, read_taken(memory))
        self._kept_at = 0.0
        self._trouble: Message | None = None
        self._warnings: dict[str, Message] = {}

    @property
    def name(self) -> str:
        """Id of the source in the site file."""
        return self._spec.id

    @property
    def lost(self) -> int:
        """Always 0: nobody knows how many samples a damaged record had."""
        return 0

    @property
    def report(self) -> SourceReport:
        """Why the folder cannot be read; points that no file can bring."""
        return SourceReport(trouble=self._trouble, warnings=(*self._unreadable, *self._warnings.values()))

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Go on after the last stored samples; files that came meanwhile are read as they are found."""
        self._reader.resume(known)

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield the samples of new files, until cancelled, and BAD samples once when the folder cannot be read."""
        for warning in self._unreadable:
            _log.warning("%s source=%s", warning, self.name)
        try:
            while True:
                batch, is_more = await self._look()
                if len(batch):
                    yield batch
                if self._elapsed() - self._kept_at >= KEEP_EVERY:
                    await self._keep()
                if not is_more:
                    await asyncio.sleep(self._spec.poll / SECOND)
        finally:
            await self._keep()

    async def _look(self) -> tuple[SampleBatch, bool]:
        """Return the samples of new files, and whether there are more."""
        try:
            # In a thread, because a network share may hang for minutes.
            look = await asyncio.to_thread(self._reader.look, self._clock.now(), self._elapsed())
        except OSError as error:
            return self._lose(message_of(error)), False
        self._tell(look)
        return look.samples, look.is_more

    @staticmethod
    def _elapsed() -> float:
        return asyncio.get_running_loop().time()

    def _lose(self, reason: Message) -> SampleBatch:
        """Return BAD samples of all points once: repeating them would bring no news."""
        if self._trouble is not None:
            return SampleBatch.concatenate([])
        self._trouble = reason
        _log.warning("%s source=%s folder=%s reason=%s", Message("folder lost"), self.name, self._spec.endpoint, reason)
        now, columns = self._clock.now(), self._columns
        return SampleBatch.of(columns, now, float("nan"), quality=Quality.BAD, state=State.NORMAL)

    def _tell(self, look: FolderLook) -> None:
        if self._trouble is not None:
            _log.info("%s source=%s folder=%s", Message("folder back"), self.name, self._spec.endpoint)
            self._trouble = None
        for file, record, reason in look.remarks:
            event = Message("record not used") if record else Message("file not used as it is")
            # Whoever may write into the folder chooses the names; a line break would make lines of the log.
            name = file if file.isprintable() else repr(file)
            _log.warning("%s source=%s file=%s record=%d reason=%s", event, self.name, name, record, reason)
        for kind, codes in look.undefined.items():
            named = tuple(codes[:MOST_CODES_NAMED])
            missing = Message("no definition has the points {codes} of {type}", codes=named, type=kind)
            self._warn(kind, missing if codes else None)
        left_out = Message("{count} of the oldest files are not looked at; move them away", count=look.left_out)
        self._warn("left out", left_out if look.left_out else None)

    def _warn(self, key: str, warning: Message | None) -> None:
        if warning is None:
            self._warnings.pop(key, None)
            return
        if key not in self._warnings:
            _log.warning("%s source=%s", warning, self.name)
        self._warnings[key] = warning

    async def _keep(self) -> None:
        """Keep which files were read."""
        self._kept_at = self._elapsed()
        await self._memory.keep(dict(self._reader.taken))


def places_of(points: Sequence[tuple[int, RecordAddress]], dialect: Dialect) -> tuple[Places, tuple[Message, ...]]:
    """Return the points by type and code, and what no file can bring."""
    places: dict[str, dict[str, list[tuple[int, RecordAddress]]]] = {}
    wrong: list[Message] = []
    for column, address in points:
        problem = dialect.problem_of(address)
        if problem is None:
            places.setdefault(address.type, {}).setdefault(address.code, []).append((column, address))
        else:
            wrong.append(problem)
    return places, tuple(wrong)
