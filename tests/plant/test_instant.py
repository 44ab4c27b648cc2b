"""Instants are read and written exactly, one by one or many at once."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.instant import parse_instant, parse_instants, write_instants

# A number between is a time in the first weeks of 1970, or rather a time of today in another unit.
INSTANTS = st.integers(-(2**63) + 10**18, 9 * 10**8) | st.integers(5 * 10**15, 2**63 - 10**18)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("0", 0),
        ("-1", -1),
        ("1772402400123456789", 1_772_402_400_123_456_789),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01 08:00:00.5+08:00", 500_000_000),
        ("1970-01-01T00:00:00.123456789-0100", 3_600_123_456_789),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("2024-02-29T12:00:00+08:00", 1_709_179_200_000_000_000),
    ],
)
def test_an_instant_is_exact(text: str, instant: int) -> None:
    assert parse_instant(text) == instant
    assert parse_instants([text, text]).tolist() == [instant, instant]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1.5",
        "1e9",
        "1_000",
        "２０２６",
        "9223372036854775808",
        "2026-03-02",
        "2026-03-02T00:00:00",
        "2026-02-29T00:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T23:59:60Z",
        "2026-03-02T00:00:00.1234567890Z",
        "2026-13-01T00:00:00Z",
        "2500-01-01T00:00:00Z",
        "2026-03-02T00:00:00+99:99",
        "2026-03-02T00:00:00 Z",
    ],
)
def test_what_is_no_instant_is_refused_alone_and_among_others(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)
    with pytest.raises(ValueError):
        parse_instants([text])
    with pytest.raises(ValueError):
        parse_instants(["2026-03-02T00:00:00Z", text])


@given(st.lists(INSTANTS, max_size=20))
def test_what_is_written_is_read_back(instants: list[int]) -> None:
    column = np.array(instants, np.int64)
    assert parse_instants(write_instants(column)).tolist() == instants
    assert parse_instants([str(instant) for instant in instants]).tolist() == instants


@given(st.lists(st.one_of(INSTANTS.map(str), INSTANTS.map(lambda t: write_instants(np.array([t]))[0])), min_size=1))
def test_many_at_once_are_read_as_one_by_one(texts: list[str]) -> None:
    assert parse_instants(texts).tolist() == [parse_instant(text) for text in texts]


def test_as_few_decimals_are_written_as_hold_every_instant() -> None:
    assert write_instants(np.array([0, 10**9])) == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"]
    assert write_instants(np.array([0, 10**6])) == ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.001Z"]


@pytest.mark.parametrize(
    ("text", "unit", "digits"),
    [
        ("1719792000", "seconds", 9),
        ("1719792000.0", "seconds", 9),
        ("1719792000000", "milliseconds", 6),
        ("1.719792e12", "milliseconds", 6),
        ("1719792000000000", "microseconds", 3),
    ],
)
def test_a_time_in_another_unit_is_refused_by_its_name(text: str, unit: str, digits: int) -> None:
    message = f"before the year 2000 in nanoseconds; it looks like {unit}: write nanoseconds, {digits} more digits"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_instant(text)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_instants([text, text])


def test_a_decimal_number_of_nanoseconds_is_refused() -> None:
    with pytest.raises(ValueError, match="expected whole nanoseconds UTC, without a decimal point"):
        parse_instant("1719792000000000000.0")
