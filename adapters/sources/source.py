"""The protocols `Source` and `Clock`: the border between the field protocols and the log."""

from collections.abc import AsyncGenerator
from typing import Protocol

from plant import SampleBatch


class Clock(Protocol):
    """The time of the log, real or scaled."""

    def now(self) -> int:
        """Return the time of the log. [ns, UTC]."""
        ...

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        ...


class Source(Protocol):
    """Something that yields samples until it is cancelled."""

    @property
    def name(self) -> str:
        """Id of the source in the site file."""
        ...

    @property
    def lost(self) -> int:
        """Number of samples since the start that the device, or this source, dropped because nothing took them."""
        ...

    def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield batches without arrival time; a lost connection is a batch of BAD quality, not an exception."""
        ...
