"""When samples wait for a slow disk."""

from typing import Final

from adapters.stores import Historian, Journal

MOST_UNJOURNALED: Final = 20_000
MOST_UNSTORED: Final = 1_000_000
"""Numbers of records and samples that wait for a disk which is slow; beyond one of them, samples wait for it, too."""


def is_ahead(journal: Journal, historian: Historian) -> bool:
    """Tell whether more waits for a disk that works than memory should hold."""
    # Behind a disk that fails samples go on: alarms matter more, and the historian refuses and counts by itself.
    slow_journal = journal.failure is None and journal.waiting > MOST_UNJOURNALED
    return slow_journal or (historian.fault is None and historian.waiting > MOST_UNSTORED)
