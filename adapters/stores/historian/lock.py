"""The lock that admits one writer to a historian's folder."""

import fcntl
from pathlib import Path
from typing import Final

from plant import Message


class HistorianLockedError(Exception):
    """Another historian writes in the folder."""


class FolderLock:
    """A lock that is held until it is released or the process ends in any way."""

    def __init__(self, folder: Path) -> None:
        # The kernel releases flock with the process, so a kill leaves no stale lock; a file with a pid would be one.
        self._file: Final = (folder / "writer.lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise HistorianLockedError(Message("{path}: another historian writes here", path=folder)) from None

    def release(self) -> None:
        """Let another historian write here."""
        self._file.close()
