"""Logs the breaks of a journal: each once, and those of one reading in one line."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.stores.journal_chain import Break, joined
from plant import Message

_LOG: Final = logging.getLogger(__name__)
_LOGGED: Final[set[tuple[Path, Break]]] = set()


def log_breaks(path: Path, met: Sequence[Break]) -> None:
    """Log the breaks that were not logged before, in one line: damage of a disk breaks many records at once."""
    fresh = list(joined(step for step in met if (path, step) not in _LOGGED))
    _LOGGED.update((path, step) for step in met)
    if not fresh:
        return
    event = Message("journal is damaged, records are left out")
    count = sum(step.last - step.first + 1 for step in fresh)
    kinds = ",".join(sorted({step.kind for step in fresh}))
    _LOG.error(
        "%s path=%s count=%d first=%d last=%d what=%s", event, path, count, fresh[0].first, fresh[-1].last, kinds
    )
