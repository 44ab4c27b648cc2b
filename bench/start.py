"""Measures how long a start takes on a long journal, with and without the state: `python -m bench.start [records]`."""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from adapters.stores import Journal
from alarms import Accept, Acknowledge, Command, Ledger, Record, Rectify, Submit, Ticket, TicketState
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.handover import Unstored
from hazwatch.live.kept_ledger import compared
from hazwatch.live.resume import resumed
from hazwatch.site.alarm_specs import alarm_specs
from hazwatch.site.config import Config, load
from plant.units import SECOND
from rules import Event
from rules.engine.event import Transition, event_id
from tests import sites

POINTS: Final = 500
BEGIN: Final = 1_700_000_000 * SECOND
EVENTS_AT_ONCE: Final = 300
BEHIND: Final = 9_000
"""Records after the state: nearly as many as the engine lets come before it keeps a new one."""


def site() -> str:
    """Return a site of points with one limit each, half of which open tickets."""
    tables = [sites.HEAD]
    for number in range(POINTS):
        name = f"P{number}"
        tables.append(sites.point(name, resolution=0.01, stale_after="5m"))
        tables.append(sites.limit(f"{name}.alarm", name, high=1.0, level="orange", ticket=number % 2 == 0))
    return sites.text(*tables)


class Life:
    """Years of a mine: raises and clears, acknowledgements, and tickets that people work on."""

    def __init__(self, config: Config) -> None:
        self.ledger: Final = Ledger(alarm_specs(config), ZoneInfo(config.site.timezone))
        self.now = BEGIN
        self._source: Final = config.points.points[0].hazard_source
        self._version: Final = config.rules.version
        self._content: Final = config.rules.content
        self._rng: Final = random.Random(1)
        self._begun: Final[dict[str, int]] = {}

    def records(self, count: int) -> Iterator[list[Record]]:
        """Yield records until there are `count`."""
        yield self.ledger.adopt(self._version, self._content, None, self.now)
        yield self.ledger.start(self.now, self._version)
        while self.ledger.last_number < count:
            self.now += 60 * SECOND
            chosen = self._rng.sample(range(POINTS), EVENTS_AT_ONCE)
            yield self.ledger.apply([self._event(place, number) for place, number in enumerate(chosen, 1)], self.now)
            yield self._work()

    def _event(self, place: int, number: int) -> Event:
        condition = f"P{number}.alarm"
        raised = self._begun.pop(condition, None)
        way: Transition = "raise" if raised is None else "clear"
        if raised is None:
            self._begun[condition] = raised = self.now
        told = (self.ledger.last_seq + place, event_id(condition, raised, way, 0), self.now, self._source, f"P{number}")
        return Event(*told, condition, way, "orange", 1.2, 1.0, "GOOD", self._version)

    @property
    def _open(self) -> list[str]:
        rules = (f"P{number}.alarm" for number in range(0, POINTS, 2))
        opened = (self.ledger.open_ticket(self._source, rule) for rule in rules)
        return [number for number in opened if number is not None][:60]

    def _work(self) -> list[Record]:
        records: list[Record] = []
        key = f"key {self.ledger.last_number}"
        standing = [alarm for alarm in self.ledger.alarms.values() if alarm.state == "unacked"]
        for alarm in standing[:50]:
            seen = Acknowledge(alarm=alarm.condition, episode=alarm.episode, by="张三", key=f"{key} {alarm.condition}")
            records += self.ledger.command(seen, self.now, in_doubt=())
        for number in [*self._open]:
            for command in self._steps(self.ledger.tickets[number], f"{key} {number}"):
                records += self.ledger.command(command, self.now, in_doubt=())
        return records

    def _steps(self, ticket: Ticket, key: str) -> Iterator[Command]:
        """Yield what people do with a ticket: a shift rectifies it, and the next accepts it once the alarm is over."""
        number = ticket.number
        if ticket.state is TicketState.REGISTERED:
            yield Rectify(ticket=number, responsible="李四", measures="检查风筒", by="张三", key=f"{key} r")
            yield Submit(ticket=number, by="李四", key=f"{key} s")
        elif not self.ledger.alarms[ticket.rule].stands:
            yield Accept(ticket=number, by="王五", key=f"{key} a")


class Start(NamedTuple):
    """Time of a start [s] and largest memory of its process [MB]."""

    seconds: float
    memory: float


def start(path: Path) -> Start:
    """Start an engine in a folder as `hazwatch run` does, up to its pipeline."""
    config, folder = load(path / "site.toml"), DataFolder(path / "data")
    begun = time.perf_counter()
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(folder.journal))
        Unstored.of(folder, config.points.ids)
        resumed(config, folder, journal, (), BEGIN + 10**9 * SECOND)
        seconds = time.perf_counter() - begun
    return Start(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def in_a_process(path: Path) -> Start:
    """Return the measurement of a start in a fresh process."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(start, (path,))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        (path / "site.toml").write_text(site(), encoding="utf-8")
        folder = DataFolder(path / "data")
        life = Life(load(path / "site.toml"))
        with Journal(folder.journal) as journal:
            for records in life.records(count):
                journal.append(records)
            journal.append([]).result()
        size = folder.journal.stat().st_size / 1e6
        print(f"{life.ledger.last_number} records, {len(life.ledger.tickets)} tickets, {size:.0f} MB", flush=True)
        without = in_a_process(path)
        print(
            f"start from all records, which keeps a state: {without.seconds:.2f} s, {without.memory:.0f} MB", flush=True
        )
        with Journal(folder.journal) as journal:
            # The start recorded what came into force with it.
            for record in journal.read(life.ledger.last_number):
                life.ledger.fold(record)
            for records in life.records(life.ledger.last_number + BEHIND):
                journal.append(records)
            journal.append([]).result()
        state = folder.state.stat().st_size / 1e6
        for _ in range(3):
            started = in_a_process(path)
            print(f"start from a state of {state:.1f} MB: {started.seconds:.2f} s, {started.memory:.0f} MB", flush=True)
        begun = time.perf_counter()
        comparison = compared(folder)
        print(f"verifying and comparing afterwards: {time.perf_counter() - begun:.1f} s, differs={comparison.differs}")


if __name__ == "__main__":
    main()
