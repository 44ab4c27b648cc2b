"""How far a store has the history and the journal, on disk beside them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from adapters.sealed_file import read_sealed, write_sealed

_MAGIC: Final = b"hazwatch store position 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePosition:
    """What a store has acknowledged.

    Attributes
    ----------
    arrival : int
        Arrival of the last sample. [ns, UTC]
    record : int
        Number of the last record of the journal.
    minute, hour : int
        End of the last minute and of the last hour whose summaries it has. [ns, UTC]
    until : int
        Arrival up to which an earlier run wrote, whose clock was set back since: what arrives before the clock has
        passed it cannot be told from what that run wrote. 0 if there was none. [ns, UTC]
    samples, refused : int
        Number of samples that were sent, and of lines that were refused for good.

    """

    arrival: int
    record: int
    minute: int
    hour: int
    until: int = 0
    samples: int = 0
    refused: int = 0

    def write(self, path: Path) -> None:
        """Replace the position before; raise OSError if that fails."""
        write_sealed(path, _MAGIC, {}, json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, path: Path) -> "StorePosition | None":
        """Return the position in a file; None if there is none, or if it is damaged."""
        try:
            content = read_sealed(path, _MAGIC)
            return None if content is None else cls(**json.loads(content[1]))
        except (FileNotFoundError, ValueError, TypeError):
            return None
