"""How long to wait before the next attempt to reach a device that is away."""

from typing import Final

FIRST: Final = 0.1
LONGEST: Final = 2.0


class Backoff:
    """Pauses that double from 0.1 s to 2 s, in real time: a device that comes back is found within two seconds."""

    def __init__(self, *, first: float = FIRST, longest: float = LONGEST) -> None:
        self._first: Final = first
        self._longest: Final = longest
        self._next = first

    def pause(self) -> float:
        """Return how long to wait now, and make the next pause twice as long. [s]."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return pause

    def reset(self) -> None:
        """Begin anew: the device answered."""
        self._next = self._first
