"""Notices that the newest entries of a history are gone: SQLite takes a file without them for a sound one."""

from pathlib import Path

from adapters.stores.historian.damage import Damage, DamageLog
from adapters.stores.historian.folder import date_of, day_of, path_of
from adapters.stores.historian.reader import HistoryReader, StartEntry
from plant import NO_ARRIVAL, Message


def lost_end(folder: Path, end: int) -> Damage | None:
    """Return the end of a history as a damage if it lacks the entry of a time [ns, UTC] that it had on disk.

    NO_ARRIVAL stands for no entry.

    Raises
    ------
    HistoryFileError
        A file is out of reach at present.

    """
    if end == NO_ARRIVAL:
        return None
    # Damages that the reader meets on the way are reported by whoever reads their period.
    history = HistoryReader(folder, damages=DamageLog())
    for piece in history.stretches(end, end + 1):
        if isinstance(piece, StartEntry) or (piece.arrival == end).any():
            return None
    span = history.span()
    begin = end if span is None or span[1] >= end else span[1] + 1
    day = day_of(end)
    what = Message("the newest entries: the journal knows that they were on disk")
    return Damage(date_of(day), begin, end + 1, (), what, path_of(folder, day))
