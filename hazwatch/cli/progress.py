"""Progress of long work, for people: one line that is written over, and nothing where no one watches."""

import sys
from collections.abc import Iterator
from typing import Final, TextIO

from hazwatch.live.clock import monotonic

EVERY: Final = 0.2
"""How often the line is written. [s]"""


class Progress:
    """Shows how much of the work is done, on standard error, where that is a terminal."""

    def __init__(self, label: str, total: int, stream: TextIO | None = None) -> None:
        self._label = label
        self._total = total
        self._stream = stream or sys.stderr
        self._next = monotonic() + EVERY
        self._shown = False

    def pieces(self, size: int) -> Iterator[slice]:
        """Cut the work into slices of `size`, and show how far it is after each."""
        for start in range(0, self._total, size):
            yield slice(start, min(start + size, self._total))
            self.show(min(start + size, self._total))
        self.clear()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")

    def show(self, done: int) -> None:
        """Write how much is done."""
        if not self._stream.isatty() or monotonic() < self._next:
            return
        self._next = monotonic() + EVERY
        self._shown = True
        self._stream.write(f"\r\x1b[K{self._label} {done / self._total:.0%}")
        self._stream.flush()
