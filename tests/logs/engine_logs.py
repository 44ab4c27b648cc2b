"""Logs of random cases as the engine takes them, made by the specification's words and by the product's own code."""

import dataclasses
import os
import random
from collections.abc import Callable, Sequence

import numpy as np

from ingest import SAMPLE, START, TICK, Intake, Log, replay_log
from plant import PointTable, SampleBatch, Trace
from rules import Engine, Event, RuleSet
from tests.logs.random_logs import Case
from tests.logs.reference_log import Entry, Sample, Start, Tick

LOGS = int(os.environ.get("HAZWATCH_RANDOM_LOGS", "500"))
"""Random rule-sets per form of log: four forms, so 2,000 logs."""


def column(points: PointTable, entry: Entry) -> int:
    return points.column(entry.point) if isinstance(entry, Sample) else -1


def as_log(case: Case, entries: Sequence[Entry]) -> Log:
    """Return entries as the engine takes them."""
    points = PointTable(case.points)
    kinds = {Sample: SAMPLE, Tick: TICK, Start: START}
    samples = [entry if isinstance(entry, Sample) else Sample("", entry.time, float("nan")) for entry in entries]
    return Log(
        kind=np.array([kinds[type(entry)] for entry in entries], np.uint8),
        point=np.array([column(points, entry) for entry in entries], np.int32),
        time=np.array([entry.time for entry in entries], np.int64),
        value=np.array([sample.value for sample in samples], np.float64),
        quality=np.array([sample.quality for sample in samples], np.uint8),
        state=np.array([sample.state for sample in samples], np.uint16),
        backfilled=np.array([sample.backfilled for sample in samples], np.bool_),
    )


def timed(case: Case) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([point.id in case.arrival_timed for point in case.points], np.bool_)


def batch(case: Case, rows: Sequence[Sample]) -> SampleBatch:
    points = PointTable(case.points)
    names = ("time", "value", "quality", "state", "backfilled")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    return SampleBatch.of([points.column(row.point) for row in rows], **columns)


def live(case: Case) -> Log:
    """Return the log of the live run as the intake makes it."""
    intake = Intake(PointTable(case.points), case.site, timed(case))
    pieces: list[Log] = []
    batches = list(case.batches)
    for start, stop in zip(case.starts, [*case.stops, case.end], strict=False):
        pieces.append(intake.start(start))
        while batches and batches[0][0] <= stop:
            arrival, rows = batches.pop(0)
            pieces.append(intake.accept(batch(case, rows).stamped(arrival)))
        pieces.append(intake.clock(stop))
    assert not batches
    return Log.concatenate(pieces)


def trace(case: Case, *, stamped: bool) -> Log:
    """Return the log of a replay as `hazwatch replay` makes it."""
    samples = batch(case, case.rows())
    ticks = [] if stamped else [tick.time for tick in case.trace_ticks]
    if stamped:
        samples = dataclasses.replace(samples, arrival=np.array(case.arrivals(), np.int64))
    given = Trace(
        samples=samples,
        ticks=np.array(ticks, np.int64),
        tick_arrivals=np.full(len(ticks), np.iinfo(np.int64).min),
        tick_rows=np.full(len(ticks), len(samples)),
        has_arrivals=stamped,
    )
    return replay_log(PointTable(case.points), case.site, timed(case), given)


FORMS: dict[str, tuple[Callable[[Case], list[Entry]], Callable[[Case], Log] | None]] = {
    "live": (Case.live, live),
    "trace": (Case.trace, lambda case: trace(case, stamped=False)),
    "stamped": (Case.stamped_trace, lambda case: trace(case, stamped=True)),
    "as logged": (Case.as_logged, None),
}


def evaluated(case: Case, log: Log, cut: random.Random) -> list[dict[str, object]]:
    """Return the events of a log that is cut at random."""
    engine = Engine(RuleSet(case.points, case.limits, case.votes, case.interlocks))
    found: list[Event] = []
    begin = 0
    while begin < len(log):
        end = begin + cut.choice((1, 2, 7, 50, 1000))
        found += engine.evaluate(log[begin:end])
        begin = end
    return [dataclasses.asdict(event) for event in found]
