"""Late, the same and stale mean for a column what they mean for each of its samples."""

import math

import numpy as np
import pytest

from ingest import ends_staleness, is_late, is_same, stale_due

TIMES = np.array([5, 7, 7, 9], dtype=np.int64)
REFERENCES = np.array([7, 7, 7, 7], dtype=np.int64)
BACKFILLED = np.array([False, False, True, False])
NAN = math.nan


def test_a_sample_is_late_before_its_reference_or_if_its_source_says_so() -> None:
    assert is_late(BACKFILLED, TIMES, REFERENCES).tolist() == [True, False, True, False]
    each = [is_late(int(late), int(time), 7) for late, time in zip(BACKFILLED, TIMES, strict=True)]
    assert each == [True, False, True, False]


@pytest.mark.parametrize(
    ("other", "same"),
    [((0.5, 0, 0), True), ((0.6, 0, 0), False), ((0.5, 1, 0), False), ((0.5, 0, 4), False), ((NAN, 0, 0), False)],
)
def test_samples_are_the_same_by_value_quality_and_state(other: tuple[float, int, int], same: bool) -> None:
    assert is_same((0.5, 0, 0), other) == same
    columns = (np.array([other[0]]), np.array([other[1]], np.uint8), np.array([other[2]], np.uint16))
    sample = (np.array([0.5]), np.array([0], np.uint8), np.array([0], np.uint16))
    assert is_same(sample, columns).tolist() == [same]


def test_a_reading_that_fails_again_is_the_same() -> None:
    assert is_same((NAN, 2, 128), (NAN, 2, 128))
    assert not is_same((NAN, 2, 128), (1.0, 2, 128))


def test_staleness_counts_from_the_last_sample_or_from_the_start_if_that_is_later() -> None:
    assert stale_due(30, 10, 20) == 50
    assert stale_due(30, 40, 20) == 60
    assert stale_due(np.array([30, 50]), 40, np.array([20, 20])).tolist() == [60, 70]


def test_a_sample_ends_staleness_unless_it_is_too_old_for_the_last_tick() -> None:
    assert ends_staleness(31, 20, 50)
    assert not ends_staleness(30, 20, 50)
