"""Frames of Modbus RTU without a line: noise, halves, late answers and other units never become a value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.modbus.frames import GarbledError, ModbusRefusedError, SilentError, WrongUnitError
from adapters.sources.modbus.plan import Request, Span
from adapters.sources.modbus.rtu import LATEST, RtuFraming, checked

TWO = Request((Span(1, "holding", 7, 2),))
ELSEWHERE = Request((Span(1, "holding", 70, 2),))
ONE = Request((Span(1, "holding", 9, 1),))
RIGHT = checked(b"\1\3\4\1\4\0\5")


def words(outcome: object) -> list[int]:
    assert isinstance(outcome, np.ndarray), outcome
    return list(map(int, outcome))


def asked(request: Request) -> RtuFraming:
    framing = RtuFraming()
    assert framing.before(request, 0.0) == request
    framing.ask(request)
    return framing


def test_a_request_is_the_frame_of_the_specification() -> None:
    assert RtuFraming().ask(Request((Span(17, "holding", 0x6B, 3),))) == bytes.fromhex("11 03 00 6B 00 03 76 87")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\xff\x7f", id="noise"),
        pytest.param(b"\1\3\4", id="the begin of an answer"),
        pytest.param(checked(b"\1\3\0\7\0\2"), id="the echo of the request"),
        pytest.param(checked(b"\2\3\2\0\1"), id="an answer of another unit"),
        pytest.param(checked(b"\1\3\2\0\1"), id="an answer of another length"),
        pytest.param(b"\1\3\4\1\4\0\5\0\0", id="the answer with a wrong checksum"),
    ],
)
def test_the_answer_is_found_behind_what_is_none_and_in_any_pieces(before: bytes) -> None:
    framing = asked(TWO)
    received = before + RIGHT
    outcomes = [framing.hear(received[at : at + 1]) for at in range(len(received))]
    assert words(outcomes[-1]) == [0x104, 5]
    assert outcomes[:-1] == [None] * (len(received) - 1)


@given(st.integers(0, len(RIGHT) * 8 - 1))
def test_one_wrong_bit_is_never_a_value(bit: int) -> None:
    damaged = bytearray(RIGHT)
    damaged[bit // 8] ^= 1 << bit % 8
    framing = asked(TWO)
    assert framing.hear(bytes(damaged)) is None
    assert isinstance(framing.give_up(0.0), SilentError | GarbledError)


@given(st.lists(st.binary(max_size=64), max_size=4))
def test_noise_is_never_a_value(pieces: list[bytes]) -> None:
    framing = asked(TWO)
    assert [framing.hear(piece) for piece in pieces] == [None] * len(pieces)


def test_an_exception_is_the_refusal_of_its_own_function() -> None:
    assert asked(TWO).hear(checked(b"\1\x84\2")) is None
    refused = asked(TWO).hear(checked(b"\1\x83\2"))
    assert isinstance(refused, ModbusRefusedError)
    assert refused.code == 2


def test_what_is_damaged_need_not_be_waited_for() -> None:
    framing = asked(TWO)
    framing.hear(RIGHT[:-1])
    assert not framing.damaged
    framing.hear(b"\0")
    assert framing.damaged
    assert "checksum" in str(framing.give_up(0.0))


def test_the_unit_that_answers_instead_is_named() -> None:
    framing = asked(TWO)
    assert framing.hear(checked(b"\x09\3\4\1\4\0\5")) is None
    assert isinstance(framing.give_up(0.0), WrongUnitError)


def owing(*requests: Request) -> RtuFraming:
    """A unit that owes the answers to requests that were made one after the other."""
    framing = RtuFraming()
    for request in requests:
        framing.ask(framing.before(request, 0.0))
        framing.give_up(0.0)
    return framing


def answer(request: Request) -> bytes:
    data = b"".join((request.start + place).to_bytes(2, "big") for place in range(request.count))
    return checked(bytes((1, 3, len(data))) + data)


@pytest.mark.parametrize("first", [TWO, ONE], ids=["two registers", "one register"])
def test_a_late_answer_of_the_same_length_is_never_taken_for_the_next(first: Request) -> None:
    framing = owing(first)
    next_ = Request((Span(1, "holding", 70, first.count),))
    asked_ = framing.before(next_, 1.0)
    assert (asked_.start, asked_.count) == (70, first.count + 1)
    framing.ask(asked_)
    assert framing.hear(answer(first)) is None
    assert words(framing.hear(answer(asked_))) == list(range(70, 70 + asked_.count))
    assert framing.before(next_, 1.0) == next_


def test_a_late_answer_that_overtakes_nothing_else_is_not_taken_for_a_later_request_either() -> None:
    framing = owing(ONE)
    asked_ = framing.before(ELSEWHERE, 1.0)
    framing.ask(asked_)
    assert words(framing.hear(answer(asked_))) == [70, 71]
    assert framing.before(ONE, 1.0) != ONE


def test_a_late_answer_that_comes_while_nobody_asks_is_owed_no_longer() -> None:
    framing = owing(TWO)
    assert framing.hear(answer(TWO)) is None
    assert framing.before(ELSEWHERE, 1.0) == ELSEWHERE


def test_an_exception_may_be_the_late_one_so_it_proves_nothing_until_the_line_is_quiet() -> None:
    framing = owing(ONE)
    framing.ask(framing.before(ONE, 1.0))
    assert framing.hear(checked(b"\1\x83\2")) is None
    assert isinstance(framing.give_up(1.0), SilentError)
    assert framing.before(ONE, 1.0) == ONE


def test_half_a_minute_later_nothing_is_owed() -> None:
    framing = owing(ONE, ONE, ONE)
    assert framing.before(ONE, 1.0).count == 4
    assert framing.before(ONE, LATEST) == ONE


def test_a_unit_is_left_alone_when_no_length_is_left() -> None:
    last = Request((Span(1, "holding", 65535, 1),))
    with pytest.raises(SilentError, match="late answer"):
        owing(last).before(last, 1.0)
