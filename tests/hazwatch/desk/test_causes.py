"""Each cause for which a point has no value has a name and an advice of its own, also while its alarm stands."""

import math
from collections.abc import Callable

import pytest

from alarms import Alarm, AlarmState
from hazwatch.desk.alarms import alarm_view
from hazwatch.desk.causes import AlarmCauses
from hazwatch.words import chinese, text
from hazwatch.words.causes import (
    BROKEN_WIRE,
    CAUSE_NOT_KEPT,
    FAULT_CAUSES,
    NO_ANSWER,
    NO_RESULT,
    NO_VALID_VALUE,
    fault_cause,
)
from plant import HEALTH_KINDS, Level, PointTable, Quality, State, Text
from rules import Engine, Event
from tests.rules.play import Row, log_of, point, rule_set

RATIO = point("R1", expression="T1 / T2", range=None)
RULES = rule_set((*(point(name, source="ua", address=f"ns=2;s={name}") for name in ("T1", "T2")), RATIO))


def lost(_source: str) -> bool:
    return False


def answers(_source: str) -> bool:
    return True


def after(*rows: Row, connected: Callable[[str], bool] = lost) -> tuple[AlarmCauses, list[str], dict[str, Alarm]]:
    """Return the causes, the conditions whose cause is another, and the alarms after some samples."""
    engine = Engine(RULES)
    events = engine.evaluate(log_of(RULES, rows))
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, connected)
    changed = causes.refresh([entity.id for entity in RULES.points])
    return causes, changed, {event.condition: _alarm(event) for event in events if event.transition == "raise"}


def _alarm(raised: Event) -> Alarm:
    return Alarm(
        raised.condition, raised.hazard_source, raised.point, Level.BLUE, AlarmState.UNACKED, raised, raised.time
    )


def bad(name: str, time: float, state: int = 0) -> Row:
    return name, time, math.nan, Quality.BAD, state


def good(name: str, time: float, value: float = 0.5) -> Row:
    return name, time, value, Quality.GOOD, 0


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (0, "通信中断"),
        (State.SUBSTATION_FAULT, "分站故障"),
        (State.NOT_SCANNED, "不巡检"),
        (State.PAUSED, "暂停"),
        (State.SENSOR_FAULT, "传感器故障"),
        (State.SUBSTATION_FAULT | State.SENSOR_FAULT, "分站故障"),
    ],
)
def test_a_fault_is_called_by_its_cause(state: int, name: str) -> None:
    causes, changed, alarms = after(good("T1", 1), good("T2", 1), bad("T1", 2, state))
    view = alarm_view(alarms["fault:T1"], {}, None, causes.of(alarms["fault:T1"]))
    assert view["message"].zh == name
    assert view["response"] is not None
    assert "fault:T1" in changed


def test_every_cause_has_an_advice_of_its_own() -> None:
    every = [*FAULT_CAUSES.values(), NO_ANSWER, NO_VALID_VALUE, BROKEN_WIRE, CAUSE_NOT_KEPT]
    over_range = HEALTH_KINDS["over_range"]
    assert len({text(cause.name) for cause in every} | {over_range.name}) == 9
    assert len({text(cause.response) for cause in every} | {over_range.response, text(NO_RESULT.response)}) == 10


def test_a_reading_far_below_the_range_is_a_broken_wire_and_one_above_is_over_range() -> None:
    causes, _, alarms = after(good("T1", 1, -1.0), good("T2", 1, 9.0))
    below, above = alarms["over_range:T1"], alarms["over_range:T2"]
    assert causes.of(below) is BROKEN_WIRE
    assert causes.of(above) is None


def test_a_calculated_point_says_which_input_is_missing() -> None:
    causes, _, alarms = after(good("T1", 1), good("T2", 1), bad("T2", 2))
    cause = causes.of(alarms["fault:R1"])
    assert cause is not None
    assert text(cause.name) == Text("无有效值的输入：T2", "inputs without a value: T2")


def test_the_cause_follows_the_point_and_stays_when_the_fault_is_gone() -> None:
    engine = Engine(RULES)
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, lost)
    events = engine.evaluate(log_of(RULES, [good("T1", 1), bad("T1", 2)]))
    alarm = next(_alarm(event) for event in events if event.condition == "fault:T1")
    assert causes.refresh(["T1"]) == ["fault:T1", "fault:R1"]
    engine.evaluate(log_of(RULES, [bad("T1", 3, State.PAUSED)]))
    assert causes.refresh(["T1"]) == ["fault:T1"]
    engine.evaluate(log_of(RULES, [good("T1", 4)]))
    assert causes.refresh(["T1"]) == ["fault:R1"], "now T2 alone is missing"
    cause = causes.of(alarm)
    assert cause is not None
    assert chinese(cause.name) == "暂停"


def test_a_sample_without_a_fault_has_no_cause() -> None:
    assert fault_cause(Quality.UNCERTAIN, State.ALARM, NO_ANSWER) is None


def test_a_bad_value_of_a_source_that_answers_is_no_lost_communication() -> None:
    row = ("T1", 2.0, math.nan, Quality.GOOD, 0)
    causes, _, alarms = after(good("T1", 1), good("T2", 1), row, connected=answers)
    assert causes.of(alarms["fault:T1"]) is NO_VALID_VALUE


def test_a_bit_counts_more_than_the_link() -> None:
    causes, _, alarms = after(good("T1", 1), bad("T1", 2, State.PAUSED), connected=answers)
    assert causes.of(alarms["fault:T1"]) is FAULT_CAUSES[State.PAUSED]


def test_a_result_that_is_no_number_is_no_lost_communication() -> None:
    causes, _, alarms = after(good("T1", 1), good("T2", 1, 0.0))
    assert causes.of(alarms["fault:R1"]) is NO_RESULT


def test_the_cause_follows_the_link_of_its_source() -> None:
    engine, links = Engine(RULES), {"up": True}
    events = engine.evaluate(log_of(RULES, [good("T1", 1), good("T2", 1), bad("T1", 2)]))
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, lambda _source: links["up"])
    causes.refresh(["T1"])
    links["up"] = False
    assert "fault:T1" in causes.refresh(["T2"]), "T1 itself has no new sample"
    alarm = next(_alarm(event) for event in events if event.condition == "fault:T1")
    assert causes.of(alarm) is NO_ANSWER


def test_of_many_points_some_are_looked_at_with_the_next_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hazwatch.desk.causes.MOST_AT_ONCE", 2)
    engine = Engine(RULES)
    engine.evaluate(log_of(RULES, [good("T1", 1), good("T2", 1), bad("T1", 2), bad("T2", 2)]))
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, lost)
    assert [causes.refresh([]) for _ in range(3)] == [["fault:T1", "fault:T2"], ["fault:R1"], []]


def test_after_a_restart_a_fault_that_is_gone_has_a_cause_that_was_not_kept() -> None:
    _, _, alarms = after(good("T1", 1), bad("T1", 2, State.PAUSED))
    restarted, _, _ = after(good("T1", 3), good("T2", 3))
    view = alarm_view(alarms["fault:T1"], {}, None, restarted.of(alarms["fault:T1"]))
    assert view["message"].zh == "测点故障（原因未保存）"


def test_after_a_restart_a_fault_that_lasts_has_its_cause_at_once() -> None:
    engine = Engine(RULES)
    (alarm,) = (_alarm(e) for e in engine.evaluate(log_of(RULES, [good("T1", 1), bad("T1", 2, 64)])) if e.point == "T1")
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, lost)
    assert causes.of(alarm) is FAULT_CAUSES[State.PAUSED]
