"""Frames of Modbus TCP without a connection: whatever arrives, no answer is believed that is not the one asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.modbus.frames import LinkLostError, ModbusRefusedError, SilentError, TcpFraming, WrongUnitError
from adapters.sources.modbus.plan import Request, Span

TWO = Request((Span(1, "holding", 7, 2),))
BITS = Request((Span(1, "coil", 0, 11),))


def answer(asked: bytes, content: bytes, *, unit: int = 1) -> bytes:
    return asked[:4] + (len(content) + 1).to_bytes(2, "big") + bytes((unit,)) + content


def words(outcome: object) -> list[int]:
    assert isinstance(outcome, np.ndarray), outcome
    return list(map(int, outcome))


def test_a_request_is_the_frame_of_the_specification() -> None:
    assert TcpFraming().ask(TWO) == bytes.fromhex("0001 0000 0006 01 03 0007 0002")


@pytest.mark.parametrize("junk", [b"", b"\0\0", b"\x99", b"\0\1\0\0\0\1", b"\xff" * 300])
def test_an_answer_is_found_behind_junk_and_in_any_pieces(junk: bytes) -> None:
    framing = TcpFraming()
    received = junk + answer(framing.ask(TWO), b"\3\4\1\4\0\5")
    outcomes = [framing.hear(received[at : at + 1]) for at in range(len(received))]
    assert words(outcomes[-1]) == [0x104, 5]
    assert outcomes[:-1] == [None] * (len(received) - 1)


def test_bits_come_lowest_first() -> None:
    framing = TcpFraming()
    assert words(framing.hear(answer(framing.ask(BITS), b"\1\2\x05\xfc"))) == [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_a_late_answer_is_never_taken_for_the_next() -> None:
    framing = TcpFraming()
    late = answer(framing.ask(TWO), b"\3\4\0\1\0\1")
    assert isinstance(framing.give_up(0.0), SilentError)
    asked = framing.ask(Request((Span(1, "holding", 50, 2),)))
    assert framing.hear(late) is None
    assert words(framing.hear(answer(asked, b"\3\4\0\2\0\2"))) == [2, 2]


def test_the_unit_that_answers_instead_is_named() -> None:
    framing = TcpFraming()
    assert framing.hear(answer(framing.ask(TWO), b"\3\4\0\1\0\1", unit=9)) is None
    given_up = framing.give_up(0.0)
    assert isinstance(given_up, WrongUnitError)
    assert str(given_up) == "unit 9 answered instead"


def test_half_an_answer_ends_the_connection_because_the_rest_would_stand_before_the_next() -> None:
    framing = TcpFraming()
    framing.hear(answer(framing.ask(TWO), b"\3\4\0\1\0\1")[:-1])
    assert isinstance(framing.give_up(0.0), LinkLostError)


def test_a_doubled_answer_without_transaction_id_is_never_taken_for_the_next() -> None:
    framing = TcpFraming()
    framing.ask(TWO)
    unnumbered = answer(bytes(4), b"\3\4\0\1\0\1")
    assert words(framing.hear(unnumbered + unnumbered)) == [1, 1]
    framing.ask(Request((Span(1, "holding", 50, 2),)))
    assert isinstance(framing.hear(answer(bytes(4), b"\3\4\0\2\0\2")), LinkLostError)


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_no_bytes_make_a_value_without_the_transaction_id_of_the_request(pieces: list[bytes]) -> None:
    framing = TcpFraming()
    asked = framing.ask(TWO)
    for piece in pieces:
        outcome = framing.hear(piece)
        if outcome is None:
            continue
        assert isinstance(outcome, LinkLostError | ModbusRefusedError) or asked[:2] in piece or b"\0\0" in piece
        return
    assert isinstance(framing.give_up(0.0), LinkLostError | SilentError)
