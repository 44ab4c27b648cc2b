"""Which rows of a history belong into a hole, and which holes there are."""

import numpy as np
import pytest

from adapters.sources.opcua.decode import NO_TIME, DataValues
from adapters.sources.opcua.gaps.holes import Hole, HoleFinder, SourceRow, inside

T = 1_400_000_000_000_000_000


def row(time: int, value: float, quality: int = 0) -> SourceRow:
    return SourceRow(T + time, value, quality, 0)


def values(*rows: tuple[int, int, float]) -> DataValues:
    node, time, value = (np.array(column) for column in zip(*rows, strict=True))
    time = np.where(time == NO_TIME, NO_TIME, time + T)
    no = np.zeros(len(node))
    return DataValues(node, time, np.full(len(node), NO_TIME), value, no.astype(np.uint32), no.astype(np.bool_))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([(0, 1.0), (1, 2.0), (2, 3.0), (9, 9.0)], [(1, 2.0), (2, 3.0)], id="both ends came already"),
        pytest.param([(1, 2.0), (9, 9.0), (10, 4.0)], [(1, 2.0)], id="nothing behind the end"),
        pytest.param([(-1, 0.5), (1, 2.0)], [(1, 2.0)], id="nothing before the beginning"),
        pytest.param([(0, 0.5), (0, 1.0), (0, 1.5), (1, 2.0)], [(0, 1.5), (1, 2.0)], id="rows at the first time"),
        pytest.param([(1, 2.0), (9, 8.0), (9, 9.0), (9, 9.5)], [(1, 2.0), (9, 8.0)], id="rows at the last time"),
        pytest.param([(1, np.nan)], [(1, np.nan)], id="no number"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_a_row_that_came_is_not_filled_in_again(
    history: list[tuple[int, float]], expected: list[tuple[int, float]]
) -> None:
    hole = Hole(0, row(0, 1.0), row(9, 9.0))
    filled = inside(hole, [row(time, value) for time, value in history])
    assert repr([(each.time - T, each.value) for each in filled]) == repr(expected)


def test_a_hole_reaches_from_the_last_row_before_a_break_to_the_first_after_it() -> None:
    finder = HoleFinder(3)
    for node in range(3):
        finder.begin(node, row(0, 1.0))
    finder.begin(0, row(5, 2.0))  # the link breaks again before anything came
    finder.end(values((0, 9, 3.0), (0, 10, 4.0), (1, 0, 1.0)))
    assert finder.take() == [Hole(0, row(0, 1.0), row(9, 3.0))]
    assert finder.open.tolist() == [False, False, True]
    assert finder.take() == []


def test_a_node_without_a_row_before_has_no_hole() -> None:
    finder = HoleFinder(1)
    finder.begin(0, None)
    finder.end(values((0, 9, 3.0)))
    assert finder.take() == []


def test_a_row_without_a_time_ends_no_hole() -> None:
    finder = HoleFinder(1)
    finder.begin(0, row(0, 1.0))
    finder.end(values((0, NO_TIME, 3.0)))
    assert finder.open.tolist() == [True]
