"""`SparingHandler`: writes log lines, and of lines of a library that repeat themselves only the first and a count."""

import logging
from typing import IO, Final

from plant import Message

OURS: Final = ("adapters", "console", "hazwatch", "simulators")
"""Packages whose loggers spare their lines themselves."""
PERIOD: Final = 10.0
"""Time in which a library may repeat a line. [s]"""
AT_MOST: Final = 5
"""Number of times that it may do so."""
ALIKE: Final = 40
"""Number of first characters by which two lines are the same; behind them are addresses and numbers."""
MOST_KINDS: Final = 256
"""Largest number of different lines to remember."""

Kind = tuple[str, int, str]


class SparingHandler(logging.StreamHandler[IO[str]]):
    """A handler that no library can make write without end."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(stream)
        self._begun: Final[dict[Kind, float]] = {}
        self._counts: Final[dict[Kind, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        self._report(record.created)
        if record.name.split(".", 1)[0] in OURS:
            super().emit(record)
            return
        kind = record.name, record.levelno, str(record.msg)[:ALIKE]
        if kind not in self._begun and len(self._begun) >= MOST_KINDS:
            kind = record.name, record.levelno, ""
        self._begun.setdefault(kind, record.created)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= AT_MOST:
            super().emit(record)

    def close(self) -> None:
        """Write what was left out, and end."""
        self._report(float("inf"))
        super().close()

    def _report(self, now: float) -> None:
        """Write how many lines were left out in the periods that are over. [s]."""
        for kind in [kind for kind, begun in self._begun.items() if now >= begun + PERIOD]:
            del self._begun[kind]
            left_out = self._counts.pop(kind) - AT_MOST
            if left_out > 0:
                name, level, text = kind
                args = (Message("lines like this left out"), left_out, text)
                super().emit(logging.LogRecord(name, level, "", 0, "%s count=%d line=%s", args, None))
