"""After a restart the cause of a fault that nobody has seen since is taken from the history."""

import math
from contextlib import closing
from pathlib import Path

import pytest

from adapters.stores import Historian, HistoryReader
from alarms import Alarm, AlarmState
from hazwatch.desk.causes import AlarmCauses
from hazwatch.desk.past_causes import PastCauses
from hazwatch.words import text
from hazwatch.words.causes import CAUSE_NOT_KEPT, FAULT_CAUSES, NO_ANSWER, NO_RESULT, NO_VALID_VALUE, Cause
from plant import Level, PointTable, Quality, SampleBatch, State, Text
from rules import Engine
from tests.rules.play import Row, S, limit, log_of, point, rule_set

BEGIN = 1_800_000_000
RULES = rule_set(
    (
        *(point(name, source="ua", address=f"ns=2;s={name}") for name in ("T1", "T2")),
        point("R1", expression="T1 / T2", range=None),
        point("R2", expression="R1 + T2", range=None),
    ),
    (limit(),),
)
POINTS = PointTable(RULES.points)


def kept(folder: Path, *rows: Row) -> HistoryReader:
    """Write samples into a history."""
    with closing(Historian(folder, POINTS, retention_days=None, synchronous="normal")) as historian:
        historian.start(BEGIN * S)
        for number, (name, second, value, quality, state) in enumerate(sorted(rows, key=lambda row: row[1])):
            time = BEGIN * S + round(second * S)
            batch = SampleBatch.of([POINTS.column(name)], [time], [value], quality=[quality], state=[state])
            historian.append(batch.stamped(time + number))
    return HistoryReader(folder, POINTS)


def fault(name: str, second: float) -> Alarm:
    """Return the alarm that a fault at a second of the history has raised."""
    rows = [(name, BEGIN + second, math.nan, int(Quality.BAD), 0)]
    if RULES.conditions.point_of[name].expression is not None:
        rows = [("T2", BEGIN + second, 0.5, 0, 0)]
    raised = next(event for event in Engine(RULES).evaluate(log_of(RULES, rows)) if event.condition == f"fault:{name}")
    return Alarm(raised.condition, raised.hazard_source, name, Level.BLUE, AlarmState.UNACKED, raised, raised.time)


def cause(folder: Path, name: str, second: float, *rows: Row) -> Cause | None:
    causes = AlarmCauses(POINTS, Engine(RULES).readings, lambda _source: False)
    return PastCauses(POINTS, causes.inputs, kept(folder, *rows)).of(fault(name, second))


@pytest.mark.parametrize("state", list(FAULT_CAUSES))
def test_the_state_bits_of_the_sample_tell_the_cause(state: State, tmp_path: Path) -> None:
    rows = [("T1", 1, 0.5, 0, 0), ("T1", 2, math.nan, int(Quality.BAD), int(state)), ("T1", 3, 0.5, 0, 0)]
    assert cause(tmp_path, "T1", 2, *rows) is FAULT_CAUSES[state]


def test_a_bad_value_is_told_from_a_lost_link_by_the_other_points_of_the_source(tmp_path: Path) -> None:
    bad = ("T1", 2, math.nan, int(Quality.BAD), 0)
    assert cause(tmp_path / "a", "T1", 2, ("T2", 1, 0.5, 0, 0), bad) is NO_VALID_VALUE
    assert (
        cause(tmp_path / "b", "T1", 2, ("T2", 1, 0.5, 0, 0), ("T2", 2, math.nan, int(Quality.BAD), 0), bad) is NO_ANSWER
    )
    assert cause(tmp_path / "c", "T1", 2, bad) is NO_ANSWER


def test_a_calculated_point_names_the_inputs_that_were_missing(tmp_path: Path) -> None:
    found = cause(tmp_path / "a", "R1", 2, ("T1", 2, 0.5, 0, 0))
    assert found is not None
    assert text(found.name) == Text("无有效值的输入：T2", "inputs without a value: T2")
    found = cause(tmp_path / "b", "R2", 2, ("T1", 2, 0.5, 0, 0), ("T2", 2, math.nan, int(Quality.BAD), 64))
    assert found is not None
    assert text(found.name).en == "inputs without a value: R1, T2"
    assert cause(tmp_path / "c", "R1", 2, ("T1", 2, 0.5, 0, 0), ("T2", 2, 0.0, 0, 0)) is NO_RESULT


def test_a_sample_that_is_not_kept_tells_nothing(tmp_path: Path) -> None:
    assert cause(tmp_path / "a", "T1", 100, ("T1", 1, math.nan, int(Quality.BAD), 64)) is None, "stale by then"
    assert cause(tmp_path / "b", "T1", 2, ("T1", 1, 0.5, 0, 0)) is None


def test_what_the_page_has_seen_counts_more_than_the_history() -> None:
    engine = Engine(RULES)
    causes = AlarmCauses(POINTS, engine.readings, lambda _source: False)
    alarm = fault("T1", 2)
    assert causes.of(alarm) is CAUSE_NOT_KEPT, "no sample of the point was accepted, so nothing is known of its link"
    assert causes.recall(alarm, NO_VALID_VALUE)
    assert causes.of(alarm) is NO_VALID_VALUE
    assert not causes.recall(alarm, NO_ANSWER)
    assert causes.of(alarm) is NO_VALID_VALUE
