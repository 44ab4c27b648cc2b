"""`Bucket` and `Pace`: how much one client may ask for in a time."""

from collections import OrderedDict
from typing import Final

from console.limits import MOST_BUCKETS


class Bucket:
    """Fills with time up to its size; whoever takes more than is in it is too fast."""

    __slots__ = ("_at", "_inside", "_rate", "_size")

    def __init__(self, rate: float, size: float) -> None:
        self._rate: Final = rate
        self._size: Final = size
        self._inside = size
        self._at: float | None = None

    def take(self, amount: float, now: float) -> bool:
        """Take an amount, if it is there. [now: s, monotonic]."""
        if self._at is not None:
            self._inside = min(self._size, self._inside + (now - self._at) * self._rate)
        self._at = now
        if self._inside < amount:
            return False
        self._inside -= amount
        return True


class Pace:
    """A bucket for each client; the client that was silent for longest is forgotten first."""

    def __init__(self, rate: float, size: float) -> None:
        self._rate: Final = rate
        self._size: Final = size
        self._buckets: Final[OrderedDict[str, Bucket]] = OrderedDict()

    def allows(self, client: str, now: float) -> bool:
        """Count a request of a client; return whether it is within its pace. [now: s, monotonic]."""
        bucket = self._buckets.setdefault(client, Bucket(self._rate, self._size))
        self._buckets.move_to_end(client)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket.take(1.0, now)
