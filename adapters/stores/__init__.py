"""What outlives a run: the journal of events and decisions, and the historian of samples.

Exception
└── JournalError               the journal cannot be opened, read or written
    ├── JournalLockedError     another process writes it
    ├── JournalBrokenError     a record was altered, removed or moved
    └── JournalWriteError      records are not on disk yet
        └── JournalFullError   because the disk is full

The docstring of the historian's package draws its errors.
"""

from adapters.stores.anchor import Anchor, AnchorVerdict
from adapters.stores.anchor_file import AnchorFileError, AnchorKey, AnchorLine, read_anchors
from adapters.stores.historian import (
    ArrivalOrderError,
    Damage,
    DamageLog,
    Historian,
    HistorianFormatError,
    HistorianFullError,
    HistorianLockedError,
    HistoryCheck,
    HistoryFileError,
    HistoryReader,
    Placement,
    StartEntry,
    VerifiedFile,
    glance,
    history_anchors,
    is_list_sound,
    lost_end,
    verify_history,
)
from adapters.stores.journal import Journal
from adapters.stores.journal_chain import Break, BreakKind
from adapters.stores.journal_file import is_blank, lock_journal, set_journal_aside
from adapters.stores.journal_reader import STARTS, TAIL, JournalReader
from adapters.stores.journal_schema import (
    JournalBrokenError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalWriteError,
)
from adapters.stores.journal_state import JournalState
from adapters.stores.pending import Handover, PendingEntry

__all__ = [
    "STARTS",
    "TAIL",
    "Anchor",
    "AnchorFileError",
    "AnchorKey",
    "AnchorLine",
    "AnchorVerdict",
    "ArrivalOrderError",
    "Break",
    "BreakKind",
    "Damage",
    "DamageLog",
    "Handover",
    "Historian",
    "HistorianFormatError",
    "HistorianFullError",
    "HistorianLockedError",
    "HistoryCheck",
    "HistoryFileError",
    "HistoryReader",
    "Journal",
    "JournalBrokenError",
    "JournalError",
    "JournalFullError",
    "JournalLockedError",
    "JournalReader",
    "JournalState",
    "JournalWriteError",
    "PendingEntry",
    "Placement",
    "StartEntry",
    "VerifiedFile",
    "glance",
    "history_anchors",
    "is_blank",
    "is_list_sound",
    "lock_journal",
    "lost_end",
    "read_anchors",
    "set_journal_aside",
    "verify_history",
]
