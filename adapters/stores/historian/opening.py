"""Opens the files of a folder for reading; a file that cannot be opened at all counts as damage."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from adapters.stores.historian.damage import Damage, DamagedError, TakeDamage
from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.database import NO_FORMAT, format_of, unreachable
from adapters.stores.historian.day.reading import connect_to_read
from adapters.stores.historian.day.write_ahead import LOG_DAMAGED, is_log_damaged
from adapters.stores.historian.day_list import NAME, lost_days, read_list, sealed
from adapters.stores.historian.folder import DayFile, all_files, is_aside
from adapters.stores.sqlite_reasons import is_damage, reason_of_sqlite
from plant import Message

_LOG: Final = logging.getLogger(__name__)

_WRITE_AHEAD: Final = slice(18, 20)
"""Bytes of SQLite's header with the write and read version: 2 means that the file has a write-ahead log."""


def files_of(folder: Path, report: TakeDamage = lambda _: None) -> list[DayFile]:
    """Return all files of history, oldest first, and report the days that the list of days has and the folder has not.

    A file that was set aside ends where the next of its day begins.
    """
    files = _files_of(folder)
    # The list is read after the folder: a day is taken out of it before its file is deleted.
    try:
        seals = read_list(folder)
    except DamagedError as error:
        _LOG.error("%s path=%s", error, folder / NAME)
        seals = None
    for damage in lost_days(folder, files, seals or {}):
        report(damage)
    return sealed(files, seals or {})


def _files_of(folder: Path) -> list[DayFile]:
    files: list[DayFile] = []
    for day, path in reversed(all_files(folder)):
        file = DayFile(day, path)
        if is_aside(path) and files and files[-1].day == day:
            begin = _first_entry(files[-1])
            file = file if begin is None else DayFile(day, path, begin)
        files.append(file)
    return files[::-1]


def _first_entry(file: DayFile) -> int | None:
    """Return the time of the first entry of a file; None if it has none. [ns, UTC]."""
    with open_content(file, lambda _: None) as content:
        if content is not None:
            with content.held():
                content.load()
            span = content.span()
            return None if span is None else span[0]
    return None


@contextmanager
def open_content(file: DayFile, report: TakeDamage) -> Iterator[DayContent | None]:
    """Open a file for reading; yield None if it is gone, has no tables yet, or is damaged as a whole.

    Raises
    ------
    HistoryFileError
        The file is out of reach at present; the message names it.
    HistorianFormatError
        Another version of the historian wrote the file.

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
    # The header is looked at last: what is no database at all is one damage, not two.
    version = format_of(database, file.path)
    if not _is_header_sound(file.path):
        _lose_whole(file, report, Message("the header of the file is damaged"))
    if version == NO_FORMAT:
        # A file whose tables are in its log alone looks empty if the damage is near the beginning of the log.
        if is_log_damaged(file.path):
            _lose_whole(file, report, LOG_DAMAGED)
        return None
    content = DayContent(database, file, version, report)
    if is_aside(file.path):
        check_log(content)
    return content


def check_log(content: DayContent) -> None:
    """Report what a damaged write-ahead log costs: the entries behind those that SQLite still reads."""
    # Too slow for every reading of the current day; a writer sets the file aside before it cuts its log.
    if is_log_damaged(content.file.path):
        with content.held():
            begin = content.file.begin if content.tail is None else max(content.tail.time, content.file.begin)
        content.lose(begin, content.file.end, LOG_DAMAGED)


def _is_header_sound(path: Path) -> bool:
    """Tell whether the two version bytes of the header are sound."""
    # A damaged byte may keep SQLite from reading the WAL: the newest entries would then be missing without an error.
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
