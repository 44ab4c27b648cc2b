"""`Desk`: the interface of the engine to the console."""

from collections.abc import Iterable
from typing import Protocol

from alarms import Command
from console.views import (
    AlarmView,
    ForecastView,
    PointCountsView,
    Reading,
    SiteView,
    SnapshotView,
    SourcesView,
    TicketLines,
    TrendView,
)


class UnknownNameError(LookupError):
    """The engine does not know the point, the source or the ticket."""


# The command is not undone: nobody must have to acknowledge an alarm twice because a disk is full.
class NotDurableError(Exception):
    """The command took effect, but is not on disk yet."""


class BusyError(Exception):
    """The desk has too much to do; the query may be repeated."""


class Desk(Protocol):
    """The engine as the console sees it. Its methods run on the event loop, so they must return quickly."""

    def now(self) -> int:
        """Return the engine's clock. [ms, UTC]."""
        ...

    def site(self) -> SiteView:
        """Return the contents of the site file."""
        ...

    def snapshot(self) -> SnapshotView:
        """Return a consistent snapshot of the present."""
        ...

    def sources(self) -> SourcesView:
        """Return how complete and how timely the sources are."""
        ...

    def source_points(self, source: str) -> list[PointCountsView]:
        """Return the points of a source that lack most; raise UnknownNameError for an unknown source."""
        ...

    def some_alarms(self, names: Iterable[str]) -> list[AlarmView]:
        """Return the views of those of some alarms that the page lists at present."""
        ...

    def readings_of(self, points: Iterable[str]) -> list[Reading]:
        """Return the readings of points of the site."""
        ...

    async def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        """Return the samples of a point in [start, end]; raise UnknownNameError for an unknown point. [ms, UTC]."""
        ...

    async def forecasts(self, point: str) -> list[ForecastView]:
        """Return a forecast per active `projected` alarm of a point; raise UnknownNameError for an unknown point."""
        ...

    async def ticket_lines(self, ticket: str, before: int | None) -> TicketLines:
        """Return lines of a ticket's history, those before a record; raise UnknownNameError for an unknown ticket."""
        ...

    async def command(self, command: Command) -> None:
        """Execute a command and record it in the journal; a repeated key has no effect.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            Nothing changed; the text names the reason.
        NotDurableError
            The command took effect and will be written as soon as possible; a crash before that loses it.

        """
        ...
