"""The folder of a historian: a file per day, and files that were set aside because of damage."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from plant.units import DAY

SUFFIX: Final = ".hist"
_BROKEN: Final = ".broken-"
_NAME: Final = re.compile(rf"(?P<date>\d{{4}}-\d\d-\d\d){SUFFIX}(?:{_BROKEN}(?P<aside>\d+))?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class DayFile(NamedTuple):
    """A file with the history of one day, or of a part of the day if another file of the day was set aside."""

    day: int
    path: Path
    last: int | None = None
    """Latest arrival that the file can hold; None for the end of the day. [ns, UTC]"""
    seal: int | None = None
    """Checksum of the whole day, if the day is over and the list of days has it."""

    @property
    def date(self) -> str:
        """The day as in the name of the file."""
        return date_of(self.day)

    @property
    def begin(self) -> int:
        """Earliest arrival that the file can hold. [ns, UTC]."""
        return self.day * DAY

    @property
    def end(self) -> int:
        """Latest arrival that the file can hold. [ns, UTC]."""
        return (self.day + 1) * DAY - 1 if self.last is None else self.last


def day_of(time: int) -> int:
    """Return the number of days from 1970-01-01 to the day (UTC) of a time."""
    return time // DAY


def date_of(day: int) -> str:
    """Return the date of a day."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def day_of_date(date: str) -> int:
    """Return the day of a date; ValueError if the text is no date."""
    return (datetime.fromisoformat(date).replace(tzinfo=UTC) - _EPOCH).days


def path_of(folder: Path, day: int) -> Path:
    """Return the day file of a day."""
    return folder / f"{date_of(day)}{SUFFIX}"


def day_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the days that have a file, with their files, oldest first."""
    return [(day, path) for day, path in all_files(folder) if not is_aside(path)]


def all_files(folder: Path) -> list[tuple[int, Path]]:
    """Return all files with history, oldest first; files that were set aside come before the day file of their day."""
    files = []
    for path in folder.iterdir() if folder.is_dir() else ():
        name = _NAME.fullmatch(path.name)
        day = None if name is None else _day(name["date"])
        if name is not None and day is not None:
            files.append((day, int(name["aside"] or _MAIN), path))
    return [(day, path) for day, _, path in sorted(files)]


_MAIN: Final = 1 << 62
"""Place of the day file among the files of its day: the last."""


def is_aside(path: Path) -> bool:
    """Return whether a file was set aside."""
    return path.suffix != SUFFIX


def remove(path: Path) -> None:
    """Delete a day file, SQLite's files beside it, and the files of the day that were set aside."""
    for aside in path.parent.glob(f"{path.name}{_BROKEN}*"):
        aside.unlink(missing_ok=True)
    # The day file goes last: after a crash between the deletions the day is still listed, and is deleted again.
    for companion in ("-wal", "-shm", ""):
        path.with_name(path.name + companion).unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Rename a damaged day file so that no writer uses it, and return the new path; readers still read it."""
    number = 1
    while (aside := path.with_name(f"{path.name}{_BROKEN}{number}")).exists():
        number += 1
    for companion in ("", "-wal"):
        # The WAL may hold committed entries, so it keeps its name beside the file.
        if (source := path.with_name(path.name + companion)).exists():
            source.rename(aside.with_name(aside.name + companion))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def _day(date: str) -> int | None:
    """Return the day of a date; None if the text is not a date."""
    try:
        return day_of_date(date)
    except ValueError:
        return None
