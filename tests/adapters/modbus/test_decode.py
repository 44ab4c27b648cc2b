"""Numbers out of registers: exactness, and the answer to every raw number."""

from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.modbus.decode import Decoder
from adapters.sources.modbus.plan import Request, Span, spans
from plant import Quality
from plant.modbus_address import ModbusAddress


def decoded(text: str, *words: int) -> float:
    decoder = Decoder([ModbusAddress.parse(text)])
    decoder.image.put(Request(tuple(spans([ModbusAddress.parse(text)]))), np.array(words, dtype=np.uint16), 1)
    return float(decoder.decode()[0][0])


@given(
    st.integers(0, 65535),
    st.integers(-9999, 9999).filter(bool),
    st.integers(0, 6),
    st.integers(-9999, 9999),
    st.integers(0, 6),
)
def test_a_whole_number_becomes_the_float_next_to_the_decimal_that_is_written(
    raw: int, scale: int, scale_digits: int, offset: int, offset_digits: int
) -> None:
    written = Decimal(scale).scaleb(-scale_digits), Decimal(offset).scaleb(-offset_digits)
    text = f"holding=0;scale={written[0]};offset={written[1]}"
    assert decoded(text, raw) == float(raw * written[0] + written[1])


def test_hundredths_are_the_decimals_of_the_rules() -> None:
    addresses = [ModbusAddress.parse(f"holding={register};scale=0.01") for register in range(0, 65536, 5)]
    decoder = Decoder(addresses)
    for span in spans(addresses):
        decoder.image.put(Request((span,)), np.array([span.start], dtype=np.uint16), 1)
    assert decoder.decode()[0].tolist() == [float(f"{register}e-2") for register in range(0, 65536, 5)]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_without_scale_is_the_decimal_that_it_stands_for(number: float) -> None:
    words = np.array([number], dtype=">f4").view(">u2")
    assert np.float32(decoded("holding=0;type=float32", *words.tolist())) == number


def test_a_tenth_in_a_float32_is_a_tenth() -> None:
    assert decoded("holding=0;type=float32", *np.array([0.1], dtype=">f4").view(">u2").tolist()) == 0.1


@given(st.integers(-(2**31), 2**31 - 1), st.sampled_from((1 / 3, 1e30, 1.2345678901234567)))
def test_a_scale_of_many_digits_is_a_plain_product(raw: int, scale: float) -> None:
    words = np.array([raw], dtype=">i4").view(">u2")
    assert decoded(f"holding=0;type=int32;scale={scale!r};offset=0.5", *words.tolist()) == raw * scale + 0.5


def test_nothing_read_is_bad_everywhere() -> None:
    decoder = Decoder([ModbusAddress.parse(text) for text in ("holding=0", "coil=1", "input=2;type=float64")])
    value, quality, state, time, complete, no_value = decoder.decode()
    assert np.isnan(value).all()
    assert quality.tolist() == [Quality.BAD] * 3
    assert not state.any()
    assert not (no_value | complete).any()
    assert (time == decoder.image.UNREAD).all()


def test_the_value_has_the_time_of_its_own_request() -> None:
    decoder = Decoder([ModbusAddress.parse(text) for text in ("holding=0", "unit=2;holding=0;status=holding:9")])
    decoder.image.put(Request((Span(1, "holding", 0, 1),)), np.array([1], dtype=np.uint16), 10)
    decoder.image.put(Request((Span(2, "holding", 0, 1),)), np.array([1], dtype=np.uint16), 20)
    decoder.image.put(Request((Span(2, "holding", 9, 1),)), np.array([0], dtype=np.uint16), 30)
    assert decoder.decode()[3].tolist() == [10, 20]


def test_no_points_are_an_empty_answer() -> None:
    assert [len(column) for column in Decoder([]).decode()] == [0, 0, 0, 0, 0, 0]
