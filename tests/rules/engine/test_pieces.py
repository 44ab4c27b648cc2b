"""Any cut of the log, any stop, compiled or not, and from one to the other: the same bytes."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logs.engine_logs import FORMS, LOGS
from tests.logs.pieces import STEADY, Piece, Played, played, whole

pytestmark = [pytest.mark.slow, pytest.mark.live]

Player = Callable[[Piece], Played]
FOLDER = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def uncompiled() -> Iterator[Player]:
    """Yield what plays a piece in a process that compiles nothing."""
    command = [sys.executable, "-W", "error", "-m", "tests.logs.pieces"]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(FOLDER)}
    with subprocess.Popen(
        command, env=environment, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        there, back = process.stdin, process.stdout
        assert pickle.load(back), "it compiles"

        def play(piece: Piece) -> Played:
            pickle.dump(tuple(piece), there)
            there.flush()
            return Played(*pickle.load(back))

        yield play
        pickle.dump(None, there)
        there.flush()


def in_pieces(form: str, seed: int, cuts: list[float], players: list[Player]) -> Played:
    """Play a log with a stop at every cut, each piece by the next of the players; all events, the last snapshot."""
    length = len(whole(form, seed)[1])
    places = sorted({0, length, *(round(cut * length) for cut in cuts)})
    events, snapshot = list[str](), None
    for player, (begin, end) in zip(cycle(players), pairwise(places), strict=False):
        found, snapshot = player(Piece(form, seed, begin, end, snapshot))
        events += found
    assert snapshot is not None
    return Played(events, snapshot)


CUTS = st.lists(st.floats(0, 1), max_size=6)
SEEDS = st.integers(0, 1_000_000)


def check(form: str, seed: int, cuts: list[float], uncompiled: Player) -> None:
    """Play a log as a whole, in pieces, without compilation, and with stops between which it changes."""
    expected = in_pieces(form, seed, [], [played])
    assert in_pieces(form, seed, cuts, [played]) == expected
    assert in_pieces(form, seed, [], [uncompiled]) == expected
    assert in_pieces(form, seed, cuts, [played, uncompiled]) == expected
    assert in_pieces(form, seed, cuts, [uncompiled, played]) == expected


@given(st.sampled_from(sorted(FORMS)), SEEDS, CUTS)
@settings(deadline=None, max_examples=max(100, LOGS // 4))
def test_random_rules_and_logs_give_the_same_bytes(uncompiled: Player, form: str, seed: int, cuts: list[float]) -> None:
    check(form, seed, cuts, uncompiled)


@given(SEEDS, CUTS)
@settings(deadline=None, max_examples=max(25, LOGS // 20))
def test_windows_at_rest_give_the_same_bytes(uncompiled: Player, seed: int, cuts: list[float]) -> None:
    check(STEADY, seed, cuts, uncompiled)
