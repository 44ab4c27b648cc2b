"""What a source learns at the start: the last measured sample of each of its points."""

import numpy as np

from hazwatch.live.completeness.last_known import LastSamples
from plant import Quality, SampleBatch


def test_the_last_measured_sample_counts_and_neither_a_lost_link_nor_history() -> None:
    last = LastSamples(3)
    batch = SampleBatch.of(
        [0, 0, 1, 0, 1, 0],
        [10, 30, 20, 20, 40, 50],
        [1.0, 3.0, 7.0, 2.0, np.nan, 9.0],
        quality=[0, 1, 0, 0, Quality.BAD, 0],
        backfilled=[False, False, False, False, False, True],
    )
    assert last.take(batch).time.tolist() == [10, 30, 20, 20]
    assert not last.has_all
    assert last.take(SampleBatch.of([0, 9, -1], [25, 90, 90], [2.5, 0.0, 0.0])).time.tolist() == [25]
    samples = last.of(np.array([0, 1, 2]))
    assert (samples.point.tolist(), samples.time.tolist(), samples.value.tolist()) == ([0, 1], [30, 20], [3.0, 7.0])
    assert samples.quality.tolist() == [1, 0]
