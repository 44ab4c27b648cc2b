"""Samples of many batches stand by arrival, time and point, whether one batch resembles the last or not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.arrange import arranged

small = st.integers(0, 3)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 6), small, small), max_size=60))
def test_the_order_is_that_of_a_stable_sort(rows: list[tuple[int, int, int]]) -> None:
    columns = np.array(sorted(rows, key=lambda row: row[0]), dtype=np.int64).reshape(-1, 3).T
    arrival, time, point = columns[0], columns[1], columns[2].astype(np.int32)
    found = arranged(arrival, time, point)
    expected = np.lexsort((point, time, arrival))
    assert (np.arange(len(arrival)) if found is None else found).tolist() == expected.tolist()


@pytest.mark.parametrize("shuffled", [True, False], ids=["another order in each batch", "the same order in all"])
def test_large_batches(shuffled: bool) -> None:
    random = np.random.default_rng(5)
    order = random.permutation(500)
    time = np.concatenate([number * 1000 + (random.permutation(500) if shuffled else order) for number in range(20)])
    arrival = np.repeat(np.arange(20), 500)
    point = np.tile(np.arange(500, dtype=np.int32), 20)
    found = arranged(arrival, time, point)
    assert found is not None
    assert found.tolist() == np.lexsort((point, time, arrival)).tolist()


def test_what_stands_in_order_is_left_alone() -> None:
    assert arranged(np.array([1, 1, 2]), np.array([0, 5, 3]), np.array([1, 0, 0], dtype=np.int32)) is None
