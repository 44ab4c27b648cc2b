"""The three machines beside an alarm's state in the second ledger: shelved, suppressed, out of service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.reference.ledger.alarm import Alarm
from tests.reference.ledger.watched import Suppression, Watched


class Service(NamedTuple):
    """An alarm is out of service until a time, by a permit."""

    until: int
    permit: str


@dataclass
class Hold:
    """Whether a suppression holds, the conditions by which it does, and when it ends if they stay clear."""

    spec: Suppression
    standing: set[str] = field(default_factory=set)
    holds: bool = False
    due: int | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event of one of its conditions."""
        if event["condition"] not in self.spec.when:
            return
        if event["transition"] == "raise":
            self.standing.add(event["condition"])
            self.holds, self.due = True, None
            return
        self.standing.discard(event["condition"])
        if not self.standing and self.spec.settle == 0:
            self.holds = False
        elif not self.standing:
            self.due = event["time"] + self.spec.settle


class Apart:
    """What is shelved, suppressed and out of service; an alarm that is in none of them is heard."""

    def __init__(self, watched: Watched, alarms: Mapping[str, Alarm]) -> None:
        self.unshelvable = watched.unshelvable
        self.alarms = alarms
        self.holds = [Hold(spec) for spec in watched.suppressions]
        self.shelved: dict[str, int | None] = {}
        self.suppressed: set[str] = set()
        self.service: dict[str, Service] = {}

    def holding(self) -> set[str]:
        """Return the alarms that are in one of the three."""
        return self.shelved.keys() | self.suppressed | self.service.keys()

    def in_any(self, name: str) -> bool:
        """Tell whether an alarm is in one of the three."""
        return name in self.shelved or name in self.suppressed or name in self.service

    def annunciated(self, alarm: Alarm) -> bool:
        """Tell whether an alarm is annunciated."""
        return alarm.state not in ("normal", "acked") and not self.in_any(alarm.name)

    def shelve(self, name: str, until: int | None) -> dict[str, Any]:
        """Shelve an alarm, or shelve it anew; return the body of the record."""
        change = "again" if name in self.shelved else "in"
        self.shelved[name] = until
        return {"alarm": name, "change": change, "until": until, "why": "command"}

    def unshelve(self, name: str, why: str) -> dict[str, Any]:
        """End a shelving; return the body of the record."""
        return {"alarm": name, "change": "out", "until": self.shelved.pop(name), "why": why}

    def take_out(self, name: str, service: Service) -> dict[str, Any]:
        """Take an alarm out of service, or once more; return the body of the record."""
        change = "again" if name in self.service else "in"
        self.service[name] = service
        return {"alarm": name, "change": change, "until": service.until, "permit": service.permit, "why": "command"}

    def put_back(self, name: str, why: str) -> dict[str, Any]:
        """Put an alarm back into service; return the body of the record."""
        service = self.service.pop(name)
        return {"alarm": name, "change": "out", "until": service.until, "permit": service.permit, "why": why}

    def shelving_after(self, alarm: Alarm, change: str) -> list[dict[str, Any]]:
        """End the shelving of an alarm that returned, or rose to a level that cannot be shelved."""
        if alarm.name in self.shelved and change == "return" and self.shelved[alarm.name] is None:
            return [self.unshelve(alarm.name, "returned")]
        if alarm.name in self.shelved and alarm.level in self.unshelvable:
            return [self.unshelve(alarm.name, "level")]
        return []

    def suppression_changes(self) -> list[dict[str, Any]]:
        """Look at every alarm; return the bodies of the records of those that go in or out."""
        bodies: list[dict[str, Any]] = []
        for name, alarm in self.alarms.items():
            by = [hold.spec.id for hold in self.holds if hold.holds and name in hold.spec.of]
            suppressed = bool(by) and alarm.level not in self.unshelvable
            if suppressed and name not in self.suppressed:
                self.suppressed.add(name)
                bodies.append({"alarm": name, "change": "in", "why": by[0]})
            elif not suppressed and name in self.suppressed:
                self.suppressed.discard(name)
                bodies.append({"alarm": name, "change": "out", "why": "level" if by else "settled"})
        return bodies
