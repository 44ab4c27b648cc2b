"""What outlives a run: the journal of what happened, the historian of what was measured.

`JournalError` is the root of `JournalBrokenError`, `JournalLockedError` and `JournalWriteError`, and that of
`JournalFullError`. The errors of the historian are drawn in its package.
"""

from adapters.stores.historian import (
    ArrivalOrderError,
    Historian,
    HistorianFormatError,
    HistorianFullError,
    HistorianLockedError,
    HistoryFileError,
    HistoryReader,
    StartEntry,
)
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
    "ArrivalOrderError",
    "Historian",
    "HistorianFormatError",
    "HistorianFullError",
    "HistorianLockedError",
    "HistoryFileError",
    "HistoryReader",
    "Journal",
    "JournalBrokenError",
    "JournalError",
    "JournalFullError",
    "JournalLockedError",
    "JournalReader",
    "JournalWriteError",
    "StartEntry",
]
