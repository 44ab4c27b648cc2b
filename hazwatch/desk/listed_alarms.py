"""`ListedAlarms`: the alarms that the page lists, each made into a view when it changes, and the levels that stand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from alarms import Ledger
from console import AlarmView, LimitView
from hazwatch.desk.alarms import alarm_view, is_shown
from hazwatch.desk.causes import AlarmCauses
from plant import Level


class ListedAlarms:
    """The listed alarms of a ledger."""

    # With tens of thousands of alarms, a look at all of them for each change would take the whole event loop.

    def __init__(self, ledger: Ledger, limits: Mapping[str, LimitView], causes: AlarmCauses) -> None:
        self._ledger: Final = ledger
        self._limits: Final = limits
        self._causes: Final = causes
        self._views: Final[dict[str, AlarmView]] = {}
        self._levels: Final[dict[str, tuple[str, Level]]] = {}
        self._standing: Final[Counter[tuple[str, Level]]] = Counter()
        self.renew(ledger.alarms)

    def __contains__(self, name: str) -> bool:
        """Whether the page lists an alarm."""
        return name in self._views

    def all(self) -> list[AlarmView]:
        """Return the views of the listed alarms; a view never changes, but is replaced."""
        return list(self._views.values())

    def some(self, names: Iterable[str]) -> list[AlarmView]:
        """Return the views of those of some alarms that are listed."""
        return [self._views[name] for name in names if name in self._views]

    def renew(self, names: Iterable[str]) -> list[AlarmView]:
        """Look at alarms that may have changed; return their views."""
        return [self._renewed(name) for name in names]

    def highest(self, hazard_source: str) -> Level | None:
        """Return the highest level that stands in a hazard source."""
        levels = (level for level in Level if self._standing[hazard_source, level])
        return min(levels, key=lambda level: level.rank, default=None)

    def _renewed(self, name: str) -> AlarmView:
        alarm = self._ledger.alarms[name]
        ticket = self._ledger.open_ticket(alarm.hazard_source, name)
        view = alarm_view(alarm, self._limits, ticket, self._causes.of(alarm))
        if is_shown(alarm):
            self._views[name] = view
        else:
            self._views.pop(name, None)
        if (before := self._levels.pop(name, None)) is not None:
            self._standing[before] -= 1
        if alarm.stands:
            self._levels[name] = alarm.hazard_source, alarm.level
            self._standing[self._levels[name]] += 1
        return view
