"""`HistoryCheck`: looks over a folder beside a running engine, so that damage is known before anybody asks for it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Final

from adapters.stores.historian.damage import Damage, DamageLog
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.database import HistorianFormatError, HistoryFileError
from adapters.stores.historian.folder import DayFile
from adapters.stores.historian.opening import files_of, open_content
from plant import Message

_LOG: Final = logging.getLogger(__name__)

_REST: Final = 4.0
"""Rest after each segment, in multiples of the time that it took: the check uses a fifth of a core at most."""

_Identity = tuple[int, ...]
"""Numbers that differ once a file was written or exchanged."""

_NO_FILE: Final[_Identity] = ()


class HistoryCheck:
    """Checks each file of a folder once, and again those with damage as soon as they change.

    Parameters
    ----------
    folder
        The historian's folder.
    damages
        Gets what is found, and loses what is no longer so: the damage of a file that was mended, or is gone together
        with its row in the list of days.

    """

    def __init__(self, folder: Path, damages: DamageLog) -> None:
        self._folder: Final = folder
        self._damages: Final = damages
        self._checked: Final[dict[Path, _Identity]] = {}

    def look(self, stop: Event) -> None:
        """Look once over all files that are new or may have been mended, the newest first, until `stop` is set."""
        lost: list[Damage] = []
        files = files_of(self._folder, lost.append)
        for damage in lost:
            self._damages(damage)
            self._checked[damage.path] = _NO_FILE
        here = {file.path for file in files} | {damage.path for damage in lost}
        self._damages.keep(lambda damage: damage.path in here and (damage in lost or damage.path.exists()))
        damaged = {damage.path for damage in self._damages}
        for file in reversed(files):
            identity = _identity(file.path)
            known = self._checked.get(file.path)
            if known is None or (file.path in damaged and known != identity):
                self._take(file, is_again=known is not None, stop=stop)
                if stop.is_set():
                    return
                self._checked[file.path] = identity

    def _take(self, file: DayFile, *, is_again: bool, stop: Event) -> None:
        met: dict[Damage, None] = {}
        try:
            with open_content(file, met.setdefault) as content:
                begin = perf_counter()
                for _ in () if content is None else _pieces(content):
                    if stop.wait(_REST * (perf_counter() - begin)):
                        return
                    begin = perf_counter()
        except (HistoryFileError, HistorianFormatError, OSError) as error:
            _LOG.warning("%s path=%s error=%s", Message("history cannot be checked"), file.path, error)
            return
        if is_again:
            self._damages.keep(lambda damage: damage.path != file.path or damage in met)
        for damage in met:
            self._damages(damage)


def _pieces(content: DayContent) -> Iterator[None]:
    """Check a file, and yield after its rows and after every segment."""
    with content.held():
        content.names()
        content.load()
    yield
    for segment in content.segments:
        parts = content.content(segment)
        if parts is not None:
            for place in range(parts.pages.shape[1]):
                content.check_page(parts, place)
        yield


def _identity(path: Path) -> _Identity:
    numbers: list[int] = []
    for name in (path.name, f"{path.name}-wal"):
        try:
            status = path.with_name(name).stat()
        except OSError:
            continue
        # A reader makes an empty write-ahead log beside a file, which changes nothing.
        if status.st_size:
            numbers += (status.st_ino, status.st_mtime_ns, status.st_size)
    return tuple(numbers)
