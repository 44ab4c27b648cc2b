"""The embedded historian: the whole log of a run, one SQLite file per day, columns packed.

Exception
├── ValueError
│   └── ArrivalOrderError      append: a batch that does not follow the last one
├── HistorianFullError         of a future: the samples were not kept
├── HistorianLockedError       another historian writes in the folder
├── HistorianFormatError       a day file of another version
└── HistoryFileError           a day file that cannot be read
"""

from adapters.stores.historian.dayfile import HistorianFormatError, HistoryFileError
from adapters.stores.historian.historian import ArrivalOrderError, Historian, HistorianFullError
from adapters.stores.historian.lock import HistorianLockedError
from adapters.stores.historian.reader import HistoryReader, StartEntry

__all__ = [
    "ArrivalOrderError",
    "Historian",
    "HistorianFormatError",
    "HistorianFullError",
    "HistorianLockedError",
    "HistoryFileError",
    "HistoryReader",
    "StartEntry",
]
