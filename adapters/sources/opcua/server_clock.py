"""`ServerClock`: how far the clock of a server is ahead, by the times at which it says it sent its answers."""

from typing import Final

from plant.units import MINUTE

CLOCK_PERIOD: Final = MINUTE // 2
"""Length of each of the two periods whose quickest answer counts. [ns]"""


class ServerClock:
    """The clock of one server.

    An answer arrives after it was sent, so its time minus this machine's is at most the lead of the server's clock. The
    quickest answer of a period comes nearest.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._before: int | None = None
        self._now: int | None = None

    @property
    def skew(self) -> int | None:
        """How far the clock is ahead; None before the first answer that says when it was sent. [ns]."""
        known = [skew for skew in (self._before, self._now) if skew is not None]
        return max(known, default=None)

    def heard(self, sent: int | None, now: int) -> None:
        """Take the time of an answer, and this machine's. [ns, UTC]."""
        if sent is None:
            return
        if self._now is None or now >= self._begun + CLOCK_PERIOD:
            self._before, self._now, self._begun = self._now, sent - now, now
        else:
            self._now = max(self._now, sent - now)
