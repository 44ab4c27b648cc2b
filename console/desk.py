"""Desk: what the console may ask of the engine."""

from typing import Protocol

from alarms import Command
from console.views import ForecastView, SiteView, Snapshot, TrendView


class UnknownNameError(LookupError):
    """A point that the engine does not know."""


class NotDurableError(Exception):
    """A command was carried out, and could not be written to the disk yet."""


class Desk(Protocol):
    """The engine, as the console sees it. Called on the event loop; answers must be quick."""

    def now(self) -> int:
        """Return the engine's clock. [ms, UTC]."""
        ...

    def site(self) -> SiteView:
        """Return what the site file says."""
        ...

    def snapshot(self) -> Snapshot:
        """Return the present, as one consistent picture."""
        ...

    async def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        """Return the samples of a point in [start, end], times in ms; UnknownNameError for an unknown point."""
        ...

    async def forecasts(self, point: str) -> list[ForecastView]:
        """Return one for each `projected` alarm of a point that stands; UnknownNameError for an unknown point."""
        ...

    async def command(self, command: Command) -> None:
        """Carry a command out, journal included; the same key again does nothing.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            Nothing has changed; the text says why.
        NotDurableError
            It counts, and is written when that is possible again; a crash before that would lose it.

        """
        ...
