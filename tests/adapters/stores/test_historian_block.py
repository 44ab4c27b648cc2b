"""A block gives back every bit that went into it, whole or one point at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters.stores.historian.packing.block import POINT, VALUE, decode, encode
from adapters.stores.historian.packing.columns import pack, pick, unpack
from adapters.stores.historian.packing.grid import NO_GRID, PRODUCT, QUOTIENT, SINGLE, to_grid

WORDS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.one_of(
    st.floats(width=64).map(lambda value: int(np.float64(value).view(np.int64))),
    st.integers(-(10**6), 10**6).map(lambda step: int(np.float64(step / 100).view(np.int64))),
    st.integers(-(10**6), 10**6).map(lambda step: int(np.float64(step * 0.01).view(np.int64))),
    st.integers(-(10**4), 10**4).map(lambda step: int(np.float64(np.float32(step / 10)).view(np.int64))),
    WORDS,
    st.sampled_from([0, -(2**63), 0x7FF0000000000001, -(2**52), 0x7FF8DEADBEEF0001]),
)


@st.composite
def matrices(draw: st.DrawFn) -> NDArray[np.int64]:
    size = draw(st.integers(0, 60))
    columns = [st.integers(0, 3), WORDS, st.one_of(st.integers(0, 10**9), WORDS), st.integers(0, 2**25), DOUBLES]
    drawn = [draw(st.lists(column, min_size=size, max_size=size)) for column in columns]
    return np.array(drawn, dtype=np.int64).reshape(5, size)


@settings(deadline=None)
@given(matrices())
def test_every_bit_of_a_block_comes_back(rows: NDArray[np.int64]) -> None:
    np.testing.assert_array_equal(decode(encode(rows)), rows)


@settings(deadline=None)
@given(matrices(), st.integers(0, 3))
def test_one_point_of_a_block_is_what_the_whole_holds_of_it(rows: NDArray[np.int64], point: int) -> None:
    np.testing.assert_array_equal(decode(encode(rows), point), rows[:, rows[POINT] == point])


@settings(deadline=None)
@given(st.integers(1, 4), st.lists(WORDS, max_size=40))
def test_columns_of_any_numbers_come_back(count: int, numbers: list[int]) -> None:
    columns = np.array([numbers] * count, dtype=np.int64).reshape(count, len(numbers))
    packed = pack(columns)
    np.testing.assert_array_equal(unpack(packed), columns)
    for wanted in numbers[:3]:
        rows, picked = pick(packed, wanted)
        np.testing.assert_array_equal(rows, np.flatnonzero(columns[0] == wanted))
        np.testing.assert_array_equal(picked, columns[:, rows])


def test_columns_that_move_in_equal_steps_cost_their_headers_alone() -> None:
    columns = np.array([np.arange(10_000), np.full(10_000, 7), np.arange(10_000) * 1_000_000_000])
    assert len(pack(columns)) == 16 + 3 * 32


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.arange(1000) / 100, QUOTIENT),
        (np.arange(1000) * 0.01, PRODUCT),
        ((np.arange(1000) / 10).astype(np.float32).astype(np.float64), SINGLE),
        (np.random.default_rng(1).random(1000), NO_GRID),
    ],
)
def test_the_grid_on_which_values_lie_is_found(values: NDArray[np.float64], kind: int) -> None:
    found, _, _, off = to_grid(values)
    assert (found, len(off)) == (kind, 0)


@pytest.mark.parametrize("bits", [-(2**63), 0x7FF0000000000001, -1, 0x7FF0000000000000, 0x3FE3D70A3D70A3D8, 1])
def test_a_value_off_the_grid_of_the_others_keeps_its_bits(bits: int) -> None:
    rows = np.zeros((5, 300), dtype=np.int64)
    rows[VALUE] = (np.arange(300) / 100).view(np.int64)
    rows[VALUE, 123] = bits
    np.testing.assert_array_equal(decode(encode(rows)), rows)
    assert to_grid(rows[VALUE].view(np.float64))[3].tolist() == [123]
