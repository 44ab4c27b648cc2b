"""A ledger goes on behind records that are lost: what depends on them is left out, and nothing is invented."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alarms import AlarmSpec, Ledger, Record, RulesAdoption, TicketChange, TicketOpening
from plant import Level
from rules import Event
from tests.alarms.kept_journal import LINES, record_of, state_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECORDS = [record_of(line) for line in LINES]


def folded(*lost: int) -> Ledger:
    spec = AlarmSpec(condition="new", hazard_source="gas", points=("T1",), level=Level.RED, ticket=True)
    ledger = Ledger({"new": spec}, SHANGHAI)
    for record in RECORDS:
        if record.number in lost:
            ledger.skip(record.number)
        else:
            ledger.fold(record)
    return ledger


def first(kind: type[object]) -> Record:
    return next(record for record in RECORDS if isinstance(record.entry, kind))


@pytest.mark.parametrize("number", [record.number for record in RECORDS])
def test_whichever_record_is_lost_the_fold_goes_on(number: int) -> None:
    ledger, whole = folded(number), folded()
    assert ledger.last_number == whole.last_number
    assert ledger.lost.ranges == [(number, number)]
    assert number not in ledger.lost.dependents
    assert ledger.tickets.keys() <= whole.tickets.keys()
    assert ledger.alarms.keys() <= whole.alarms.keys()
    for name, alarm in ledger.alarms.items():
        assert alarm.raised in {a.raised for a in whole.alarms.values()} | set(_raises(name))


def _raises(condition: str) -> list[Event]:
    events = [getattr(record.entry, "event", None) for record in RECORDS]
    return [event for event in events if event is not None and event.condition == condition]


def test_without_a_loss_nothing_depends_on_anything() -> None:
    ledger = folded()
    assert not ledger.lost
    assert ledger.lost.dependents == []


def test_a_record_that_follows_from_nothing_is_left_out_although_no_record_is_lost() -> None:
    spec = AlarmSpec(condition="new", hazard_source="gas", points=("T1",), level=Level.RED, ticket=True)
    ledger = Ledger({"new": spec}, SHANGHAI)
    change = first(TicketChange)
    ledger.fold(replace(change, number=1))
    assert ledger.lost.dependents == [1]
    assert not ledger.lost.is_explained
    assert not ledger.tickets


def test_steps_of_a_ticket_whose_opening_is_lost_are_left_out() -> None:
    opening = first(TicketOpening)
    entry = opening.entry
    assert isinstance(entry, TicketOpening)
    ledger = folded(opening.number)
    assert entry.ticket not in ledger.tickets
    steps = [r.number for r in RECORDS if r.number > opening.number and getattr(r.entry, "ticket", "") == entry.ticket]
    assert ledger.lost.dependents == steps


def test_no_number_of_a_ticket_is_given_twice() -> None:
    last = [record for record in RECORDS if isinstance(record.entry, TicketOpening)][-1]
    assert isinstance(last.entry, TicketOpening)
    spec = AlarmSpec(condition="new", hazard_source="gas", points=("T1",), level=Level.RED, ticket=True)
    ledger = Ledger({"new": spec}, SHANGHAI)
    for record in RECORDS[: last.number - 1]:
        ledger.fold(record)
    ledger.skip(last.number)
    raised = Event(
        seq=ledger.last_seq + 1, id="0" * 16, time=last.time, hazard_source="gas", point="T1", condition="new",
        transition="raise", level="red", value=1.0, setpoint=1.0, quality="GOOD", rules="0" * 12,
    )  # fmt: skip
    records = ledger.apply([raised], last.time)
    (opening,) = [record.entry for record in records if isinstance(record.entry, TicketOpening)]
    assert opening.ticket > last.entry.ticket


def test_rules_whose_adoption_is_lost_are_those_of_the_next_start() -> None:
    adoption = first(RulesAdoption)
    ledger = folded(adoption.number)
    assert ledger.rules is not None
    assert ledger.rules.version == state_of(folded())["rules"]["version"]
