"""What is late is told from times and arrivals as the engine tells it."""

import numpy as np
import pytest

from ingest import Intake, LateWatch
from plant import PointTable, SampleBatch
from rules import Engine, RuleSet
from tests.logs.random_logs import RULES, Case, random_case


def counted(case: Case) -> tuple[list[int], list[int]]:
    """Return for every point how many samples the engine and the watch found late."""
    points = PointTable(case.points)
    timed = np.array([point.id in case.arrival_timed for point in case.points])
    intake, watch = Intake(points, case.site, timed), LateWatch(points, case.site, timed)
    engine = Engine(RuleSet(case.points, case.limits, case.votes, case.interlocks))
    begin = case.starts[0]
    engine.evaluate(intake.start(begin))
    watch.start(begin)
    told = np.zeros(len(points), dtype=np.int64)
    for arrival, samples in case.batches:
        column = [points.column(sample.point) for sample in samples]
        batch = SampleBatch.of(
            column, [sample.time for sample in samples], [sample.value for sample in samples],
            quality=[sample.quality for sample in samples], state=[sample.state for sample in samples],
            backfilled=[sample.backfilled for sample in samples], arrival=arrival,
        )  # fmt: skip
        if arrival <= begin or not len(batch):
            continue
        engine.evaluate(intake.accept(batch))
        np.add.at(told, batch.point, watch.take(batch))
    measured = np.array([point.expression is None for point in case.points])
    late = np.where(measured & ~timed, engine.counts.late, 0)
    return late.tolist(), told.tolist()


@pytest.mark.parametrize("seed", range(60))
def test_late_samples_are_those_that_the_engine_finds_late(seed: int) -> None:
    late, told = counted(random_case(seed, RULES | {"late", "backfilled", "duplicate", "equal", "skew", "arrival"}))
    assert late == told


@pytest.mark.slow
def test_of_a_clock_that_was_set_back_nearly_all_is_told_as_the_engine_has_it() -> None:
    found = [counted(random_case(seed, RULES | {"late", "setback"}, seconds=120)) for seed in range(60)]
    late, wrong = (
        sum(sum(one) for one, _ in found),
        sum(abs(a - b) for one, other in found for a, b in zip(one, other, strict=True)),
    )
    assert late > 300
    assert wrong < 0.05 * late, (wrong, late)
