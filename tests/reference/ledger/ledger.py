"""The second ledger, written from the specification alone: events, ticks and commands in, records out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.reference.ledger.alarm import Alarm
from tests.reference.ledger.apart import Apart, Service
from tests.reference.ledger.notices import Happening, Notices, Waiting, speaks_of
from tests.reference.ledger.refusals import named, refusal, without_defaults
from tests.reference.ledger.ticket import Ticket
from tests.reference.ledger.ticket_book import TicketBook, stay
from tests.reference.ledger.watched import Watched

NOTEWORTHY: Final = ("activate", "escalate", "realarm", "return")
"""Changes of an alarm of which a notice may speak."""
NOTICED: Final = {"open": "opened", "supervise": "supervised"}
"""What notices call changes of a ticket, where that is another word."""


class Ledger:
    """Feed it the entries of the log in their order, read its records; `doubted` tells whether a point is in doubt."""

    def __init__(self, site: Mapping[str, Any], doubted: Callable[[str], bool] = lambda point: False) -> None:
        self.watched = Watched(site)
        self.doubted = doubted
        self.alarms = {name: Alarm(name, rules) for name, rules in self.watched.alarms.items()}
        self.apart = Apart(self.watched, self.alarms)
        self.notices = Notices(self.watched.notices)
        self.book = TicketBook(self.watched)
        self.tickets = self.book.tickets
        self.keys: dict[str, Mapping[str, Any]] = {}
        self.records: list[dict[str, Any]] = []
        self.written = 0
        self.now = 0
        self.happenings: list[Happening] = []

    # entries of the log

    def event(self, now: int, event: Mapping[str, Any]) -> None:
        """Take an event of the engine, brought about by an entry of time `now`."""
        self._begin(now)
        self._write("event", event)
        alarm = self.alarms[self.watched.rules[event["condition"]].alarm]
        body = alarm.take(event)
        self._alarm(alarm, body)
        self._write_all("shelving", self.apart.shelving_after(alarm, body["change"]))
        for hold in self.apart.holds:
            hold.take(event)
        self._write_all("suppression", self.apart.suppression_changes())
        self._leave()
        for ticket, change in self.book.after(now, alarm, event):
            self._ticket(ticket, change)
        self._end(event["time"])

    def tick(self, now: int) -> None:
        """Fire every timer that is due, after the events of the tick."""
        while (timer := min((timer for timer in self._timers() if timer[0] <= now), default=None)) is not None:
            self._begin(now)
            FIRE[timer[1]](self, timer)
            self._end(timer[0])

    def command(self, now: int, command: Mapping[str, Any]) -> str | None:
        """Take a command that entered at a time; return why it was refused."""
        content = {name: value for name, value in command.items() if name != "time"}
        reason = refusal(self, now, content)
        if reason == "repeated":
            return None
        self._begin(now)
        if reason is not None:
            body = {"key": content.get("key"), "reason": reason}
            self.records.append({"number": None, "time": now, "kind": "refused", "body": body})
            return reason
        self.keys[content["key"]] = without_defaults(content)
        if "ticket" in content:
            ticket = self.tickets[content["ticket"]]
            self._ticket(ticket, ticket.take(now, content) | {"command": content})
        else:
            COMMANDS[content["command"]](self, content)
        self._leave()
        self._end(now)
        return None

    def in_doubt(self, alarm: Alarm) -> bool:
        """Tell whether all points of an alarm are in doubt; those of a vote are the points of its members."""
        return all(self.doubted(point) for rule in alarm.rules for point in self.watched.points_of(rule.id))

    # one step: its records, what leaves, the notices

    def _begin(self, now: int) -> None:
        self.now = now
        self.apart_before = self.apart.holding()
        self.happenings = []

    def _write(self, kind: str, body: Mapping[str, Any]) -> None:
        self.written += 1
        self.records.append({"number": self.written, "time": self.now, "kind": kind, "body": dict(body)})

    def _write_all(self, kind: str, bodies: list[dict[str, Any]]) -> None:
        for body in bodies:
            self._write(kind, body)

    def _alarm(self, alarm: Alarm, body: dict[str, Any]) -> None:
        self._write("alarm", body)
        if body["change"] in NOTEWORTHY:
            level = alarm.level if alarm.stands else alarm.highest
            self.happenings.append(Happening(body["change"], alarm.name, alarm.episode, level, alarm.hazard_source))

    def _leave(self) -> None:
        """Annunciate or forget the alarms that went out of the last of the three machines."""
        for name, alarm in self.alarms.items():
            if name in self.apart_before and not self.apart.in_any(name):
                if alarm.stands:
                    self._alarm(alarm, alarm.go("annunciate"))
                elif alarm.state == "rtn_unacked":
                    self._alarm(alarm, alarm.go("forget"))

    def _end(self, time: int) -> None:
        """Write the notices, and see which alarms wait for an acknowledgement since `time`."""
        for happening in self.happenings:
            alarm = self.alarms.get(happening.of)
            if alarm is None or self.apart.annunciated(alarm):
                self._write_all("notice", list(self.notices.of(happening)))
        for name, alarm in self.alarms.items():
            waiting = self.notices.waiting.get(name)
            if alarm.state != "unacked" or self.apart.in_any(name):
                self.notices.waiting.pop(name, None)
            elif waiting is None or waiting.episode != alarm.episode:
                self.notices.waiting[name] = Waiting(time, alarm.episode)

    # tickets

    def _ticket(self, ticket: Ticket, body: dict[str, Any]) -> None:
        self._write("ticket", body)
        change = body["change"]
        if ticket.state == "closed" and change in ("accept", "write_off"):
            change = "closed"
        word = NOTICED.get(change, change)
        self.happenings.append(Happening(word, ticket.number, None, ticket.level, ticket.hazard_source))

    # timers, as (due, kind, number of what it is about, more)

    def _timers(self) -> Iterator[tuple[int, int, int, int]]:
        for number, (name, alarm) in enumerate(self.alarms.items()):
            if alarm.realarm_due is not None:
                yield alarm.realarm_due, 0, number, 0
            if (until := self.apart.shelved.get(name)) is not None:
                yield until, 1, number, 0
            if name in self.apart.service:
                yield self.apart.service[name].until, 3, number, 0
            yield from ((due, 5, number, spec) for due, spec in self.notices.due(name))
        for number, hold in enumerate(self.apart.holds):
            if hold.due is not None:
                yield hold.due, 2, number, 0
        for number, ticket in enumerate(self.tickets.values()):
            if ticket.overdue_at is not None:
                yield ticket.overdue_at, 4, number, 0

    def _alarm_number(self, timer: tuple[int, int, int, int]) -> Alarm:
        return list(self.alarms.values())[timer[2]]

    def _realarm(self, timer: tuple[int, int, int, int]) -> None:
        alarm = self._alarm_number(timer)
        self._alarm(alarm, alarm.go("realarm"))

    def _shelving_over(self, timer: tuple[int, int, int, int]) -> None:
        self._write("shelving", self.apart.unshelve(self._alarm_number(timer).name, "time"))
        self._leave()

    def _settled(self, timer: tuple[int, int, int, int]) -> None:
        hold = self.apart.holds[timer[2]]
        hold.holds, hold.due = False, None
        self._write_all("suppression", self.apart.suppression_changes())
        self._leave()

    def _service_over(self, timer: tuple[int, int, int, int]) -> None:
        self._write("service", self.apart.put_back(self._alarm_number(timer).name, "time"))
        self._leave()

    def _overdue(self, timer: tuple[int, int, int, int]) -> None:
        ticket = list(self.tickets.values())[timer[2]]
        ticket.overdue += 1
        self._ticket(ticket, stay(ticket, "overdue", count=ticket.overdue))

    def _unacked(self, timer: tuple[int, int, int, int]) -> None:
        alarm, spec = self._alarm_number(timer), self.notices.specs[timer[3]]
        self.notices.waiting[alarm.name].count[spec.id] += 1
        happening = Happening("unacked", alarm.name, alarm.episode, alarm.level, alarm.hazard_source)
        if speaks_of(spec, happening):
            self._write("notice", self.notices.body(spec, happening))

    # commands

    def _acknowledge(self, command: Mapping[str, Any]) -> None:
        alarm = self.alarms[command["alarm"]]
        self._alarm(alarm, alarm.go("acknowledge") | {"command": command})
        if alarm.state == "acked" and alarm.realarm_after is not None:
            alarm.realarm_due = self.now + alarm.realarm_after

    def _reset(self, command: Mapping[str, Any]) -> None:
        alarm = self.alarms[command["alarm"]]
        self._alarm(alarm, alarm.go("reset") | {"command": command})

    def _shelve(self, command: Mapping[str, Any]) -> None:
        until = None if command.get("once") else self.now + command["duration"]
        self._write("shelving", self.apart.shelve(command["alarm"], until) | {"command": command})

    def _unshelve(self, command: Mapping[str, Any]) -> None:
        self._write("shelving", self.apart.unshelve(command["alarm"], "command") | {"command": command})

    def _take_out(self, command: Mapping[str, Any]) -> None:
        service = Service(command["until"], command["permit"])
        for name in named(self, command):
            self._write("service", self.apart.take_out(name, service) | {"command": command})

    def _put_back(self, command: Mapping[str, Any]) -> None:
        for name in named(self, command):
            if name in self.apart.service:
                self._write("service", self.apart.put_back(name, "command") | {"command": command})

    def _register(self, command: Mapping[str, Any]) -> None:
        self._ticket(*self.book.register(self.now, command))


FIRE: Final[Mapping[int, Callable[[Ledger, tuple[int, int, int, int]], None]]] = dict(
    enumerate(
        (
            Ledger._realarm, Ledger._shelving_over, Ledger._settled, Ledger._service_over, Ledger._overdue,
            Ledger._unacked,
        )
    )
)  # fmt: skip
"""What a timer does, by the number of its kind."""
COMMANDS: Final[Mapping[str, Callable[[Ledger, Mapping[str, Any]], None]]] = {
    "acknowledge": Ledger._acknowledge,
    "reset": Ledger._reset,
    "shelve": Ledger._shelve,
    "unshelve": Ledger._unshelve,
    "take_out": Ledger._take_out,
    "put_back": Ledger._put_back,
    "register": Ledger._register,
}
