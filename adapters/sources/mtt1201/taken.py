"""`Taken`: which files of a folder were read, by name, size and content; kept over restarts."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from adapters.sealed_file import read_sealed, write_sealed

TAKEN_MAGIC: Final = b"hazwatch mtt1201 1\n"


class Taken(NamedTuple):
    """A file that was read whole: size [byte], last change [ns], digest, and time of its newest sample [ns, UTC]."""

    size: int
    changed: int
    digest: str
    newest: int


def digest_of(content: bytes) -> str:
    """Return by what two contents are compared."""
    return sha256(content).hexdigest()[:32]


def read_taken(file: Path) -> dict[str, Taken]:
    """Return the files that earlier runs read; none if nothing was kept, or it is damaged."""
    # Without these notes every file of the folder is read again, and the samples that are stored count as duplicates.
    try:
        kept = read_sealed(file, TAKEN_MAGIC)
        if kept is None:
            return {}
        return {name: Taken(*fields) for name, fields in json.loads(kept[1]).items()}
    except (OSError, ValueError, TypeError):
        return {}


def write_taken(file: Path, taken: Mapping[str, Taken]) -> None:
    """Keep which files were read; raise OSError if that fails."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_sealed(file, TAKEN_MAGIC, {}, json.dumps(taken).encode())


def newest_of(taken: Iterable[Taken]) -> int:
    """Return the newest sample of some files; 0 if there are none. [ns, UTC]."""
    return max((each.newest for each in taken), default=0)
