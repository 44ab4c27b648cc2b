"""`KeptFile`: a small sealed file in which a source keeps over restarts what it can do without."""

import asyncio
import json
from collections.abc import Mapping
from logging import getLogger
from pathlib import Path
from threading import Lock
from typing import Any, Final

from adapters.sealed_file import read_sealed, write_sealed
from plant import Message, message_of

_log = getLogger(__name__)


class KeptFile:
    """What one source keeps: JSON that is written in a thread, and only if it changed.

    Parameters
    ----------
    source, kind : str
        Id of the source; the extension of the file, which also stands in its first line.
    folder : Path or None
        Where the file is; None if nothing is kept.
    head : mapping
        What must be the same when the file is read: by it a file is known that was written for another site file.

    """

    def __init__(self, source: str, kind: str, folder: Path | None, head: Mapping[str, str] | None = None) -> None:
        self._source: Final = source
        self._file: Final = None if folder is None else folder / f"{source}.{kind}"
        self._magic: Final = f"hazwatch {kind} 1\n".encode()
        self._head: Final = dict(head or {})
        self._written: object = None
        self._failed = False
        self._writing: Final = Lock()

    def read(self) -> Any:
        """Return what was kept; None if there is nothing, or nothing of use, which the log then says."""
        try:
            kept = None if self._file is None else read_sealed(self._file, self._magic)
            if kept is not None:
                return json.loads(kept[1]) if kept[0] == self._head else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.discard(message_of(error))
            return None
        if self._file is not None:
            self.discard(Message("the checksum does not fit"))
        return None

    def discard(self, reason: Message) -> None:
        """Log that what was kept is of no use."""
        event = Message("what the source kept is not used")
        _log.warning("%s source=%s file=%s reason=%s", event, self._source, self._file, reason)

    async def keep(self, content: object) -> None:
        """Write what is to be kept and does not change any more, if it is new; log once that this fails."""
        if self._file is None or content == self._written:
            return
        try:
            await asyncio.to_thread(self._write, self._file, content)
        except OSError as error:
            # The samples are more important.
            if not self._failed:
                event = Message("cannot keep what the source needs after a restart")
                _log.warning("%s source=%s file=%s reason=%s", event, self._source, self._file, message_of(error))
            self._failed = True
        else:
            self._written, self._failed = content, False

    def _write(self, file: Path, content: object) -> None:
        # A cancelled wait leaves its thread running, and the last writing at the stop must not meet it.
        with self._writing:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_sealed(file, self._magic, self._head, json.dumps(content).encode())
