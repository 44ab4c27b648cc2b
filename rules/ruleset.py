"""RuleSet: points, limits, votes and interlocks together, their version, and what is wrong with them."""

import json
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import Final

from plant import Entity, Point
from rules.problems import Problem, find_problems
from rules.spec import Interlock, Limit, Vote

NOT_EVALUATED: Final = frozenset(
    (
        "name", "quantity", "unit", "profile", "source", "address", "message", "message_en", "response", "response_en",
        "consequence", "consequence_en", "time_to_respond", "basis", "basis_en", "ticket",
    )
)  # fmt: skip
"""Keys on which no event depends."""


class RuleSet:
    """All that is evaluated, in the order of the site file."""

    def __init__(
        self, points: Iterable[Point], limits: Iterable[Limit], votes: Iterable[Vote], interlocks: Iterable[Interlock]
    ) -> None:
        self.points: Final = tuple(points)
        self.limits: Final = tuple(limits)
        self.votes: Final = tuple(votes)
        self.interlocks: Final = tuple(interlocks)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits of a SHA-256 over what is evaluated."""
        tables = (self.points, self.limits, self.votes, self.interlocks)
        text = json.dumps([[_evaluated(entity) for entity in table] for table in tables], ensure_ascii=False)
        return sha256(text.encode()).hexdigest()[:12]

    def problems(self) -> list[Problem]:
        """Return all configuration errors; none in a rule-set that an engine takes."""
        return find_problems(self.points, self.limits, self.votes, self.interlocks)


def _evaluated(entity: Entity) -> dict[str, object]:
    return entity.model_dump(mode="json", exclude=set(NOT_EVALUATED))
