"""A run that was stopped at any entry of the log, saved and resumed elsewhere gives the same events."""

from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.columns.rows import Rows
from rules import Engine, SnapshotError
from rules.engine.build import build
from rules.engine.memory.records import PointState
from rules.engine.snapshot import read_snapshot, write_snapshot
from tests.rules.engine.everything import ROWS, everything
from tests.rules.play import Row, limit, log_of, rule_set, series


@given(ROWS, st.floats(0, 1))
@settings(deadline=None)
def test_a_resumed_run_goes_on_to_the_same_events(rows: list[Row], share: float) -> None:
    rules = everything()
    log = log_of(rules, rows)
    cut = int(share * len(log))
    whole, first, second = Engine(rules), Engine(rules), Engine(rules)
    expected = whole.evaluate(log)
    before = first.evaluate(log[:cut])
    second.resume(first.snapshot())
    assert [*before, *second.evaluate(log[cut:])] == list(expected)
    assert second.snapshot() == whole.snapshot()


def test_grown_windows_are_kept() -> None:
    rules = rule_set(limits=[limit(feature="mean", window="1h", high=0.5)])
    log = log_of(rules, series("0.1x3000 0.9x3000"))
    first, second = Engine(rules), Engine(rules)
    first.evaluate(log[:4000])
    second.resume(first.snapshot())
    assert second.evaluate(log[4000:]) == first.evaluate(log[4000:]) != []


def test_a_damaged_or_foreign_snapshot_is_refused() -> None:
    engine = Engine(rule_set(limits=[limit()]))
    snapshot = engine.snapshot()
    damaged = bytearray(snapshot)
    damaged[len(damaged) // 2] ^= 1
    for wrong in (bytes(damaged), b"", snapshot[:-1]):
        with pytest.raises(SnapshotError, match="damaged"):
            engine.resume(wrong)
    with pytest.raises(SnapshotError, match="written for rules"):
        Engine(rule_set()).resume(snapshot)


def test_a_snapshot_of_an_engine_that_remembered_less_is_read() -> None:
    rules = rule_set(limits=[limit(feature="mean", window="10s", high=0.9)])
    log = log_of(rules, series("0.5x20 1.2x20"))
    engine = Engine(rules)
    engine.evaluate(log[:15])
    machine, _ = read_snapshot(engine.snapshot(), build(rules)[0], rules.version)
    known = [(name, machine.point.dtype[name]) for name in machine.point.dtype.names or () if name != "previous"]
    less = np.zeros(len(machine.point), dtype=np.dtype(known, align=True))
    for name, _ in known:
        less[name] = machine.point[name]
    older = machine._replace(point=cast("Rows[PointState]", less))
    other = Engine(rules)
    other.resume(write_snapshot(older, rules.version, 0))
    assert list(other.evaluate(log[15:])) == list(engine.evaluate(log[15:])) != []
