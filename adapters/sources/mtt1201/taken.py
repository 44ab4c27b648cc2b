"""`Taken`: which files of a folder were read, by name, size and content; kept over restarts."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from adapters.sources.kept_file import KeptFile
from plant import Message


class Taken(NamedTuple):
    """A file that was read whole: size [byte], last change [ns], digest, and time of its newest sample [ns, UTC]."""

    size: int
    changed: int
    digest: str
    newest: int


def digest_of(content: bytes) -> str:
    """Return by what two contents are compared."""
    return sha256(content).hexdigest()[:32]


def read_taken(memory: KeptFile) -> dict[str, Taken]:
    """Return the files that earlier runs read; none if nothing of use was kept."""
    # Without these notes every file of the folder is read again, and the samples that are stored count as duplicates.
    kept = memory.read()
    if kept is None:
        return {}
    try:
        return {name: Taken(*fields) for name, fields in dict(kept).items()}
    except (ValueError, TypeError):
        memory.discard(Message("its content has another form"))
        return {}


def newest_of(taken: Iterable[Taken]) -> int:
    """Return the newest sample of some files; 0 if there are none. [ns, UTC]."""
    return max((each.newest for each in taken), default=0)
