"""Whatever happens, the fold of the journal is the live state, and a ticket closes only through all steps."""

from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alarms import (
    Accept,
    Acknowledge,
    AlarmSpec,
    Analyse,
    CommandRefusedError,
    IllegalTransitionError,
    Ledger,
    LedgerState,
    Record,
    Rectify,
    Refuse,
    Submit,
    TicketState,
)
from alarms.command import Command
from alarms.ticket import TICKET_TRANSITIONS
from plant import Level
from rules import Anomaly, late_id
from rules.engine.event import Event, Transition, event_id

ZONE = ZoneInfo("Asia/Shanghai")
START = 1_798_732_000_000_000_000  # 13 minutes before the year 2027 begins at the mine
CONDITIONS = ("a", "b", "stale:P", "gone")
SPECS = {
    name: AlarmSpec(condition=name, hazard_source="H", points=("P",), level=Level.ORANGE, ticket=name in "ab")
    for name in CONDITIONS[:3]
}
PEOPLE = st.sampled_from(("张三", "李四", "王五"))
KEYS = st.integers(0, 40).map(str)


class Shift(RuleBasedStateMachine):
    """Events and commands in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.live = Ledger(SPECS, ZONE)
        self.journal: list[tuple[int, int, str, str]] = []
        self.now = START
        self.stand: dict[str, int] = {}

    @rule(wait=st.integers(0, 400_000_000_000))
    def time_passes(self, wait: int) -> None:
        self.now += wait

    @rule()
    def run_starts(self) -> None:
        self._keep(self.live.start(self.now, "0123456789ab"))

    @rule(number=st.integers(0, 5), cleared=st.booleans(), samples=st.integers(0, 9))
    def late_data_is_reviewed(self, number: int, cleared: bool, samples: int) -> None:
        before = dict(self.live.alarms), dict(self.live.tickets)
        first = late_id(event_id("a", number, "raise", 0))
        told = (START + number, "H", "P", "a")
        raised = Event(0, first, *told, "raise", "orange", 1.0, 0.1, "GOOD", "0123456789ab")
        end = replace(raised, id=late_id(first, "clear"), transition="clear")
        anomaly = Anomaly(raised, end if cleared else None, None, START + number)
        known = self.live.late.by_id.get(raised.id)
        new = (known is None) + (cleared and (known is None or known.anomaly.cleared is None))
        records = self.live.review([anomaly], self.now, until=self.now, samples=samples)
        assert len(records) == new + 1
        assert (self.live.alarms, self.live.tickets) == before
        self._keep(records)

    @rule(chosen=st.lists(st.sampled_from(CONDITIONS), max_size=4), level=st.sampled_from(Level))
    def conditions_toggle(self, chosen: list[str], level: Level) -> None:
        events = []
        for seq, condition in enumerate(chosen, self.live.last_seq + 1):
            raised = self.stand.pop(condition, None)
            begun = seq if raised is None else raised
            if raised is None:
                self.stand[condition] = seq
            way: Transition = "raise" if raised is None else "clear"
            identity = event_id(condition, begun, way, 0)
            told = (seq, identity, self.now, "H", "P", condition, way, level.value, 1.0, 0.1)
            events.append(Event(*told, quality="GOOD", rules="0123456789ab"))
        self._keep(self.live.apply(events, self.now))

    @precondition(lambda self: self.live.alarms)
    @rule(choice=st.integers(0, 99), by=PEOPLE, key=KEYS)
    def acknowledge(self, choice: int, by: str, key: str) -> None:
        alarm = list(self.live.alarms.values())[choice % len(self.live.alarms)]
        self._command(Acknowledge(alarm=alarm.condition, episode=alarm.episode, by=by, key=key))

    @precondition(lambda self: self.live.tickets)
    @rule(choice=st.integers(0, 99), step=st.integers(0, 3), by=PEOPLE, key=KEYS, doubt=st.booleans())
    def work(self, choice: int, step: int, by: str, key: str, doubt: bool) -> None:
        number = list(self.live.tickets)[choice % len(self.live.tickets)]
        steps: list[Command] = [
            Rectify(ticket=number, responsible="李四", measures="m", by=by, key=key),
            Submit(ticket=number, by=by, key=key),
            Accept(ticket=number, by=by, key=key),
            Refuse(ticket=number, reason="r", by=by, key=key),
        ]
        self._command(steps[step], doubt=doubt)

    @precondition(lambda self: self.live.late.by_id)
    @rule(choice=st.integers(0, 99), by=PEOPLE, key=KEYS)
    def analyse(self, choice: int, by: str, key: str) -> None:
        find = list(self.live.late.by_id)[choice % len(self.live.late.by_id)]
        self._command(Analyse(found=find, note="n", by=by, key=key))

    def _command(self, command: Command, *, doubt: bool = False) -> None:
        before = self.live.last_number
        try:
            records = self.live.command(command, self.now, in_doubt={"P"} if doubt else set())
        except (CommandRefusedError, IllegalTransitionError):
            assert self.live.last_number == before
            return
        self._keep(records)
        assert self.live.command(command, self.now + 1, in_doubt={"P"}) == []

    def _keep(self, records: list[Record]) -> None:
        self.journal += [(made.number, made.time, made.kind, made.text()) for made in records]

    @invariant()
    def the_fold_of_the_journal_is_the_live_state(self) -> None:
        again = Ledger(SPECS, ZONE)
        for line in self.journal:
            again.fold(Record.read(*line))
        assert {name: value for name, value in vars(again).items() if name != "_specs"} == {
            name: value for name, value in vars(self.live).items() if name != "_specs"
        }
        assert again.standing_events() == self.live.standing_events()

    @invariant()
    def a_ledger_that_resumes_from_the_text_of_its_state_is_the_same(self) -> None:
        text = self.live.state().text()
        again = Ledger(SPECS, ZONE)
        again.resume(LedgerState.read(text))
        assert vars(again) == vars(self.live)
        assert again.state().text() == text

    @invariant()
    def what_stands_is_what_the_engine_says(self) -> None:
        assert {event.condition: event.seq for event in self.live.standing_events()} == self.stand

    @invariant()
    def a_ticket_took_every_step(self) -> None:
        for ticket in self.live.tickets.values():
            states = [line.state for line in ticket.history]
            assert states[0] is TicketState.REGISTERED
            for before, after in pairwise(states):
                assert after is before or after in TICKET_TRANSITIONS[before].values()
            if ticket.state is TicketState.CLOSED:
                assert set(states) == set(TicketState)
                assert ticket.history[-1].by not in ticket.rectifiers

    @invariant()
    def there_is_one_open_ticket_for_a_rule(self) -> None:
        still = [ticket.rule for ticket in self.live.tickets.values() if ticket.state is not TicketState.CLOSED]
        assert len(still) == len(set(still))


TestShift = Shift.TestCase
TestShift.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
