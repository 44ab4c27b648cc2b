"""The commands of persons for the second ledger: which fields each has, and which role may send it."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from tests.reference.ledger.watched import LEVELS

Kind = Literal["text", "time", "level", "yes"]
ROLES: Final = ("viewer", "dispatcher", "engineer", "rectifier", "safety", "chief", "admin")
DISPATCHER: Final = frozenset(("acknowledge", "reset", "shelve", "unshelve", "note", "register", "analyse"))
ENGINEER: Final = DISPATCHER | {"take_out", "put_back", "remove"}
RECTIFIER: Final = frozenset(("submit", "extend", "note", "attach_file"))
SAFETY: Final = frozenset(
    (
        "grade", "assign", "supervise", "conclude", "accept", "refuse", "write_off", "grant", "deny", "cancel",
        "note", "attach_file",
    )
)  # fmt: skip
MAY: Final[Mapping[str, frozenset[str]]] = {
    "viewer": frozenset(),
    "dispatcher": DISPATCHER,
    "engineer": ENGINEER,
    "rectifier": RECTIFIER,
    "safety": SAFETY,
    "chief": (ENGINEER | RECTIFIER | SAFETY) - {"submit", "extend"},
    "admin": frozenset(),
}
FIELDS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "acknowledge": {"alarm": "text", "episode": "text"},
    "reset": {"alarm": "text"},
    "shelve": {"alarm": "text", "reason": "text"},
    "unshelve": {"alarm": "text", "reason": "text"},
    "take_out": {"permit": "text", "reason": "text", "until": "time"},
    "put_back": {"reason": "text"},
    "remove": {"alarm": "text", "reason": "text"},
    "register": {
        "hazard_source": "text", "place": "text", "description": "text", "level": "level", "found_by": "text",
        "found_in": "text",
    },
    "grade": {"ticket": "text", "class": "text", "reason": "text"},
    "assign": {"ticket": "text"},
    "submit": {"ticket": "text"},
    "extend": {"ticket": "text", "due": "time", "reason": "text"},
    "grant": {"ticket": "text"},
    "deny": {"ticket": "text"},
    "accept": {"ticket": "text"},
    "refuse": {"ticket": "text", "reason": "text"},
    "write_off": {"ticket": "text"},
    "supervise": {"ticket": "text", "at": "text", "unit": "text", "person": "text"},
    "conclude": {"ticket": "text"},
    "cancel": {"ticket": "text", "reason": "text"},
    "note": {"ticket": "text", "note": "text"},
    "attach_file": {"ticket": "text", "name": "text", "sha256": "text"},
}  # fmt: skip
"""The fields that each command must have beside `by` and `key`."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "at": ("mine", "company", "county", "city", "province"),
    "found_in": ("班组日查", "区队周查", "矿井月查", "主体季查", "上级检查", "其他"),
    "level": LEVELS,
    "role": ROLES,
}
ASSIGNED: Final = ("responsible", "unit", "measures", "due")
ASSIGNED_MAJOR: Final = (*ASSIGNED, "goal", "funds", "plan")


def well_formed(command: Mapping[str, Any]) -> bool:
    """Tell whether a command has its fields, of their kinds."""
    fields = FIELDS.get(command.get("command", ""))
    if fields is None:
        return False
    wanted = {"by": "text", "key": "text", **fields}
    if not all(_fits(kind, command.get(name)) for name, kind in wanted.items()):
        return False
    if any(name in command and command[name] not in choices for name, choices in CHOICES.items()):
        return False
    if command["command"] == "shelve":
        duration, once = command.get("duration"), command.get("once", False)
        return isinstance(once, bool) and (_fits("time", duration) if not once else duration is None)
    if command["command"] in ("take_out", "put_back"):
        return sum(_fits("text", command.get(name)) for name in ("alarm", "point")) == 1
    return True


def _fits(kind: str, value: Any) -> bool:
    if kind == "time":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and value != ""


def permitted(command: Mapping[str, Any]) -> bool:
    """Tell whether the role may send the command; without roles anybody may."""
    role = command.get("role")
    return role is None or command["command"] in MAY[role]
