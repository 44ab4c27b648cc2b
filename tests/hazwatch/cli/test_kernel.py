"""What is compiled before a run begins is all that its batches need, however their columns came about."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import rules.engine.walk
from hazwatch.cli.kernel import compile_kernel
from hazwatch.site.config import load
from ingest import Intake
from plant import SampleBatch
from rules import Engine

SITE = Path(__file__).parents[2] / "cases" / "config" / "face.good.toml"
S = 1_000_000_000
BEGIN = 1_800_000_000 * S


def batches() -> list[SampleBatch]:
    """Return batches as they come: made of lists, taken from a larger one, read from bytes, every second row."""
    made = SampleBatch.of([0, 1] * 4, BEGIN + S * np.arange(8), [0.5] * 8)
    unchangeable = replace(
        made, value=np.frombuffer(made.value.tobytes()), time=np.frombuffer(made.time.tobytes(), np.int64)
    )
    strided = replace(made, value=np.full(16, 0.7)[::2])
    return [made.stamped(BEGIN + 10 * S), made.take(slice(3, 5)).stamped(BEGIN + 11 * S),
            unchangeable.stamped(BEGIN + 12 * S), strided.stamped(BEGIN + 13 * S)]  # fmt: skip


def test_no_batch_of_a_live_run_has_anything_compiled_again() -> None:
    config = load(SITE)
    compile_kernel(config)
    walk: Any = rules.engine.walk.walk
    compiled = set(walk.signatures)
    assert len(compiled) == 1
    intake, engine = Intake(config.points, config.site, config.arrival_timed()), Engine(config.rules)
    engine.evaluate(intake.start(BEGIN))
    for batch in batches():
        engine.evaluate(intake.accept(batch))
    engine.evaluate(intake.clock(BEGIN + 100 * S))
    engine.readings()
    assert engine.counts.accepted.sum() > 0
    assert set(walk.signatures) == compiled
