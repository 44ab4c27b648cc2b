"""One alarm of the second ledger: the table of its states, the conditions that stand, its level and its episode."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.reference.ledger.watched import Rule, higher

TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "normal": {"activate": "unacked"},
    "unacked": {"escalate": "unacked", "acknowledge": "acked", "return": "rtn_unacked", "annunciate": "unacked"},
    "acked": {"escalate": "unacked", "return": "normal", "realarm": "unacked", "annunciate": "unacked"},
    "rtn_unacked": {"activate": "unacked", "acknowledge": "normal", "forget": "normal"},
    "latched_unacked": {"activate": "unacked", "acknowledge": "latched_acked"},
    "latched_acked": {"activate": "unacked", "reset": "normal"},
}
"""State, change, state that follows."""
LATCHED: Final = {"rtn_unacked": "latched_unacked", "normal": "latched_acked"}
"""Where a return leads if the alarm latches, in place of where it leads else."""


class Alarm:
    """The state of one alarm."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self.rules = rules
        self.hazard_source = rules[0].hazard_source
        self.point = rules[0].point
        self.latching = any(rule.latching for rule in rules)
        self.realarm_after = min((rule.realarm for rule in rules if rule.realarm is not None), default=None)
        self.state = "normal"
        self.raised: set[str] = set()
        self.episode: str | None = None
        self.highest: str | None = None
        self.had_interlock = False
        self.realarm_due: int | None = None

    @property
    def standing(self) -> list[Rule]:
        """The conditions that stand, in the order of the site file."""
        return [rule for rule in self.rules if rule.id in self.raised]

    @property
    def stands(self) -> bool:
        """Whether any of its conditions stands."""
        return bool(self.raised)

    @property
    def level(self) -> str | None:
        """The highest level of the conditions that stand."""
        level: str | None = None
        for rule in self.standing:
            if higher(rule.level, level):
                level = rule.level
        return level

    def take(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take a raise or a clear of one of its conditions; return the body of its record."""
        before = self.level
        if event["transition"] == "raise":
            change = "level" if self.raised else "activate"
            if change == "activate":
                self.episode, self.highest, self.had_interlock = event["id"], None, False
            self.raised.add(event["condition"])
            if change == "level" and higher(event["level"], before):
                change = "escalate"
        else:
            self.raised.discard(event["condition"])
            change = "level" if self.raised else "return"
        if higher(self.level, self.highest):
            self.highest = self.level
        self.had_interlock |= any(rule.kind == "interlock" for rule in self.standing)
        return self.go(change)

    def go(self, change: str) -> dict[str, Any]:
        """Change the state as the table says; return the body of the record."""
        origin = self.state
        if change != "level":
            self.state = TABLE[origin][change]
            if change == "return" and self.latching:
                self.state = LATCHED[self.state]
        if self.state != "acked":
            self.realarm_due = None
        return {
            "alarm": self.name,
            "episode": self.episode,
            "change": change,
            "from": origin,
            "to": self.state,
            "level": self.level,
            "standing": [rule.id for rule in self.standing],
        }

    def accepts(self, change: str) -> bool:
        """Tell whether the state accepts a change by a person."""
        return change in TABLE[self.state]

    @property
    def suspicious(self) -> frozenset[str]:
        """The levels and the word `interlock` by which the episode may be a suspected major one."""
        reached = {self.highest} if self.highest is not None else set()
        return frozenset(reached | ({"interlock"} if self.had_interlock else set()))
