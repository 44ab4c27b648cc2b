"""What the ledger makes of events and commands, and what it refuses."""

from zoneinfo import ZoneInfo

import pytest

from alarms import (
    Accept,
    Acknowledge,
    AlarmReturn,
    AlarmSpec,
    AlarmState,
    CommandRefusedError,
    ConditionEvent,
    IllegalTransitionError,
    Ledger,
    Reason,
    Record,
    Rectify,
    Refuse,
    Remove,
    RunStart,
    Submit,
    TicketState,
)
from alarms.ticket import ATTACHED_KEPT
from plant import Level
from rules.engine.event import Event, Transition, event_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = 1_780_000_000_000_000_000  # 2026-05-28
SPECS = {
    "T1.alarm": AlarmSpec(
        condition="T1.alarm",
        hazard_source="gas",
        points=("T1",),
        level=Level.ORANGE,
        ticket=True,
        message="甲烷超限",
        message_en="Methane above limit",
    ),
    "T1.rise": AlarmSpec(condition="T1.rise", hazard_source="gas", points=("T1",), level=Level.YELLOW, ticket=False),
    "two": AlarmSpec(condition="two", hazard_source="gas", points=("T1", "T2"), level=Level.RED, ticket=True),
}


def _event(
    seq: int,
    condition: str = "T1.alarm",
    transition: Transition = "raise",
    *,
    level: str = "orange",
    point: str | None = "T1",
) -> Event:
    return Event(
        seq=seq,
        id=event_id(condition, seq, transition, 0),
        time=NOW + seq,
        hazard_source="gas",
        point=None if condition == "two" else point,
        condition=condition,
        transition=transition,
        level=level,
        value=1.2,
        setpoint=1.0,
        quality="GOOD",
        rules="0123456789ab",
    )


def _ledger() -> Ledger:
    return Ledger(SPECS, SHANGHAI)


def _raised(condition: str = "T1.alarm") -> Ledger:
    ledger = _ledger()
    ledger.apply([_event(1, condition)], NOW)
    return ledger


def _ack(ledger: Ledger, key: str = "k1", by: str = "张三") -> Acknowledge:
    return Acknowledge(alarm="T1.alarm", episode=ledger.alarms["T1.alarm"].episode, by=by, key=key, note="看到")


def _in_acceptance(condition: str = "T1.alarm") -> Ledger:
    ledger = _raised(condition)
    ledger.command(RECTIFY, NOW + 1, in_doubt=())
    ledger.command(Submit(ticket="YH-2026-0001", by="王五", key="s"), NOW + 2, in_doubt=())
    return ledger


RECTIFY = Rectify(ticket="YH-2026-0001", responsible="李四", measures="加大风量", due=NOW + 10, by="张三", key="r")
ACCEPT = Accept(ticket="YH-2026-0001", by="赵六", key="a")


def test_a_raise_is_an_event_an_alarm_and_a_ticket() -> None:
    ledger = _ledger()
    event = _event(1)
    records = ledger.apply([event], NOW + 7)
    assert [(record.number, record.time, record.kind) for record in records] == [
        (1, NOW + 7, "event"),
        (2, NOW + 7, "alarm"),
        (3, NOW + 7, "ticket"),
    ]
    assert records[0].text() == event.to_json()
    assert records[0].entry == ConditionEvent(event=event)
    alarm = ledger.alarms["T1.alarm"]
    assert (alarm.state, alarm.level, alarm.recorded, alarm.stands) == ("unacked", Level.ORANGE, NOW + 7, True)
    ticket = ledger.tickets["YH-2026-0001"]
    assert (ticket.state, ticket.message, ticket.message_en) == ("registered", "甲烷超限", "Methane above limit")
    assert (ticket.opened, ticket.episodes, ticket.history[0].episode) == (NOW + 7, 1, event.id)


def test_a_rule_without_tickets_opens_none() -> None:
    ledger = _raised("T1.rise")
    assert ledger.alarms["T1.rise"].stands
    assert not ledger.tickets


def test_an_event_of_a_rule_that_was_removed_is_an_alarm_without_a_ticket() -> None:
    ledger = _raised("gone")
    ledger.apply([_event(2, "gone", "clear")], NOW)
    assert ledger.alarms["gone"].state == AlarmState.RTN_UNACKED
    assert not ledger.tickets


def test_an_acknowledged_alarm_returns_to_normal_and_a_returned_one_waits_for_it() -> None:
    ledger = _raised()
    ledger.command(_ack(ledger), NOW + 1, in_doubt=())
    seen = ledger.alarms["T1.alarm"].acknowledged
    assert seen is not None
    assert (seen.by, seen.time, seen.note) == ("张三", NOW + 1, "看到")
    ledger.apply([_event(2, transition="clear")], NOW + 2)
    assert ledger.alarms["T1.alarm"].state == AlarmState.NORMAL
    ledger.apply([_event(3), _event(4, transition="clear")], NOW + 3)
    alarm = ledger.alarms["T1.alarm"]
    assert (alarm.state, alarm.acknowledged, alarm.returned) == (AlarmState.RTN_UNACKED, None, NOW + 3)
    assert alarm.cleared == _event(4, transition="clear")
    ledger.command(_ack(ledger, "k2"), NOW + 4, in_doubt=())
    assert ledger.alarms["T1.alarm"].state == AlarmState.NORMAL


def test_a_record_of_a_return_names_the_episode_by_its_raise() -> None:
    ledger = _raised()
    records = ledger.apply([_event(2, transition="clear")], NOW)
    assert isinstance(records[1].entry, AlarmReturn)
    assert records[1].entry.episode == _event(1).id


def test_an_episode_that_is_over_cannot_be_acknowledged_as_if_it_were_live() -> None:
    ledger = _raised()
    old = _ack(ledger)
    ledger.apply([_event(2, transition="clear"), _event(3)], NOW)
    with pytest.raises(CommandRefusedError, match="is over") as refused:
        ledger.command(old, NOW, in_doubt=())
    assert refused.value.reason is Reason.EPISODE_OVER
    assert ledger.alarms["T1.alarm"].state == AlarmState.UNACKED


def test_an_alarm_is_acknowledged_once() -> None:
    ledger = _raised()
    ledger.command(_ack(ledger), NOW, in_doubt=())
    with pytest.raises(IllegalTransitionError, match='acknowledge: not accepted in state "acknowledged"'):
        ledger.command(_ack(ledger, "k2"), NOW, in_doubt=())


def test_the_same_key_again_changes_nothing_also_after_a_restart() -> None:
    ledger = _raised()
    ack = _ack(ledger)
    (record,) = ledger.command(ack, NOW, in_doubt=())
    again = _ledger()
    for made in [*_ledger().apply([_event(1)], NOW), record]:
        again.fold(made)
    for one in (ledger, again):
        assert one.command(ack, NOW + 5, in_doubt=()) == []
        assert one.outcome("k1") == record.number == one.last_number
        with pytest.raises(CommandRefusedError, match="another command") as refused:
            one.command(_ack(one, "k1", "李四"), NOW, in_doubt=())
        assert refused.value.reason is Reason.KEY_REUSED


def test_a_refused_command_leaves_its_key_free() -> None:
    ledger = _in_acceptance()
    with pytest.raises(CommandRefusedError):
        ledger.command(ACCEPT, NOW, in_doubt=())
    assert ledger.outcome("a") is None
    ledger.apply([_event(2, transition="clear")], NOW)
    assert len(ledger.command(ACCEPT, NOW, in_doubt=())) == 1


def test_further_episodes_attach_to_the_open_ticket_which_keeps_the_highest_level() -> None:
    ledger = _raised()
    clear = [_event(n, transition="clear") for n in (2, 4)]
    ledger.apply([clear[0], _event(3, level="red"), clear[1], _event(5, level="blue")], NOW)
    (ticket,) = ledger.tickets.values()
    assert ledger.open_ticket("gas", "T1.alarm") == ticket.number
    assert ledger.open_ticket("gas", "T1.rise") is None
    assert ticket.level is Level.RED
    assert ticket.episodes == 3
    assert [line.episode for line in ticket.history] == [_event(n).id for n in (1, 3, 5)]
    assert ledger.alarms["T1.alarm"].level is Level.BLUE


def test_a_ticket_under_a_chattering_alarm_counts_all_and_keeps_what_people_did_and_the_newest_episodes() -> None:
    ledger = _raised()
    (number,) = ledger.tickets
    rectify = Rectify(ticket=number, by="李四", key="r", responsible="王五", measures="加强通风")
    ledger.command(rectify, NOW, in_doubt=())
    count = 3 * ATTACHED_KEPT
    for n in range(2, 2 * count, 2):
        ledger.apply([_event(n, transition="clear"), _event(n + 1)], NOW)
    ticket = ledger.tickets[number]
    assert ticket.episodes == count
    assert [line.change for line in ticket.history] == ["open", "rectify", *["attach"] * ATTACHED_KEPT]
    assert ticket.history[2].episode == _event(2 * (count - ATTACHED_KEPT) + 1).id
    assert ticket.history[-1].episode == _event(2 * count - 1).id


def test_an_episode_after_the_closure_opens_the_next_ticket() -> None:
    ledger = _in_acceptance()
    ledger.apply([_event(2, transition="clear")], NOW)
    ledger.command(ACCEPT, NOW, in_doubt=())
    assert ledger.open_ticket("gas", "T1.alarm") is None
    ledger.apply([_event(3)], NOW)
    assert [ticket.state for ticket in ledger.tickets.values()] == [TicketState.CLOSED, TicketState.REGISTERED]
    assert list(ledger.tickets) == ["YH-2026-0001", "YH-2026-0002"]


def test_the_year_of_a_ticket_is_that_of_the_wall_clock_at_the_mine() -> None:
    ledger = _ledger()
    last_second_of_2026 = 1_798_732_799_000_000_000
    ledger.apply([_event(1)], last_second_of_2026)
    ledger.apply([_event(2, "two")], last_second_of_2026 + 1_000_000_000)
    assert list(ledger.tickets) == ["YH-2026-0001", "YH-2027-0001"]


def test_a_ticket_remembers_who_did_what_and_when() -> None:
    ledger = _in_acceptance()
    refuse = Refuse(ticket="YH-2026-0001", reason="风量不足", by="赵六", key="x")
    ledger.command(refuse, NOW + 3, in_doubt=())
    ticket = ledger.tickets["YH-2026-0001"]
    assert (ticket.responsible, ticket.measures, ticket.due) == ("李四", "加大风量", NOW + 10)
    assert ticket.state is TicketState.RECTIFICATION
    assert [(line.change, line.by, line.time, line.note) for line in ticket.history] == [
        ("open", None, NOW, ""),
        ("rectify", "张三", NOW + 1, ""),
        ("submit", "王五", NOW + 2, ""),
        ("refuse", "赵六", NOW + 3, "风量不足"),
    ]


@pytest.mark.parametrize("by", ["李四", "王五", " 王五 ", "王 五"])
def test_who_rectified_it_cannot_accept_it(by: str) -> None:
    ledger = _in_acceptance()
    ledger.apply([_event(2, transition="clear")], NOW)
    with pytest.raises(CommandRefusedError, match="rectified it") as refused:
        ledger.command(Accept(ticket="YH-2026-0001", by=by, key="a"), NOW, in_doubt=())
    assert refused.value.reason is Reason.SAME_PERSON


def test_no_ticket_is_accepted_while_its_alarm_stands_or_its_point_is_in_doubt() -> None:
    ledger = _in_acceptance()
    with pytest.raises(CommandRefusedError, match="stands") as refused:
        ledger.command(ACCEPT, NOW, in_doubt=())
    assert refused.value.reason is Reason.ALARM_STANDS
    ledger.apply([_event(2, transition="clear")], NOW)
    with pytest.raises(CommandRefusedError, match="T1 in doubt") as refused:
        ledger.command(ACCEPT, NOW, in_doubt={"T1"})
    assert refused.value.reason is Reason.IN_DOUBT
    ledger.command(ACCEPT, NOW, in_doubt={"T2"})
    assert ledger.tickets["YH-2026-0001"].state is TicketState.CLOSED


def test_a_vote_is_in_doubt_when_all_of_its_points_are() -> None:
    ledger = _in_acceptance("two")
    ledger.apply([_event(2, "two", "clear")], NOW)
    with pytest.raises(CommandRefusedError, match="T1, T2 in doubt"):
        ledger.command(ACCEPT, NOW, in_doubt={"T1", "T2"})
    assert ledger.command(ACCEPT, NOW, in_doubt={"T1"})


def test_commands_for_what_does_not_exist_are_refused() -> None:
    ledger = _ledger()
    with pytest.raises(CommandRefusedError, match="no such alarm"):
        ledger.command(Acknowledge(alarm="T9", episode="x", by="张三", key="1"), NOW, in_doubt=())
    with pytest.raises(CommandRefusedError, match="no such ticket"):
        ledger.command(ACCEPT, NOW, in_doubt=())


def test_an_alarm_whose_rule_was_removed_is_taken_as_returned_only_by_command() -> None:
    remove = Remove(alarm="T1.alarm", episode=_event(1).id, reason="传感器拆除", by="张三", key="x")
    with pytest.raises(CommandRefusedError, match="still in the site file") as refused:
        _raised().command(remove, NOW, in_doubt=())
    assert refused.value.reason is Reason.RULE_IN_FORCE
    without = Ledger({}, SHANGHAI)
    for record in _ledger().apply([_event(1)], NOW):
        without.fold(record)
    assert without.standing_events() == [_event(1)]
    without.command(remove, NOW, in_doubt=())
    assert without.alarms["T1.alarm"].state == AlarmState.RTN_UNACKED
    assert without.standing_events() == []


def test_a_rule_that_was_given_another_point_ends_the_alarm_of_the_old_one() -> None:
    ledger = _raised()
    records = ledger.apply([_event(2, point="T2")], NOW)
    assert [record.kind for record in records] == ["alarm", "event", "alarm", "ticket"]
    assert isinstance(records[0].entry, AlarmReturn)
    assert records[0].entry.note == "the rule was given another point"
    assert (ledger.alarms["T1.alarm"].point, ledger.alarms["T1.alarm"].state) == ("T2", AlarmState.UNACKED)


def test_events_that_do_not_follow_are_refused() -> None:
    ledger = _raised()
    with pytest.raises(ValueError, match="was the engine restored"):
        ledger.apply([_event(1)], NOW)
    with pytest.raises(IllegalTransitionError):
        ledger.apply([_event(2)], NOW)
    with pytest.raises(IllegalTransitionError):
        ledger.apply([_event(2, "T1.rise", "clear")], NOW)


def test_a_gap_between_records_is_refused() -> None:
    with pytest.raises(ValueError, match="expected record 1"):
        _ledger().fold(Record(2, NOW, RunStart(rules="0123456789ab")))


def test_a_start_is_recorded_and_changes_nothing() -> None:
    ledger = _raised()
    before = dict(ledger.alarms)
    (record,) = ledger.start(NOW + 9, "0123456789ab")
    assert (record.number, record.kind, record.text()) == (4, "start", '{"rules":"0123456789ab"}')
    assert dict(ledger.alarms) == before
