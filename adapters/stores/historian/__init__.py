"""The embedded historian: keeps the whole log of a run in one SQLite file per day, with packed columns.

Exception
├── ValueError
│   └── ArrivalOrderError      raised by append: the batch does not follow the last one
├── HistorianFullError         raised by the future of append: the samples were not kept
├── HistorianLockedError       another historian writes in the folder
├── HistorianFormatError       another version wrote the day file
└── HistoryFileError           the day file cannot be reached
"""

from adapters.stores.historian.anchors import history_anchors
from adapters.stores.historian.check import HistoryCheck
from adapters.stores.historian.damage import Damage, DamageLog
from adapters.stores.historian.day.database import HistorianFormatError, HistoryFileError
from adapters.stores.historian.historian import ArrivalOrderError, Historian, HistorianFullError
from adapters.stores.historian.lock import HistorianLockedError
from adapters.stores.historian.lost_end import lost_end
from adapters.stores.historian.point_rows import Placement
from adapters.stores.historian.reader import HistoryReader, StartEntry
from adapters.stores.historian.verify import VerifiedFile, glance, is_list_sound, verify_history

__all__ = [
    "ArrivalOrderError",
    "Damage",
    "DamageLog",
    "Historian",
    "HistorianFormatError",
    "HistorianFullError",
    "HistorianLockedError",
    "HistoryCheck",
    "HistoryFileError",
    "HistoryReader",
    "Placement",
    "StartEntry",
    "VerifiedFile",
    "glance",
    "history_anchors",
    "is_list_sound",
    "lost_end",
    "verify_history",
]
