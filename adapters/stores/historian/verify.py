"""Reads a historian's folder completely, to find all damage in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.stores.historian.damage import Damage, DamagedError
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day_list import read_list
from adapters.stores.historian.folder import DayFile
from adapters.stores.historian.opening import check_log, files_of, open_content


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """The result of the verification of a file.

    Attributes
    ----------
    path : Path
    is_checked : bool
        True if the file has checksums; without them only implausible contents are detected.
    entries, samples : int
        Numbers of unchanged entries and samples.
    damages : tuple of Damage

    """

    path: Path
    is_checked: bool
    entries: int
    samples: int
    damages: tuple[Damage, ...]


def verify_history(folder: Path) -> Iterator[VerifiedFile]:
    """Read the files of a folder from the first byte to the last, and yield the result of each.

    Raises
    ------
    HistoryFileError
        A file cannot be reached now.
    HistorianFormatError
        Another version of the historian wrote a file.

    """
    lost: list[Damage] = []
    for file in files_of(folder, lost.append):
        yield _verified(file)
    for damage in lost:
        yield VerifiedFile(damage.path, is_checked=True, entries=0, samples=0, damages=(damage,))


def glance(folder: Path) -> list[Damage]:
    """Return the damages of the rows of all files, and the days that are lost; `verify_history` reads the pages, too.

    Raises
    ------
    HistoryFileError
        A file cannot be reached now.
    HistorianFormatError
        Another version of the historian wrote a file.

    """
    damages: dict[Damage, None] = {}
    for file in files_of(folder, damages.setdefault):
        with open_content(file, damages.setdefault) as content:
            if content is not None:
                with content.held():
                    content.names()
                    content.load()
    return sorted(damages)


def is_list_sound(folder: Path) -> bool | None:
    """Tell whether the list of days is sound; None if there is none, so that a lost day cannot be noticed."""
    try:
        return None if read_list(folder) is None else True
    except DamagedError:
        return False


def _verified(file: DayFile) -> VerifiedFile:
    damages: dict[Damage, None] = {}
    is_checked, entries, samples = True, 0, 0
    with open_content(file, damages.setdefault) as content:
        if content is not None:
            is_checked = content.is_checked
            check_log(content)
            with content.held():
                content.names()
                content.load()
            entries, samples = _counted(content)
    return VerifiedFile(file.path, is_checked, entries, samples, tuple(damages))


def _counted(content: DayContent) -> tuple[int, int]:
    """Read all segments and pages, and return the numbers of sound entries and samples."""
    entries = len(content.head)
    samples = sum(max(row.size, 0) for row in content.head)
    for segment in content.segments:
        parts = content.content(segment)
        if parts is None:
            continue
        # A file without checksums has no list of pages: a page that is lost shows only in the number of samples.
        pages = [content.page(parts, place) for place in range(parts.pages.shape[1])]
        count = sum(rows.shape[1] for rows in pages if rows is not None)
        if count < parts.samples and all(rows is not None for rows in pages):
            content.lose_segment(segment)
        entries += parts.entries.shape[1]
        samples += count
    return entries, samples
