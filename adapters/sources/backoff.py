"""Pauses between attempts to reach an unreachable device."""

from typing import Final

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Backoff:
    """Pauses in real time that double from 0.1 s to 2 s, so a device that returns is read within two seconds."""

    def __init__(self, *, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._first: Final = first
        self._longest: Final = longest
        self._next = first

    def pause(self) -> float:
        """Return the pause before the next attempt, and double the one after it. [s]."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return pause

    def reset(self) -> None:
        """Start again with the shortest pause, because the device answered."""
        self._next = self._first
