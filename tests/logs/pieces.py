"""Pieces of random logs that an engine plays here, or in `python -m tests.logs.pieces` without compilation."""

import pickle
import sys
from functools import lru_cache
from types import FunctionType
from typing import NamedTuple

import numba

from ingest import Log
from rules import Engine, RuleSet
from tests.logs.engine_logs import FORMS, as_log
from tests.logs.random_logs import Case, random_case
from tests.logs.steady_logs import steady_case

STEADY = "steady"
"""A form of log besides those of the differential test: points that rest for much of the time."""


class Piece(NamedTuple):
    """A part of the log of a seed, and the snapshot of the engine that played what stands before it."""

    form: str
    seed: int
    begin: int
    end: int
    snapshot: bytes | None


class Played(NamedTuple):
    """The events of a piece, as JSON, and the snapshot after it."""

    events: list[str]
    snapshot: bytes


@lru_cache(maxsize=4)
def whole(form: str, seed: int) -> tuple[RuleSet, Log]:
    """Return the rules and the log of a seed."""
    case = steady_case(seed, seconds=400) if form == STEADY else random_case(seed)
    entries = Case.live(case) if form == STEADY else FORMS[form][0](case)
    return RuleSet(case.points, case.limits, case.votes, case.interlocks), as_log(case, entries)


def played(piece: Piece) -> Played:
    """Play a piece."""
    rules, log = whole(piece.form, piece.seed)
    engine = Engine(rules)
    if piece.snapshot is not None:
        engine.resume(piece.snapshot)
    events = [event.to_json() for event in engine.evaluate(log[piece.begin : piece.end])]
    return Played(events, engine.snapshot())


if __name__ == "__main__":
    pickle.dump(isinstance(numba.njit(played), FunctionType), sys.stdout.buffer)
    while (wanted := pickle.load(sys.stdin.buffer)) is not None:
        pickle.dump(tuple(played(Piece(*wanted))), sys.stdout.buffer)
        sys.stdout.flush()
