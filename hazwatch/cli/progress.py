"""Shows the progress of long work in one line that is overwritten, and only on a terminal."""

import sys
from collections.abc import Iterator
from typing import Final, TextIO

from hazwatch.live.clock import monotonic

THOUSANDTHS: Final = 1000
"""Total of work that is known by its share alone."""
UPDATE_EVERY: Final = 0.2
"""Time between two updates of the line. [s]"""


class Progress:
    """The share of the work that is done, on standard error if that is a terminal."""

    def __init__(self, label: str, total: int = THOUSANDTHS, stream: TextIO | None = None) -> None:
        self._label = label
        self._total = total
        self._stream = stream or sys.stderr
        self._next = monotonic() + UPDATE_EVERY
        self._shown = False

    def pieces(self, size: int) -> Iterator[slice]:
        """Yield the work in slices of `size`, and show the progress after each."""
        for start in range(0, self._total, size):
            yield slice(start, min(start + size, self._total))
            self.show(min(start + size, self._total))
        self.clear()

    def show_share(self, share: float) -> None:
        """Write the share of the work that is done, from 0 to 1."""
        self.show(round(share * self._total))

    def clear(self) -> None:
        """Erase the line."""
        if self._shown:
            self._stream.write("\r\x1b[K")

    def show(self, done: int) -> None:
        """Write the share of the work that is done."""
        if not self._stream.isatty() or monotonic() < self._next:
            return
        self._next = monotonic() + UPDATE_EVERY
        self._shown = True
        self._stream.write(f"\r\x1b[K{self._label} {done / self._total:.0%}")
        self._stream.flush()
