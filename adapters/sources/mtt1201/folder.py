"""Looks through a folder for files that are new, that grew, or that have another content; it only reads."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from adapters.regular_file import read_file
from plant import Message, message_of

MOST_FILES: Final = 100_000
"""Largest number of files that are remembered: those with the newest names. [1]"""
MOST_NEW: Final = 200
"""Largest number of new files that one look reads, the newest first; the next look reads on. [1]"""
MOST_LOOKED_AT_AGAIN: Final = 1_000
"""Number of the newest files whose size is compared at every look. [1]"""
DEPTH: Final = 2
"""Folders within the folder: one for each day, or one for each system and day. [1]"""


class Name(NamedTuple):
    """A file whose name fits the pattern: its time sorts it; the path is relative to the folder."""

    time: str
    path: str
    mine: str
    type: str


class Extent(NamedTuple):
    """Size [byte] and time of the last change [ns] of a file."""

    size: int
    changed: int


class Listing(NamedTuple):
    """The files of a folder, the newest first, at most MOST_FILES; names that do not fit; folders that are not read."""

    names: list[Name]
    others: list[str]
    closed: list[tuple[str, Message]]
    left_out: int


def list_folder(folder: Path, pattern: "re.Pattern[str]") -> Listing:
    """Return the files of a folder; raise OSError if it cannot be read."""
    names: list[Name] = []
    others: list[str] = []
    closed: list[tuple[str, Message]] = []
    for path in _files(folder, "", closed):
        fits = pattern.fullmatch(path.rpartition("/")[2])
        if fits is None:
            others.append(path)
        else:
            names.append(Name(fits["time"] or "", path, fits["mine"] or "", fits["type"] or ""))
    # The name has the time of the push, so no file has to be opened to know which are the newest.
    names.sort(reverse=True)
    return Listing(names[:MOST_FILES], others, closed, max(0, len(names) - MOST_FILES))


def _files(folder: Path, prefix: str, closed: list[tuple[str, Message]]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            # No links: one that leads upwards would have no end.
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif path.count("/") < DEPTH:
                # One folder that vanishes, or that we may not read, must not cost the others.
                try:
                    yield from _files(folder / entry.name, f"{path}/", closed)
                except OSError as error:
                    closed.append((path, message_of(error)))


def extent_of(file: Path) -> Extent | None:
    """Return size and last change of a file; None if it is gone."""
    try:
        status = file.stat()
    except OSError:
        return None
    return Extent(status.st_size, status.st_mtime_ns)


def content_of(file: Path) -> bytes | Message:
    """Return the content of a file, or why it cannot be read."""
    try:
        return read_file(file)
    except (OSError, ValueError) as error:
        return message_of(error)
