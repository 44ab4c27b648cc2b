"""One ticket of the second ledger: the table of its states, its people, its due and how often that passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OPEN: Final = ("registered", "graded", "rectification", "acceptance", "accepted")
TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "registered": {"grade": "graded", "cancel": "cancelled"},
    "graded": {"grade": "graded", "assign": "rectification", "cancel": "cancelled"},
    "rectification": {
        "assign": "rectification", "submit": "acceptance",
        "extend": "rectification", "grant": "rectification", "deny": "rectification",
    },
    "acceptance": {"accept": "closed", "refuse": "rectification"},
    "accepted": {"write_off": "closed", "refuse": "rectification"},
    "closed": {},
    "cancelled": {},
}  # fmt: skip
"""State, command, state that follows; `accept` of a major ticket leads to `accepted`."""
ANYWHERE: Final = ("note", "attach_file")
WHILE_WORKED_ON: Final = ("supervise", "conclude")
WORKED_ON: Final = ("graded", "rectification", "acceptance", "accepted")


@dataclass
class Ticket:
    """The state of one ticket; `alarm` is None for one that a person registered."""

    number: str
    hazard_source: str
    alarm: str | None
    level: str
    registered_by: str | None = None
    state: str = "registered"
    episodes: set[str | None] = field(default_factory=set)
    suspected: bool = False
    grade: str | None = None
    responsible: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    accepted_by: str | None = None
    supervisor: str | None = None
    asked: tuple[int, str] | None = None
    due: int | None = None
    due_set: int = 0
    overdue: int = 0

    @property
    def open(self) -> bool:
        """Whether it is neither closed nor cancelled."""
        return self.state in OPEN

    @property
    def overdue_at(self) -> int | None:
        """When it is overdue for the next time; None while it is not worked on."""
        if self.due is None or self.state != "rectification":
            return None
        return self.due + self.overdue * (self.due - self.due_set)

    def accepts(self, command: str) -> bool:
        """Tell whether the state accepts a command."""
        if command in ANYWHERE:
            return True
        if command in WHILE_WORKED_ON:
            return self.state in WORKED_ON
        return command in TABLE[self.state]

    def take(self, time: int, command: Mapping[str, Any]) -> dict[str, Any]:
        """Take a command that is permitted; return the body of the record without the command."""
        name, origin = command["command"], self.state
        getattr(self, f"_{name}", lambda time, command: None)(time, command)
        self.state = TABLE[origin].get(name, origin)
        if name == "accept" and self.grade == "major":
            self.state = "accepted"
        return {"ticket": self.number, "change": name, "from": origin, "to": self.state}

    def _grade(self, time: int, command: Mapping[str, Any]) -> None:
        self.grade = command["class"]

    def _assign(self, time: int, command: Mapping[str, Any]) -> None:
        self.responsible.append(command["responsible"])
        self.asked = None
        self._set_due(time, command["due"])

    def _submit(self, time: int, command: Mapping[str, Any]) -> None:
        self.submitted.append(command["by"])

    def _extend(self, time: int, command: Mapping[str, Any]) -> None:
        self.asked = command["due"], command["by"]

    def _grant(self, time: int, command: Mapping[str, Any]) -> None:
        if self.asked is not None:
            self._set_due(time, self.asked[0])
        self.asked = None

    def _deny(self, time: int, command: Mapping[str, Any]) -> None:
        self.asked = None

    def _accept(self, time: int, command: Mapping[str, Any]) -> None:
        self.accepted_by = command["by"]

    def _supervise(self, time: int, command: Mapping[str, Any]) -> None:
        self.supervisor = command["person"]

    def _conclude(self, time: int, command: Mapping[str, Any]) -> None:
        self.supervisor = None

    def _set_due(self, time: int, due: int) -> None:
        self.due, self.due_set, self.overdue = due, time, 0
