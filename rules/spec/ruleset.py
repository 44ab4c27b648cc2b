"""`RuleSet`: points, limits, votes and interlocks together, their version, and their problems."""

import json
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import Final, Self, cast

from plant import NEVER_STALE, Entity, Message, Point, write_duration
from rules.spec.conditions import ConditionIndex
from rules.spec.problems import Problem, find_problems
from rules.spec.rule import Interlock, Limit, Vote

NOT_EVALUATED: Final = frozenset(
    (
        "name", "quantity", "unit", "profile", "source", "address", "message", "message_en", "response", "response_en",
        "consequence", "consequence_en", "time_to_respond", "basis", "basis_en", "ticket",
    )
)  # fmt: skip
"""Keys on which no event depends: an edit of these keeps the version, and needs no approval."""


class RuleSet:
    """The points and rules of a site, in the order of the site file."""

    def __init__(
        self, points: Iterable[Point], limits: Iterable[Limit], votes: Iterable[Vote], interlocks: Iterable[Interlock]
    ) -> None:
        self.points: Final = tuple(points)
        self.limits: Final = tuple(limits)
        self.votes: Final = tuple(votes)
        self.interlocks: Final = tuple(interlocks)

    @classmethod
    def read(cls, content: str) -> Self:
        """Return the rule-set with this content; names, places and messages are not in it.

        Raises
        ------
        ValueError
            It is no content, or has keys that are not known here.

        """
        try:
            points, limits, votes, interlocks = json.loads(content)
            return cls(
                (Point.model_validate(_written(table), by_name=True) for table in points),
                (Limit.model_validate(table) for table in limits),
                (Vote.model_validate(table) for table in votes),
                (Interlock.model_validate(table) for table in interlocks),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(Message("not the content of a rule-set: {reason}", reason=error)) from error

    @cached_property
    def conditions(self) -> ConditionIndex:
        """The conditions of the rule-set."""
        return ConditionIndex(self.points, self.limits, self.votes, self.interlocks)

    @cached_property
    def content(self) -> str:
        """The evaluated keys as JSON: the tables of points, limits, votes and interlocks, in this order."""
        # Names of units are evaluated where an expression converts from them.
        inputs = {name for point in self.points for name in point.inputs or ()}
        points = [_evaluated(point, keep_unit=point.id in inputs) for point in self.points]
        others = [[_evaluated(rule) for rule in table] for table in (self.limits, self.votes, self.interlocks)]
        return json.dumps([points, *others], ensure_ascii=False)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits of the SHA-256 of the content."""
        return version_of(self.content)

    def problems(self) -> list[Problem]:
        """Return all configuration errors; an engine accepts only a rule-set without any but judgements."""
        return find_problems(self.points, self.limits, self.votes, self.interlocks)


def version_of(content: str) -> str:
    """Return the version of the rule-set with this content."""
    return sha256(content.encode()).hexdigest()[:12]


def _written(point: dict[str, object]) -> dict[str, object]:
    """Return a point of a content in the form of a site file."""
    after = cast("int", point["stale_after"])
    return point | {"name": point["id"], "stale_after": "never" if after == NEVER_STALE else write_duration(after)}


def _evaluated(entity: Entity, *, keep_unit: bool = False) -> dict[str, object]:
    left_out = set(NOT_EVALUATED) - ({"unit"} if keep_unit else set())
    # A later key is left out where nobody writes it, so that the version of a site without it stays.
    later = {"inputs"} if isinstance(entity, Point) and entity.inputs is None else set()
    return entity.model_dump(mode="json", exclude=left_out | later)
