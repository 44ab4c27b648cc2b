"""The file beside a journal with the state after one of its records, so that a start need not read all before it.

The journal remains the authority. The file proves nothing by itself: its checksum shows damage, its number and hash
show which journal it belongs to. Whoever relies on it compares it with the records later (`journal_check.py`).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from adapters.sealed_file import read_sealed, write_sealed
from alarms import LedgerState

STATE_MAGIC: Final = b"hazwatch journal state 3\n"
"""Grows when the fold or the text changes, so that an older state is built anew."""


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
        head = {"number": self.number, "hash": self.digest.hex()}
        write_sealed(path, STATE_MAGIC, head, self.ledger.text())

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the state in a file; None if there is none, or if it is damaged or of another version."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            if (sealed := read_sealed(path, STATE_MAGIC)) is None:
                return None
            fields, text = sealed
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
