"""Plays small traces through the engine: what the tests of this folder share."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ingest import Log, replay_log
from plant import Point, PointTable, Quality, SampleBatch, Trace
from rules import Engine, Event, Interlock, Limit, RuleSet, Vote
from tests.sites import MINE

S = 1_000_000_000
Row = tuple[str, float, float, int, int]
"""Point ("-" for a tick), time [s], value, quality, state."""


def point(_id: str = "T1", **fields: Any) -> Point:
    """Return a methane sensor."""
    given = {"hazard_source": "gas", "name": _id, "range": (0.0, 4.0), "resolution": 0.01, "stale_after": "20s"}
    return Point(id=_id, **(given | fields))


def limit(_id: str = "T1.alarm", **fields: Any) -> Limit:
    """Return an alarm limit at 1.0 on T1."""
    given: dict[str, Any] = {"point": _id.partition(".")[0], "feature": "value", "level": "orange"}
    if "low" not in fields:
        given["high"] = 1.0
    return Limit(id=_id, **(given | fields))


def rule_set(
    points: Sequence[Point] | None = None,
    limits: Sequence[Limit] = (),
    votes: Sequence[Vote] = (),
    interlocks: Sequence[Interlock] = (),
) -> RuleSet:
    """Return a rule-set; of T1 alone unless points are given."""
    return RuleSet((point(),) if points is None else points, limits, votes, interlocks)


def series(text: str, name: str = "T1", *, start: float = 0.0, period: float = 1.0) -> list[Row]:
    """Read "0.6x3 1.2 _ ! c1.5 o2": values with repetitions; no sample, a bad one, calibrating, over range."""
    rows: list[Row] = []
    time = start
    for word in text.split():
        what, _, times = word.partition("x")
        for _ in range(int(times or 1)):
            if what == "!":
                rows.append((name, time, float("nan"), Quality.BAD, 0))
            elif what != "_":
                state = {"c": 4, "o": 8}.get(what[0], 0)
                rows.append((name, time, float(what.lstrip("co")), Quality.GOOD, state))
            time += period
    return rows


def log_of(rules: RuleSet, rows: Iterable[Row], *, as_logged: bool = False) -> Log:
    """Return the log of rows."""
    given = list(rows)
    column = {entity.id: number for number, entity in enumerate(rules.points)}
    tick = np.array([row[0] == "-" for row in given], dtype=np.bool_)
    time = np.array([round(row[1] * S) for row in given], dtype=np.int64)
    samples = [row for row in given if row[0] != "-"]
    batch = SampleBatch.of(
        [column[row[0]] for row in samples],
        time[~tick],
        [row[2] for row in samples],
        quality=[row[3] for row in samples],
        state=[row[4] for row in samples],
    )
    none = np.zeros(int(tick.sum()), dtype=np.int64)
    trace = Trace(batch, time[tick], none, np.cumsum(~tick, dtype=np.int64)[tick], has_arrivals=False)
    arrival_timed = np.zeros(len(rules.points), dtype=np.bool_)
    return replay_log(PointTable(rules.points), MINE, arrival_timed, trace, as_logged=as_logged)


def play(rules: RuleSet, rows: Iterable[Row], *, as_logged: bool = False) -> list[Event]:
    """Return the events of rows."""
    assert not rules.problems(), rules.problems()
    return list(Engine(rules).evaluate(log_of(rules, rows, as_logged=as_logged)))


def text(events: Iterable[Event]) -> str:
    """Write events as "T1.alarm+5 T1.alarm-7": condition, raise or clear, seconds."""
    signs = {"raise": "+", "clear": "-"}
    return " ".join(f"{event.condition}{signs[event.transition]}{event.time / S:g}" for event in events)
