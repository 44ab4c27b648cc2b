"""A float32 becomes the shortest decimal that it can stand for."""

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.modbus.decimal_of_float import decimals


def read(number: float) -> float:
    return float(decimals(np.array([number], dtype=np.float32))[0])


@given(st.integers(-999_999, 999_999), st.integers(0, 6))
def test_a_decimal_of_six_digits_comes_back(whole: int, places: int) -> None:
    number = float(f"{whole}e-{places}")
    assert read(number) == number


@given(st.integers(0, 2**32 - 1))
def test_every_number_is_the_same_float32_as_before(bits: int) -> None:
    number = struct.unpack("<f", struct.pack("<I", bits))[0]
    result = read(number)
    assert np.isnan(result) if np.isnan(number) else np.float32(result) == np.float32(number)


def test_no_shorter_decimal_is_the_same_number() -> None:
    for text in ("3.1415927", "16777216", "1e-10", "0.3", "-273.15", "123456790000"):
        assert read(float(text)) == float(text)
