"""Opening what a folder holds, file by file; a file that cannot be opened at all is a damage, too."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from adapters.stores.historian.content import DayContent
from adapters.stores.historian.damage import Damage, TakeDamage, is_damage
from adapters.stores.historian.dayfile import NO_FORMAT, connect_to_read, format_of, unreachable
from adapters.stores.historian.folder import DayFile, all_files, is_aside
from adapters.stores.sqlite_reasons import reason_of_sqlite
from plant import Message

_WRITE_AHEAD: Final = slice(18, 20)
"""Where the header of a SQLite file says twice whether it has a write-ahead log."""


def files_of(folder: Path) -> list[DayFile]:
    """Return all files of history, oldest first; one that was set aside ends where the next of its day begins."""
    files: list[DayFile] = []
    for day, path in reversed(all_files(folder)):
        file = DayFile(day, path)
        if is_aside(path) and files and files[-1].day == day:
            begin = _first_entry(files[-1])
            file = file if begin is None else DayFile(day, path, begin)
        files.append(file)
    return files[::-1]


def _first_entry(file: DayFile) -> int | None:
    """Return the time of the first entry of a file; None where it has none. [ns, UTC]."""
    with open_content(file, lambda _: None) as content:
        if content is not None:
            with content.held():
                content.load()
            span = content.span()
            return None if span is None else span[0]
    return None


@contextmanager
def open_content(file: DayFile, report: TakeDamage) -> Iterator[DayContent | None]:
    """Open a file to read; None where it is gone, has no entry yet, or is damaged as a whole.

    Raises
    ------
    HistoryFileError
        It cannot be reached now; the message names it.
    HistorianFormatError
        Another version of the historian wrote it.

    """
    with ExitStack() as stack:
        content = None
        try:
            content = _open(file, report, stack)
        except sqlite3.DatabaseError as error:
            _report_whole(file, report, error)
        try:
            yield content
        except sqlite3.DatabaseError as error:
            _report_whole(file, report, error)


def _open(file: DayFile, report: TakeDamage, stack: ExitStack) -> DayContent | None:
    database = connect_to_read(file.path)
    if database is None:
        return None
    stack.callback(database.close)
    version = format_of(database, file.path)
    if not _is_header_sound(file.path):
        _lose_whole(file, report, Message("the header of the file is damaged"))
    return None if version == NO_FORMAT else DayContent(database, file, version, report)


def _is_header_sound(path: Path) -> bool:
    """Return whether SQLite looks for a write-ahead log; if it does not because of a damage, the newest is not seen."""
    try:
        with path.open("rb") as file:
            modes = file.read(_WRITE_AHEAD.stop)[_WRITE_AHEAD]
    except OSError:
        return True
    return modes in (b"", b"\x01\x01", b"\x02\x02")


def _report_whole(file: DayFile, report: TakeDamage, error: sqlite3.DatabaseError) -> None:
    if not is_damage(error):
        raise unreachable(file.path, error) from error
    _lose_whole(file, report, reason_of_sqlite(error))


def _lose_whole(file: DayFile, report: TakeDamage, what: Message) -> None:
    report(Damage(file.date, file.begin, file.end + 1, (), what, file.path))
