"""LateFinds: the anomalies that late data held. Each is listed until a person has analysed it; none is an alarm."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from alarms.alarm import Acknowledgement
from alarms.command import Analyse, CommandRefusedError, Reason
from alarms.entries import LateAnalysis, LateEntry, LateEvent, LateReview
from plant import Message
from rules import Anomaly, Event


@dataclass(frozen=True, slots=True)
class LateFind:
    """One anomaly.

    Attributes
    ----------
    anomaly : Anomaly
        Its retrospective events; the id of the raise identifies it.
    found : int
        Log time at which it was recorded. [ns, UTC]
    analysed : Acknowledgement or None
        Person, time and result of the analysis.

    """

    anomaly: Anomaly
    found: int
    analysed: Acknowledgement | None = None


@dataclass(slots=True)
class LateFinds:
    """The fold of the entries about late data, which change no alarm and no ticket.

    Attributes
    ----------
    reviewed : int or None
        Arrival up to which late data was reviewed. [ns, UTC]
    samples, events : int
        Number of late samples that were reviewed, and of retrospective events.

    """

    _by_id: dict[str, LateFind] = field(default_factory=dict)
    reviewed: int | None = None
    samples: int = 0
    events: int = 0

    @property
    def by_id(self) -> Mapping[str, LateFind]:
        """All finds, in the order of their records."""
        return MappingProxyType(self._by_id)

    def resume(self, finds: Iterable[LateFind], reviewed: int | None, samples: int, events: int) -> None:
        """Go on from finds in the order of their records, and the three attributes."""
        self._by_id.update((find.anomaly.raised.id, find) for find in finds)
        self.reviewed, self.samples, self.events = reviewed, samples, events

    def news(self, anomalies: Iterable[Anomaly]) -> Iterator[LateEvent]:
        """Yield entries for the events that are new; fold each before the next, since it counts the events."""
        for anomaly in anomalies:
            known = self._by_id.get(anomaly.raised.id)
            if known is None:
                yield self._event(anomaly.raised, anomaly)
            # A later review may find the clear of an anomaly that is known without one.
            if anomaly.cleared is not None and (known is None or known.anomaly.cleared is None):
                yield self._event(anomaly.cleared, anomaly)

    def analysis(self, command: Analyse) -> LateAnalysis:
        """Return the entry that carries a command out.

        Raises
        ------
        CommandRefusedError
            There is no such anomaly, or it has been analysed.

        """
        find = self._by_id.get(command.found)
        if find is None:
            raise CommandRefusedError(
                Reason.UNKNOWN_FIND, Message("{find}: nothing of that id was found late", find=command.found)
            )
        if find.analysed is not None:
            message = Message("{find}: {person} has analysed it", find=command.found, person=find.analysed.by)
            raise CommandRefusedError(Reason.ANALYSED, message)
        return LateAnalysis(find=command.found, command=command)

    def fold(self, entry: LateEntry, time: int) -> None:
        """Fold the next entry, with the log time of its record. [ns, UTC]."""
        match entry:
            case LateReview():
                self.reviewed = max(entry.until, self.reviewed or entry.until)
                self.samples += entry.samples
            case LateEvent():
                self.events += 1
                self._find(entry, time)
            case LateAnalysis():
                seen = Acknowledgement(entry.command.by, time, entry.command.note)
                self._by_id[entry.find] = replace(self._by_id[entry.find], analysed=seen)

    def _event(self, event: Event, anomaly: Anomaly) -> LateEvent:
        # Late events have their own numbers: those of the live stream must stay without gaps.
        numbered = replace(event, seq=self.events + 1)
        return LateEvent(event=numbered, find=anomaly.raised.id, of=anomaly.of, until=anomaly.until)

    def _find(self, entry: LateEvent, time: int) -> None:
        if entry.event.transition == "raise":
            self._by_id[entry.find] = LateFind(Anomaly(entry.event, None, entry.of, entry.until), time)
        else:
            find = self._by_id[entry.find]
            self._by_id[entry.find] = replace(find, anomaly=replace(find.anomaly, cleared=entry.event))
