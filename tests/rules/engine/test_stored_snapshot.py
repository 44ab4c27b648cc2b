"""A snapshot of version 0.1.0 is read, and the run goes on from it to the very events of then."""

from pathlib import Path

import numpy as np

from rules import Engine, RuleSet
from tests.rules.play import Row, log_of

STORED = Path(__file__).parents[2] / "cases" / "snapshots" / "0.1.0"
CUT = 655


def rows() -> list[Row]:
    """Return samples and ticks in the order of the log: calm stretches, bursts, bad and late samples, a clock set back.

    All numbers follow from the number of the row, so that they are the same wherever they are made.
    """
    found: list[Row] = []
    for n in range(1000):
        time = n / 4
        name = ("T1", "T2", "C1", "-")[n % 4]
        wave = (n * 37 % 11) / 100
        burst = 1.0 if 150 <= n % 400 < 190 else 0.0
        value = float("nan") if n % 173 == 5 else round(0.5 + wave + (0.0 if name == "C1" else burst), 2)
        state = 4 if n % 211 == 20 else 8 if n % 307 == 9 else 0
        late = 3.0 if n % 23 == 1 else 0.0
        setback = 40.0 if name == "T2" and 650 <= n < 760 else 0.0
        silent = name == "T1" and 560 <= n < 690
        if not silent:
            found.append((name, time - late - setback, value, 1 if n % 29 == 0 else 0, state))
    return found


def test_a_run_goes_on_from_a_snapshot_of_an_older_version_to_the_same_events() -> None:
    rules = RuleSet.read((STORED / "rules.json").read_text(encoding="utf-8"))
    engine = Engine(rules)
    engine.resume((STORED / "engine.snapshot").read_bytes())
    events = engine.evaluate(log_of(rules, rows(), as_logged=True)[CUT:])
    expected = (STORED / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [event.to_json() for event in events] == expected
    assert np.array_equal(engine.counts.late, [9, 19, 11, 17])
