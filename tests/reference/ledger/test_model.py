"""The second ledger does what the specification says, by examples that are worked by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.logs.random_logs import BEGIN, S
from tests.reference.ledger.compare import random_ledger_case
from tests.reference.ledger.ledger import Ledger
from tests.reference.ledger.play import as_given, played

MINUTE = 60 * S


def site(**tables: Any) -> dict[str, Any]:
    limits = [
        {"id": "T1.high", "point": "T1", "feature": "value", "high": 1.0, "level": "orange", "alarm": "T1.gas",
         "ticket": True, "message": "甲烷超限", "message_en": "Methane"},
        {"id": "T1.cut", "point": "T1", "feature": "value", "high": 1.5, "level": "red", "alarm": "T1.gas"},
        {"id": "T2.high", "point": "T2", "feature": "value", "high": 1.0, "level": "yellow"},
    ]  # fmt: skip
    points = [{"id": name, "hazard_source": "gas", "name": name, "source": "ua"} for name in ("T1", "T2")]
    base = {"site": {"id": "1", "name": "m", "timezone": "Asia/Shanghai"}, "point": points, "limit": limits}
    return base | tables


def event(ledger: Ledger, seconds: float, condition: str, transition: str = "raise") -> None:
    time = BEGIN + int(seconds * S)
    level = ledger.watched.rules[condition].level
    name = f"{condition}|{time}"
    ledger.event(time, {"id": name, "time": time, "condition": condition, "transition": transition, "level": level})


def command(ledger: Ledger, seconds: float, name: str, **fields: Any) -> str | None:
    key = f"{len(ledger.keys)}-{seconds}-{name}"
    return ledger.command(BEGIN + int(seconds * S), {"by": "张三", **fields, "command": name, "key": key})


def changes(ledger: Ledger, *kinds: str) -> list[tuple[Any, ...]]:
    """Return kind, subject, change and state or reason of the records of some kinds."""
    return [
        (record["kind"], body.get("alarm") or body.get("ticket"), body["change"], body.get("to") or body.get("why"))
        for record in ledger.records
        if record["kind"] in kinds
        for body in [record["body"]]
    ]


def states(ledger: Ledger) -> list[tuple[str, str, str | None]]:
    bodies: Sequence[Mapping[str, Any]] = [record["body"] for record in ledger.records if record["kind"] == "alarm"]
    return [(body["change"], body["to"], body["level"]) for body in bodies]


def test_the_level_of_an_alarm_goes_up_and_down_with_its_conditions() -> None:
    ledger = Ledger(site())
    event(ledger, 0, "T1.high")
    event(ledger, 1, "T1.cut")
    event(ledger, 2, "T1.cut", "clear")
    event(ledger, 3, "T1.high", "clear")
    assert states(ledger) == [
        ("activate", "unacked", "orange"), ("escalate", "unacked", "red"), ("level", "unacked", "orange"),
        ("return", "rtn_unacked", None),
    ]  # fmt: skip
    assert changes(ledger, "ticket") == [
        ("ticket", "T1.gas", "open", "registered"), ("ticket", "YH-2014-0001", "level", "registered"),
    ]  # fmt: skip


def test_an_acknowledgement_names_the_episode_and_the_highest_level_of_one_that_returned() -> None:
    ledger = Ledger(site())
    event(ledger, 0, "T1.high")
    episode = ledger.alarms["T1.gas"].episode
    assert command(ledger, 1, "acknowledge", alarm="T1.gas", episode="x") == "episode_over"
    assert command(ledger, 1, "acknowledge", alarm="T1.gas", episode=episode, level="red") == "level_changed"
    event(ledger, 2, "T1.high", "clear")
    assert command(ledger, 3, "acknowledge", alarm="T1.gas", episode=episode, level="orange") is None
    assert states(ledger)[-1] == ("acknowledge", "normal", None)
    assert command(ledger, 3, "acknowledge", alarm="T1.gas", episode=episode) == "not_accepted"


def test_a_shelved_alarm_leaves_at_a_grave_level_and_is_annunciated() -> None:
    ledger = Ledger(site())
    assert command(ledger, 0, "shelve", alarm="T1.gas", duration=MINUTE - 1, reason="r") == "too_long"
    assert command(ledger, 0, "shelve", alarm="T1.gas", duration=MINUTE, reason="r") is None
    event(ledger, 1, "T1.high")
    event(ledger, 2, "T1.cut")
    assert changes(ledger, "alarm", "shelving") == [
        ("shelving", "T1.gas", "in", "command"), ("alarm", "T1.gas", "activate", "unacked"),
        ("alarm", "T1.gas", "escalate", "unacked"), ("shelving", "T1.gas", "out", "level"),
        ("alarm", "T1.gas", "annunciate", "unacked"),
    ]  # fmt: skip
    assert command(ledger, 3, "shelve", alarm="T1.gas", once=True, reason="r") == "unshelvable"


def test_what_returned_while_it_was_shelved_once_is_forgotten() -> None:
    ledger = Ledger(site())
    command(ledger, 0, "shelve", alarm="T2.high", once=True, reason="r")
    event(ledger, 1, "T2.high")
    event(ledger, 2, "T2.high", "clear")
    assert changes(ledger, "alarm", "shelving")[2:] == [
        ("alarm", "T2.high", "return", "rtn_unacked"), ("shelving", "T2.high", "out", "returned"),
        ("alarm", "T2.high", "forget", "normal"),
    ]  # fmt: skip


def test_a_suppression_settles_by_a_tick_and_a_raise_before_that_stops_it() -> None:
    ledger = Ledger(site(suppression=[{"id": "S", "when": ["T2.high"], "of": ["T1.gas"]}]))
    event(ledger, 0, "T2.high")
    event(ledger, 1, "T1.high")
    event(ledger, 2, "T2.high", "clear")
    event(ledger, 11, "T2.high")
    ledger.tick(BEGIN + 15 * S)
    event(ledger, 20, "T2.high", "clear")
    ledger.tick(BEGIN + 30 * S - 1)
    assert changes(ledger, "suppression") == [("suppression", "T1.gas", "in", "S")]
    ledger.tick(BEGIN + 30 * S)
    assert changes(ledger, "suppression", "alarm")[-2:] == [
        ("suppression", "T1.gas", "out", "settled"), ("alarm", "T1.gas", "annunciate", "unacked"),
    ]  # fmt: skip


def test_a_lost_source_is_one_alarm() -> None:
    ledger = Ledger(site(source=[{"id": "ua", "lost": {"level": "orange", "settle": "0s"}}]))
    assert list(ledger.alarms)[:4] == ["T1.gas", "T2.high", "lost:ua", "stale:T1"]
    event(ledger, 0, "lost:ua")
    event(ledger, 0, "fault:T2")
    event(ledger, 9, "lost:ua", "clear")
    assert [change[1:] for change in changes(ledger, "suppression")] == [
        (name, change, why)
        for change, why in (("in", "lost:ua"), ("out", "settled"))
        for name in ("stale:T1", "fault:T1", "stale:T2", "fault:T2")
    ]
    assert changes(ledger, "alarm")[-1] == ("alarm", "fault:T2", "annunciate", "unacked")


def test_all_alarms_of_a_point_go_out_of_service_and_come_back_one_by_one() -> None:
    ledger = Ledger(site())
    event(ledger, 0, "T2.high")
    until = BEGIN + 10 * S
    assert command(ledger, 1, "take_out", point="T2", permit="7", reason="r", until=until) is None
    alarms = ["T2.high", "stale:T2", "fault:T2", "over_range:T2", "calibration_overrun:T2"]
    assert [change[1] for change in changes(ledger, "service")] == alarms
    ledger.tick(until)
    assert changes(ledger, "service", "alarm")[-5:-2] == [
        ("alarm", "T2.high", "annunciate", "unacked"), ("service", "stale:T2", "out", "time"),
        ("service", "fault:T2", "out", "time"),
    ]  # fmt: skip
    assert command(ledger, 11, "put_back", point="T2", reason="r") == "not_in"


def test_an_acknowledged_alarm_sounds_again_after_the_shortest_time_of_its_conditions() -> None:
    tables = site()
    tables["limit"][0]["realarm"], tables["limit"][1]["realarm"] = "20s", "5s"
    ledger = Ledger(tables)
    event(ledger, 0, "T1.high")
    command(ledger, 1, "acknowledge", alarm="T1.gas", episode=ledger.alarms["T1.gas"].episode)
    ledger.tick(BEGIN + 6 * S - 1)
    assert states(ledger)[-1] == ("acknowledge", "acked", "orange")
    ledger.tick(BEGIN + 6 * S)
    assert states(ledger)[-1] == ("realarm", "unacked", "orange")


def work(ledger: Ledger, seconds: float, name: str, **fields: Any) -> str | None:
    return command(ledger, seconds, name, ticket="YH-2014-0001", **fields)


def test_a_major_ticket_is_closed_by_a_third_person_after_its_alarm_is_gone() -> None:
    ledger = Ledger(site())
    event(ledger, 0, "T1.high")
    event(ledger, 1, "T1.cut")
    assert work(ledger, 2, "grade", **{"class": "A", "reason": "r"}, role="safety") == "chief_only"
    assert work(ledger, 2, "grade", **{"class": "major", "reason": "r"}) is None
    due = BEGIN + 12 * S
    five = {"responsible": "李四", "unit": "u", "measures": "m", "due": due, "goal": "g", "funds": "f"}
    assert work(ledger, 2, "assign", **five) == "incomplete"
    assert work(ledger, 2, "assign", **five, plan="p") is None
    ledger.tick(BEGIN + 32 * S)
    overdue = [record["body"] for record in ledger.records if record["body"].get("change") == "overdue"]
    assert [body["count"] for body in overdue] == [1, 2, 3]
    assert work(ledger, 33, "submit", by="王五") is None
    assert work(ledger, 34, "accept", by="李四") == "same_person"
    assert work(ledger, 34, "accept") == "alarm_stands"
    event(ledger, 35, "T1.cut", "clear")
    event(ledger, 36, "T1.high", "clear")
    assert work(ledger, 37, "accept") is None
    assert work(ledger, 38, "write_off") == "same_person"
    assert work(ledger, 38, "write_off", by="赵六") is None
    assert ledger.tickets["YH-2014-0001"].state == "closed"


def test_a_granted_extension_begins_a_new_period() -> None:
    ledger = Ledger(site())
    event(ledger, 0, "T1.high")
    work(ledger, 0, "grade", **{"class": "A", "reason": "r"})
    work(ledger, 0, "assign", responsible="李四", unit="u", measures="m", due=BEGIN + 5 * S)
    assert work(ledger, 1, "grant") == "not_in"
    assert work(ledger, 1, "extend", by="李四", due=BEGIN + 5 * S, reason="r") == "too_long"
    assert work(ledger, 1, "extend", by="李四", due=BEGIN + 11 * S, reason="r") is None
    assert work(ledger, 1, "grant", by="李四") == "same_person"
    assert work(ledger, 1, "grant") is None
    ledger.tick(BEGIN + 20 * S)
    assert ledger.tickets["YH-2014-0001"].overdue == 1
    assert ledger.tickets["YH-2014-0001"].overdue_at == BEGIN + 21 * S


@pytest.mark.parametrize(
    ("name", "role", "reason"),
    [
        ("reset", "viewer", "not_permitted"),
        ("reset", "admin", "not_permitted"),
        ("reset", "dispatcher", "unknown_alarm"),
        ("reset", "king", "malformed"),
        ("remove", "dispatcher", "malformed"),
        ("reset", None, "unknown_alarm"),
    ],
)
def test_the_questions_are_asked_in_their_order(name: str, role: str | None, reason: str) -> None:
    ledger = Ledger(site())
    assert command(ledger, 0, name, alarm="nothing", **({} if role is None else {"role": role})) == reason


def test_a_key_belongs_to_the_command_that_was_accepted() -> None:
    ledger = Ledger(site())
    shelve = {"command": "shelve", "alarm": "T1.gas", "once": True, "reason": "r", "by": "张三", "key": "k"}
    assert ledger.command(BEGIN, shelve | {"alarm": "nothing"}) == "unknown_alarm"
    assert ledger.command(BEGIN, shelve) is None
    assert ledger.command(BEGIN + S, shelve | {"time": 1}) is None
    assert ledger.command(BEGIN + S, shelve | {"by": "李四"}) == "key_reused"
    assert [record["number"] for record in ledger.records] == [None, 1, None]


def test_a_case_is_the_same_for_the_same_seed_and_its_file_of_commands_gives_the_same_records() -> None:
    case = random_ledger_case(7)
    assert case == random_ledger_case(7)
    first, again = (played(case.site, case.rows, as_given(case.commands)).records for _ in range(2))
    assert first == again
    kinds = {record["kind"] for record in first}
    assert {"event", "alarm", "shelving", "service", "ticket", "refused"} <= kinds


@pytest.mark.parametrize("seed", range(10))
def test_the_laws_hold_in_the_second_ledger(seed: int) -> None:
    case = random_ledger_case(seed)
    ledger = played(case.site, case.rows, as_given(case.commands))
    for alarm in ledger.alarms.values():
        assert alarm.stands == (alarm.state in ("unacked", "acked"))
    numbers = [record["number"] for record in ledger.records if record["number"] is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [record["time"] for record in ledger.records] == sorted(record["time"] for record in ledger.records)


def test_a_notice_speaks_of_what_is_annunciated_and_again_until_it_is_acknowledged() -> None:
    notices = [
        {"id": "N", "on": ["unacked"], "after": "5s", "repeat": "10s", "to": ["desk"]},
        {"id": "A", "on": ["activate"], "levels": ["orange"], "to": ["desk"]},
    ]
    ledger = Ledger(site(notice=notices))
    command(ledger, 0, "shelve", alarm="T1.gas", duration=MINUTE, reason="r")
    event(ledger, 1, "T1.high")
    ledger.tick(BEGIN + 50 * S)
    assert not [record for record in ledger.records if record["kind"] == "notice"]
    ledger.tick(BEGIN + 80 * S)
    command(ledger, 81, "acknowledge", alarm="T1.gas", episode=ledger.alarms["T1.gas"].episode)
    ledger.tick(BEGIN + 200 * S)
    event(ledger, 201, "T1.high", "clear")
    event(ledger, 202, "T1.high")
    bodies = [record["body"] for record in ledger.records if record["kind"] == "notice"]
    assert [(body["notice"], body["change"], body["of"]) for body in bodies] == [
        ("N", "unacked", "T1.gas"), ("N", "unacked", "T1.gas"), ("A", "activate", "T1.gas"),
    ]  # fmt: skip
    assert len({body["key"] for body in bodies}) == 3
