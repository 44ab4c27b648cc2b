"""The accepted samples of a point as columns are those that the engine accepts, if the point never becomes stale."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest import SAMPLE, Log
from rules import Engine, accepted
from tests.rules.play import point, rule_set

SAMPLES = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from([0.5, 0.6, 4.5, -1.0, float("nan"), float("inf")]),
        st.sampled_from([0, 0, 1, 2]),
        st.sampled_from([0, 0, 4, 8]),
        st.booleans(),
    ),
    max_size=30,
)


@given(SAMPLES)
def test_the_engine_accepts_the_same_samples(rows: list[tuple[int, float, int, int, bool]]) -> None:
    time, value, quality, state, backfilled = zip(*rows, strict=True) if rows else ((),) * 5
    log = Log(
        kind=np.full(len(rows), SAMPLE, np.uint8),
        point=np.zeros(len(rows), np.int32),
        time=np.array(time, np.int64),
        value=np.array(value, np.float64),
        quality=np.array(quality, np.uint8),
        state=np.array(state, np.uint16),
        backfilled=np.array(backfilled, np.bool_),
    )
    spec = point(stale_after="never")
    engine = Engine(rule_set([spec]))
    engine.evaluate(log)
    seen = accepted(log, spec)
    assert len(seen.time) == engine.counts.accepted[0]
    if len(seen.time):
        readings = engine.readings()
        assert (seen.evidence[-1] and not seen.one_sided[-1]) == (not readings.in_doubt[0])
        assert seen.quality[-1] == readings.quality[0]
