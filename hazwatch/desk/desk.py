"""The desk of a running engine: answers the console from the pipeline's state, and publishes changes."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from logging import getLogger
from typing import Final
from zoneinfo import ZoneInfo

from adapters.sources.registry import PROTOCOLS
from adapters.stores import HistoryReader, JournalWriteError
from alarms import AlarmActivation, AlarmEntry, Command, LateAnalysis, LateEvent, Record, TicketEntry
from console import (
    AlarmView,
    Change,
    ForecastView,
    FoundView,
    HazardSourceState,
    Hub,
    LevelName,
    LinkView,
    NotDurableError,
    Notice,
    PointCountsView,
    Reading,
    SiteView,
    SnapshotView,
    SourcesView,
    TicketLines,
    TicketView,
    TrendView,
    UnknownNameError,
)
from hazwatch.desk.alarms import found_view, ticket_lines, ticket_view
from hazwatch.desk.causes import AlarmCauses
from hazwatch.desk.completeness import SourceCompleteness
from hazwatch.desk.lane import Lane
from hazwatch.desk.listed_alarms import ListedAlarms
from hazwatch.desk.past import PointPast
from hazwatch.desk.past_causes import PastCauses
from hazwatch.desk.readings import PointReadings
from hazwatch.desk.rules import ConditionViews, site_view
from hazwatch.desk.source_troubles import SourceTroubles
from hazwatch.desk.stores import store_troubles
from hazwatch.live.runtime import Runtime
from hazwatch.site.config import Config
from hazwatch.words.causes import CAUSE_NOT_KEPT
from plant import Message, SourceSpec, Text
from plant.units import DAY, MS
from rules import TEN_MINUTES, Limit

logger = getLogger(__name__)

REFRESH: Final = 0.25
"""Time between two looks for changed readings. [s]"""
MOST_FOUND: Final = 200
"""Largest number of late finds on the page; the journal has all."""
MOST_RECALLED: Final = 500
"""Largest number of faults whose causes are looked for in the history. [1]"""
JITTER: Final = 500
"""Change of a clock's skew below which the page keeps the old number. [ms]"""
# The skew of a sound clock varies with every batch; a delta four times a second would only make the number flicker.
StandingNotices = Callable[[], Mapping[str, tuple[LevelName, Text]]]
"""Returns level and text of notices that others decide on, by name."""
LONG_PERIOD: Final = 2 * DAY
"""Length of a period from which on it is a long one. [ns]"""


class LiveDesk:
    """Implements `console.Desk` on a Runtime; everything but history queries runs on the loop that owns the state."""

    def __init__(
        self, config: Config, runtime: Runtime, hub: Hub, history: HistoryReader, standing: StandingNotices = dict
    ) -> None:
        self._config: Final = config
        self._runtime: Final = runtime
        self._ledger: Final = runtime.pipeline.ledger
        self._hub: Final = hub
        self._history: Final = history
        self._site: Final = site_view(config, self._ledger.rules, self._ledger.presentation)
        self._zone: Final = ZoneInfo(config.site.timezone)
        self._views: Final = ConditionViews(config)
        self._readings: Final = PointReadings(config.points, runtime)
        self._causes: Final = AlarmCauses(config.points, lambda: self._readings.seen, self._readings.fresh)
        self._alarms: Final = ListedAlarms(self._ledger, self._views, self._causes)
        self._troubles: Final = SourceTroubles(config, runtime)
        self._completeness: Final = SourceCompleteness(config, runtime)
        # Long periods have a lane of their own, so that the curves that a dispatcher looks at do not wait for them.
        self._lanes: Final = {False: Lane(), True: Lane()}
        now, journal = runtime.clock.now, runtime.journal.path
        self._past: Final = PointPast(config, now, history, self._views, journal)
        self._raises: Final[deque[int]] = deque()
        self._links: dict[str, LinkView] = {}
        self._notices: dict[str, Notice] = {}
        self._standing: Final = standing
        self._withdrawn: Final[list[str]] = []

    def now(self) -> int:
        """Return the engine's clock. [ms, UTC]."""
        return self._runtime.clock.now() // MS

    def site(self) -> SiteView:
        """Return the contents of the site file."""
        return self._site

    def snapshot(self) -> SnapshotView:
        """Return a consistent snapshot of the present."""
        self._readings.renew()
        self._watch()
        finds = self._ledger.late.by_id
        return {
            "now": self.now(),
            "hazard_sources": self._hazard_sources(),
            "alarms": self._alarms.all(),
            "tickets": [ticket_view(ticket) for ticket in self._ledger.open_tickets],
            "found": self._found(name for name, find in finds.items() if find.analysed is None),
            "sources": list(self._links.values()),
            "notices": list(self._notices.values()),
            "annunciated": self._annunciated(),
        }

    def sources(self) -> SourcesView:
        """Return how complete and how timely the sources are."""
        return self._completeness.sources()

    def source_points(self, source: str) -> list[PointCountsView]:
        """Return the points of a source that lack most."""
        if all(spec.id != source for spec in self._config.sources):
            raise UnknownNameError(Message("no source {source!r}", source=source))
        return self._completeness.points(source)

    def some_alarms(self, names: Iterable[str]) -> list[AlarmView]:
        """Return the views of those of some alarms that the page lists at present."""
        return self._alarms.some(names)

    def readings_of(self, points: Iterable[str]) -> list[Reading]:
        """Return the readings of points of the site."""
        return self._readings.of(points)

    async def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        """Return the samples of a point. [start, end: ms, UTC]."""
        if point not in self._config.points:
            raise UnknownNameError(Message("no point {point!r}", point=point))
        async with self._lanes[(end - start) * MS > LONG_PERIOD].turn():
            return await asyncio.to_thread(self._past.trend, point, start * MS, end * MS, pixels)

    async def forecasts(self, point: str) -> list[ForecastView]:
        """Return a forecast for each active `projected` alarm of a point."""
        if point not in self._config.points:
            raise UnknownNameError(Message("no point {point!r}", point=point))
        limits = [limit for limit in self._config.rules.limits if limit.point == point and self._warns(limit)]
        if not limits:
            return []
        column = self._config.points.column(point)
        readings = self._runtime.pipeline.engine.readings()
        # The kernel's columns belong to this loop, so they are read here; the thread below reads only the history.
        until, doubt = max(self._runtime.clock.now(), int(readings.time[column])), bool(readings.in_doubt[column])
        async with self._lanes[False].turn():
            return await asyncio.to_thread(self._past.forecasts, limits, point, until, doubt=doubt)

    async def ticket_lines(self, ticket: str, before: int | None) -> TicketLines:
        """Return lines of a ticket's history, those before a record."""
        known = self._ledger.tickets.get(ticket)
        if known is None:
            raise UnknownNameError(Message("{ticket}: there is no such ticket", ticket=ticket))
        return ticket_lines(known, before)

    async def command(self, command: Command) -> None:
        """Execute a command and record it in the journal."""
        try:
            await self._runtime.command(command)
        except JournalWriteError as error:
            raise NotDurableError(str(error)) from error

    def publish(self, records: Sequence[Record]) -> None:
        """Publish the changes of records that are in the journal on disk."""
        alarms: dict[str, None] = {}
        tickets: dict[str, TicketView] = {}
        for record in records:
            entry = record.entry
            if isinstance(entry, AlarmEntry):
                alarms[entry.alarm] = None
                if isinstance(entry, AlarmActivation):
                    self._raises.append(record.time)
            elif isinstance(entry, TicketEntry):
                ticket = self._ledger.tickets[entry.ticket]
                tickets[ticket.number] = ticket_view(ticket)
                if ticket.rule in self._ledger.alarms:
                    alarms[ticket.rule] = None
        self._readings.renew()
        views = self._alarms.renew(alarms)
        change: Change = {"hazard_sources": self._hazard_sources(), "annunciated": self._annunciated()}
        if views:
            change["alarms"] = views
        if tickets:
            change["tickets"] = list(tickets.values())
        self._hub.publish(change | self._found_change(records))

    async def refresh(self) -> None:
        """Publish readings, links and notices as they change, until cancelled."""
        shown: tuple[object, ...] = ()
        while True:
            await asyncio.sleep(REFRESH)
            readings, suspects = self._readings.refresh(self._hub.shown)
            self._hub.read(readings)
            self._watch()
            change: Change = {}
            state = (self._hazard_sources(), list(self._links.values()), list(self._notices.values()))
            annunciated = self._annunciated()
            if (*state, annunciated) != shown:
                change = {"hazard_sources": state[0], "sources": state[1], "notices": state[2]}
                over = [name for name in self._withdrawn if name not in self._notices]
                change |= {"annunciated": annunciated, "withdrawn": over}
                self._withdrawn.clear()
                shown = (*state, annunciated)
            # The readings give some alarms another cause.
            caused = [name for name in self._causes.refresh(suspects) if name in self._alarms]
            if caused:
                change["alarms"] = self._alarms.renew(caused)
            if change and self._hub.clients:
                self._hub.publish(change)

    async def recall(self) -> None:
        """Find in the history the causes of faults that began before the start, and publish them."""
        past = PastCauses(self._config.points, self._causes.inputs, self._history)
        shown = [self._ledger.alarms[view["id"]] for view in self._alarms.all()]
        for alarm in [alarm for alarm in shown if self._causes.of(alarm) is CAUSE_NOT_KEPT][-MOST_RECALLED:]:
            cause = await asyncio.to_thread(past.of, alarm)
            if cause is not None and self._causes.recall(alarm, cause):
                self._hub.publish({"alarms": self._alarms.renew([alarm.condition])})

    def _found_change(self, records: Sequence[Record]) -> Change:
        entries = (record.entry for record in records)
        names = dict.fromkeys(entry.find for entry in entries if isinstance(entry, LateEvent | LateAnalysis))
        return {"found": self._found(names)} if names else {}

    def _found(self, names: Iterable[str]) -> list[FoundView]:
        """Return the views of the newest late finds."""
        return [found_view(self._ledger.late.by_id[name], self._views) for name in list(names)[-MOST_FOUND:]]

    def _warns(self, limit: Limit) -> bool:
        alarm = self._ledger.alarms.get(limit.id)
        return limit.looks_ahead and alarm is not None and alarm.stands

    def _hazard_sources(self) -> list[HazardSourceState]:
        doubtful = self._readings.doubtful()
        levels = ((source.id, self._alarms.highest(source.id)) for source in self._config.hazard_sources)
        return [
            {"id": name, "level": None if level is None else level.value, "doubtful": doubtful.get(name, 0)}
            for name, level in levels
        ]

    def _annunciated(self) -> int:
        since = self._runtime.clock.now() - TEN_MINUTES
        while self._raises and self._raises[0] < since:
            self._raises.popleft()
        return len(self._raises)

    def _watch(self) -> None:
        """Update links and notices from the sources, their clocks and the stores."""
        stores = store_troubles(self._runtime.troubles(), self._history.damages, self._zone)
        troubles = {**self._standing(), **stores}
        runtime = self._runtime
        runtime.watch.scans.look(runtime.arrivals, runtime.watch.counts.begun, runtime.clock.now())
        self._links.update({source.id: self._link(source) for source in self._config.sources})
        troubles |= self._troubles.all({name: link["skew"] for name, link in self._links.items()})
        for name in self._notices.keys() - troubles.keys():
            del self._notices[name]
            self._withdrawn.append(name)
        for name, (level, message) in troubles.items():
            if name not in self._notices and level == "yellow":
                logger.warning("%s", message)
            since = self._notices[name]["since"] if name in self._notices else self.now()
            self._notices[name] = {"id": name, "level": level, "message": message, "since": since}

    def _link(self, source: SourceSpec) -> LinkView:
        connected, fresh = self._readings.connected(source.id), self._readings.fresh(source.id)
        known = self._links.get(source.id)
        is_as_before = known is not None and (known["connected"], known["fresh"]) == (connected, fresh)
        since = known["since"] if known is not None and is_as_before else self.now()
        has_clock = source.time == "source" and PROTOCOLS[source.protocol].tells_time
        skew = self._runtime.watch.skew(source.id) if has_clock else None
        shown = None if known is None else known["skew"]
        if shown is None or skew is None or abs(skew // MS - shown) > max(JITTER, abs(shown) // 10):
            shown = None if skew is None else skew // MS
        return {
            "id": source.id,
            "protocol": source.protocol,
            "connected": connected,
            "fresh": fresh,
            "since": since,
            "skew": shown,
        }
