"""Event streams of random logs, evaluated at once and from snapshot to snapshot."""

import random
from itertools import pairwise
from typing import Final

from tests.logs.pieces import STEADY, Piece, played, whole

RANDOM: Final = 200
"""Random sites of every kind of rule; each has a log in each form."""
CALM: Final = 100
"""Random sites whose points are calm for most of the time; each has one log."""
STREAMS: Final = [f"random {seed}" for seed in range(RANDOM)] + [f"calm {seed}" for seed in range(CALM)]
FORMS: Final = {"random": ("live", "trace", "stamped", "as logged"), "calm": (STEADY,)}
CUTS: Final = 4


def events_of(name: str) -> list[str]:
    """Return the events of the logs of a site as JSON; one engine evaluates each log at once."""
    kind, seed = name.split()
    pieces = [Piece(form, int(seed), 0, len(whole(form, int(seed))[1]), None) for form in FORMS[kind]]
    return [line for piece in pieces for line in played(piece).events]


def resumed_events_of(name: str) -> list[str]:
    """Return the events of the same logs, cut at random; a new engine resumes the snapshot of the one before it."""
    kind, seed = name.split()
    return [line for form in FORMS[kind] for line in _resumed(form, int(seed))]


def raised_kinds(name: str, conditions: set[str]) -> set[str]:
    """Return the features, health kinds and other kinds of rule that some conditions of a site belong to."""
    kind, seed = name.split()
    rules, _ = whole(FORMS[kind][0], int(seed))
    kinds: dict[str, str] = {limit.id: limit.feature for limit in rules.limits}
    kinds |= {vote.id: "vote" for vote in rules.votes} | {interlock.id: "interlock" for interlock in rules.interlocks}
    calculated = {point.id for point in rules.points if point.expression is not None}
    of_calculated = {limit.id for limit in rules.limits if limit.point in calculated}
    found = {kinds.get(condition, condition.partition(":")[0]) for condition in conditions}
    return found | {"calculated" for _ in of_calculated & conditions}


def _resumed(form: str, seed: int) -> list[str]:
    length = len(whole(form, seed)[1])
    chance = random.Random(f"{form} {seed}")
    places = sorted(chance.randint(0, length) for _ in range(CUTS))
    events, snapshot = list[str](), None
    for begin, end in pairwise([0, *places, length]):
        lines, snapshot = played(Piece(form, seed, begin, end, snapshot))
        events += lines
    return events
