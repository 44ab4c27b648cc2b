"""One writer to a folder."""

import fcntl
from pathlib import Path
from typing import Final


class HistorianLockedError(Exception):
    """Another historian writes in this folder."""


class FolderLock:
    """Held until it is released or the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._file: Final = (folder / "writer.lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise HistorianLockedError(f"{folder}: another historian writes here") from None

    def release(self) -> None:
        """Let another historian write here."""
        self._file.close()
