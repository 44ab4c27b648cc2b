"""What outlives a run: the journal of what happened, the historian of what was measured.

`JournalError` is the root of `JournalBrokenError`, `JournalLockedError` and `JournalWriteError`, and that of
`JournalFullError`.
"""

from adapters.stores.journal import Journal
from adapters.stores.journal_reader import JournalReader
from adapters.stores.journal_schema import (
    JournalBrokenError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalWriteError,
)

__all__ = [
    "Journal",
    "JournalBrokenError",
    "JournalError",
    "JournalFullError",
    "JournalLockedError",
    "JournalReader",
    "JournalWriteError",
]
