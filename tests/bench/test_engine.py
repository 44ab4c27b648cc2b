"""The bench of the engine plays what it says: its events are the changes of the limits in its values."""

import numpy as np
import pytest

from bench.engine import measure_engine
from bench.job import LIMITS, Job, values_of

JOB = Job(200, 30, warm=1, changing=0.2, batch=64)


def test_the_events_of_the_bench_are_the_changes_of_its_limits(capsys: pytest.CaptureFixture[str]) -> None:
    at, clear = np.array(LIMITS["high"]).T[..., None]
    states, changes = np.zeros((len(at), JOB.points), dtype=np.bool_), 0
    for second, values in enumerate(values_of(JOB)):
        before, states = states, (values >= at) | (states & (values >= clear))
        changes += int((states != before).sum()) if second >= JOB.warm else 0
    assert changes > 1000
    assert measure_engine(JOB) > 0
    assert f" {changes} events" in capsys.readouterr().out
