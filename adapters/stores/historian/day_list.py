"""`days.list`: the days of a history with a checksum of each that is over, so that a lost day is no gap of nothing."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from adapters.stores.checksum import OF_LIST, checksum
from adapters.stores.historian.damage import Damage, DamagedError
from adapters.stores.historian.folder import DayFile, date_of, day_files, day_of_date, is_aside, path_of
from plant import Message
from plant.units import DAY

NAME: Final = "days.list"
_OPEN: Final = "open"
_END: Final = "end"

Seals = dict[int, int | None]
"""The checksum of each day; None for a day that may still be written."""


def read_list(folder: Path) -> Seals | None:
    """Return the days that a folder must have; None where no list was written.

    Raises
    ------
    DamagedError
        The list is not what was written.

    """
    try:
        text = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    content, _, end = text.rpartition(f"{_END} ".encode())
    if end != f"{_written(checksum(OF_LIST, (), content))}\n".encode():
        raise DamagedError(Message("the list of days is damaged"))
    rows = [line.split(" ") for line in content.decode().splitlines()]
    return {day_of_date(date): None if seal == _OPEN else int(seal, 16) for date, seal in rows}


def write_list(folder: Path, seals: Mapping[int, int | None]) -> None:
    """Put a list in the place of the one before, and flush it."""
    rows = [f"{date_of(day)} {_OPEN if seal is None else _written(seal)}\n" for day, seal in sorted(seals.items())]
    content = "".join(rows).encode()
    written = folder / f"{NAME}.new"
    with written.open("wb") as file:
        file.write(content + f"{_END} {_written(checksum(OF_LIST, (), content))}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    written.replace(folder / NAME)


def listed(folder: Path) -> Seals:
    """Return the list of a folder with the day files that it lacks; all that are there if there is no sound list."""
    present: Seals = {day: None for day, _ in day_files(folder)}
    try:
        return present | (read_list(folder) or {})
    except DamagedError:
        return present


def sealed(files: Sequence[DayFile], seals: Mapping[int, int | None]) -> list[DayFile]:
    """Return files with the checksums that the list has of them."""
    return [file if is_aside(file.path) else file._replace(seal=seals.get(file.day)) for file in files]


def lost_days(folder: Path, files: Sequence[DayFile], seals: Mapping[int, int | None]) -> list[Damage]:
    """Return the days of the list without a file, as damages."""
    present = {file.day for file in files}
    what = Message("the file is missing")
    return [
        Damage(date_of(day), day * DAY, (day + 1) * DAY, (), what, path_of(folder, day))
        for day in sorted(seals)
        # A file that was made after `files` were listed is not missing.
        if day not in present and not path_of(folder, day).exists()
    ]


def _written(seal: int) -> str:
    return f"{seal:+017x}"
