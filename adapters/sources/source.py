"""The protocols `Source` and `Clock`: the border between the field protocols and the log."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from plant import Gap, Message, SampleBatch

MOST_WAITING: Final = 64
"""Largest number of undelivered batches. Beyond it a source stops asking, and the queues of its device fill."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a source knows about itself, besides its samples.

    Attributes
    ----------
    gaps : tuple of Gap
        The newest gaps since the start, the newest last.
    revised : tuple of Message
        What the device does otherwise than it was asked to.
    trouble : Message or None
        Why the link brings nothing at present; None while it stands.
    skew : int or None
        How far the clock of the device is ahead of this machine's, by the times of its answers; None if it does not
        say the time. [ns]
    warnings : tuple of Message
        What will keep the device from being read some day, and what the site file tolerates.

    """

    gaps: tuple[Gap, ...] = ()
    revised: tuple[Message, ...] = ()
    trouble: Message | None = None
    skew: int | None = None
    warnings: tuple[Message, ...] = ()


class Clock(Protocol):
    """The time of the log, real or scaled."""

    def now(self) -> int:
        """Return the time of the log. [ns, UTC]."""
        ...

    async def sleep(self, duration: int) -> None:
        """Wait for a duration of this clock's time. [ns]."""
        ...


class Installation(NamedTuple):
    """What a source uses of the machine besides its network.

    Attributes
    ----------
    certificates : Path
        The folder of certificates, unless the site file names another.
    wall : callable
        Returns the time of the machine, by which certificates are judged whatever the log's time is. [ns, UTC]
    memory : Path or None
        The folder in which a source keeps what it needs after a restart; None if it keeps nothing.

    """

    certificates: Path
    wall: Callable[[], int]
    memory: Path | None = None


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

    @property
    def report(self) -> SourceReport:
        """The gaps in what was delivered, and what there is to say about the device."""
        ...

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Take the last sample that is stored of each point, before the first batch is awaited.

        A source that can, delivers what the device recorded since. The rate is that of the rows before. [1/s].
        """
        ...

    def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield batches without arrival time; a lost connection is a batch of BAD quality, not an exception."""
        ...
