"""Mutated inputs of every kind get an answer within bounds; the bench has ten thousand of each."""

import os
import signal
from pathlib import Path

import pytest

from bench.attacks.input import attacks
from bench.attacks.played import Attack, content_of, judge, play

KINDS = (
    "site file", "points table", "case file", "incidents", "trace", "packed trace", "Parquet", "expression",
    "address of a page", "command", "options", "JUnit file",
)  # fmt: skip
TIMES = 15
MORE = 1 << 27
"""More memory than an answer may take. [byte]"""


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attack]:
    return dict(attacks(tmp_path_factory.mktemp("attacks")))


def test_every_kind_of_input_is_attacked(targets: dict[str, Attack]) -> None:
    assert tuple(targets) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_inputs_end_in_no_traceback(targets: dict[str, Attack], kind: str) -> None:
    for number in range(TIMES):
        assert judge(targets[kind], content_of(kind, targets[kind], number)) is None, number


def test_an_error_of_the_product_is_judged_as_one() -> None:
    def answer(content: bytes) -> None:
        raise OverflowError(content)

    place = f"{Path(__file__).name}:{answer.__code__.co_firstlineno + 1}"
    assert judge(Attack(lambda chance: b"", answer), b"") == f"OverflowError in {place}"


def test_a_process_that_dies_or_takes_all_memory_is_wrong_and_the_others_are_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers"

    def answer(content: bytes) -> None:
        with answers.open("ab") as file:
            file.write(b".")
        match answers.stat().st_size:
            case 2:
                os.kill(os.getpid(), signal.SIGKILL)
            case 3:
                assert b"x" * MORE

    game = play("kind", Attack(lambda chance: b"", answer), 4, most=MORE // 2)
    assert (game.wrong, answers.read_bytes()) == (2, b"....")
    assert "kind 1: the process ended with -9" in capsys.readouterr().out
