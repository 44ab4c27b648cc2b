"""LateFinds: what late data turned out to have held; listed until a person has analysed it, and never an alarm."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from alarms.alarm import Acknowledgement
from alarms.command import Analyse, CommandRefusedError, Reason
from alarms.record import Record, event_body
from rules import Anomaly, Event


@dataclass(frozen=True, slots=True)
class LateFind:
    """One anomaly.

    Attributes
    ----------
    anomaly : Anomaly
        Its retrospective events; the id of the raise names it.
    found : int
        Log time at which it was recorded. [ns, UTC]
    analysed : Acknowledgement or None
        Who analysed it, and what came out.

    """

    anomaly: Anomaly
    found: int
    analysed: Acknowledgement | None = None


@dataclass(slots=True)
class LateFinds:
    """The fold of the records of kind `retrospective`; they touch no alarm and no ticket.

    Attributes
    ----------
    reviewed : int or None
        Arrival up to which late data was looked at. [ns, UTC]
    samples, events : int
        How many late samples were looked at, and how many events they gave.

    """

    _by_id: dict[str, LateFind] = field(default_factory=dict)
    reviewed: int | None = None
    samples: int = 0
    events: int = 0

    @property
    def by_id(self) -> Mapping[str, LateFind]:
        """All of them, in the order in which they were found."""
        return MappingProxyType(self._by_id)

    def bodies(self, anomalies: Iterable[Anomaly]) -> Iterator[dict[str, Any]]:
        """Yield the bodies of the records of what is new; each must be folded before the next."""
        for anomaly in anomalies:
            known = self._by_id.get(anomaly.raised.id)
            if known is None:
                yield self._body(anomaly.raised, anomaly)
            if anomaly.cleared is not None and (known is None or known.anomaly.cleared is None):
                yield self._body(anomaly.cleared, anomaly)

    def analysis(self, command: Analyse) -> dict[str, Any]:
        """Return the body of the record of a command.

        Raises
        ------
        CommandRefusedError
            There is no such anomaly, or it has been analysed.

        """
        found = self._by_id.get(command.found)
        if found is None:
            raise CommandRefusedError(Reason.UNKNOWN_FIND, f"{command.found}: nothing of that id was found late")
        if found.analysed is not None:
            raise CommandRefusedError(Reason.ANALYSED, f"{command.found}: {found.analysed.by} has analysed it")
        return {"change": "analyse", "find": command.found}

    def fold(self, record: Record) -> None:
        """Take the next record of kind `retrospective`."""
        body = record.body
        match body["change"]:
            case "review":
                self.reviewed = max(body["until"], self.reviewed or body["until"])
                self.samples += body["samples"]
            case "find":
                self.events += 1
                self._find(found_event(record), record)
            case "analyse":
                command = body["command"]
                seen = Acknowledgement(command["by"], record.time, command["note"])
                self._by_id[body["find"]] = replace(self._by_id[body["find"]], analysed=seen)

    def _body(self, event: Event, anomaly: Anomaly) -> dict[str, Any]:
        numbered = replace(event, seq=self.events + 1)
        told = {"change": "find", "find": anomaly.raised.id, "of": anomaly.of, "until": anomaly.until}
        return event_body(numbered) | told

    def _find(self, event: Event, record: Record) -> None:
        if event.transition == "raise":
            anomaly = Anomaly(event, None, record.body["of"], record.body["until"])
            self._by_id[event.id] = LateFind(anomaly, record.time)
        else:
            known = self._by_id[record.body["find"]]
            self._by_id[record.body["find"]] = replace(known, anomaly=replace(known.anomaly, cleared=event))


def found_event(record: Record) -> Event:
    """Return the retrospective event that a record of change `find` holds."""
    return Event(**{name: record.body[name] for name in Event.__slots__})
