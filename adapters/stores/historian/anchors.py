"""Reads the anchors that the day files of a folder keep of the journal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from adapters.stores.anchor import Anchor
from adapters.stores.historian.day.anchors import read_anchor
from adapters.stores.historian.day.database import HistoryFileError
from adapters.stores.historian.day.reading import connect_to_read
from adapters.stores.historian.folder import all_files


def history_anchors(folder: Path) -> Iterator[tuple[Path, Anchor]]:
    """Yield the day files that have a sound anchor, newest first, with their anchors."""
    for day, path in reversed(all_files(folder)):
        try:
            database = connect_to_read(path)
        except HistoryFileError:
            continue
        if database is not None:
            with closing(database):
                anchor = read_anchor(database, day)
            if anchor is not None:
                yield path, anchor
