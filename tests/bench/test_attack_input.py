"""Mutated inputs of every kind get an answer within bounds; the bench has ten thousand of each."""

import random
from pathlib import Path

import pytest

from bench.attacks.input import OPTIONS, Attack, attacks, judge, mutated

KINDS = (
    "site file", "points table", "case file", "incidents", "trace", "packed trace", "expression", "address of a page",
    "command", "options",
)  # fmt: skip
TIMES = 15


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attack]:
    return dict(attacks(tmp_path_factory.mktemp("attacks")))


def test_every_kind_of_input_is_attacked(targets: dict[str, Attack]) -> None:
    assert tuple(targets) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_inputs_end_in_no_traceback(targets: dict[str, Attack], kind: str) -> None:
    for number in range(TIMES):
        chance = random.Random(f"{kind} {number}")
        seed = "\x1f".join(chance.choice(OPTIONS)) if kind == "options" else targets[kind].seed
        assert judge(targets[kind], mutated(seed, chance)) is None, number


def test_an_error_of_the_product_is_judged_as_one() -> None:
    def answer(content: bytes) -> None:
        raise OverflowError(content)

    assert (
        judge(Attack("", answer), b"") == f"OverflowError in {Path(__file__).name}:{answer.__code__.co_firstlineno + 1}"
    )
