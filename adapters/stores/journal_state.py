"""The file beside a journal with the state after one of its records, so that a start need not read all before it.

The journal remains the authority. The file proves nothing by itself: its checksum shows damage, its number and hash
show which journal it belongs to. Whoever relies on it compares it with the records later (`journal_check.py`).
"""

import gc
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from alarms import LedgerState

STATE_MAGIC: Final = b"hazwatch journal state 2\n"
"""Grows when the fold or the text changes, so that an older state is built anew."""
_DIGEST: Final = 32


@dataclass(frozen=True, slots=True)
class JournalState:
    """The state of a ledger, and the hash of the record after which it was taken."""

    ledger: LedgerState
    digest: bytes

    @property
    def number(self) -> int:
        """Number of the record."""
        return self.ledger.number

    def write(self, path: Path) -> None:
        """Replace the state before, completely or not at all; raise OSError if that fails."""
        head = json.dumps({"number": self.number, "hash": self.digest.hex()}).encode()
        body = STATE_MAGIC + head + b"\n" + self.ledger.text()
        # Write and flush a new file, then rename it: a power loss leaves the old state or the new one.
        fresh = path.with_name(f"{path.name}.new")
        with fresh.open("wb") as file:
            file.write(sha256(body).digest() + body)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the state in a file; None if there is none, or if it is damaged or of another version."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            content = path.read_bytes()
            checksum, body = content[:_DIGEST], content[_DIGEST:]
            if sha256(body).digest() != checksum or not body.startswith(STATE_MAGIC):
                return None
            head, _, text = body.removeprefix(STATE_MAGIC).partition(b"\n")
            fields = json.loads(head)
            with _collector_paused():
                ledger = LedgerState.read(text)
            state = cls(ledger, bytes.fromhex(fields["hash"]))
            return state if state.number == fields["number"] else None
        return None


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: all objects of a state live on, and walking them takes as long as making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
