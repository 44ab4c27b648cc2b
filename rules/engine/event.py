"""Event: one raise or clear of one condition, and its exact text."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Transition = Literal["raise", "clear"]
QualityName = Literal["GOOD", "UNCERTAIN", "BAD"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the event stream; fields in the order of the text.

    Attributes
    ----------
    seq : int
        From 1, without gaps, in the order of the log.
    id : str
        16 hexadecimal digits; the same log gives the same ids everywhere (see `event_id`).
    time : int
        Event time. [ns, UTC]
    hazard_source, point : str
        Of the condition; a vote has no point.
    condition : str
        Id of the limit, vote or interlock, or `stale:POINT`, `fault:POINT` ...
    transition, level : str
        `raise` or `clear`; level of the rule, also on a clear.
    value, setpoint : float or int or None
        Value of the feature and setpoint of the rule. [unit of the feature]
    quality : str
        Of the last accepted sample of the point; BAD while it is stale.
    rules : str
        Version of the rule-set in force, 12 hexadecimal digits.

    """

    seq: int
    id: str
    time: int
    hazard_source: str
    point: str | None
    condition: str
    transition: Transition
    level: str
    value: float | int | None
    setpoint: float | int | None
    quality: QualityName
    rules: str

    def to_json(self) -> str:
        """Return the line, without its line feed."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def event_id(condition: str, raised: int, transition: Transition, repeats: int) -> str:
    """Return the id of an event.

    Parameters
    ----------
    condition : str
        Id of the condition.
    raised : int
        Time of the raise of this episode. [ns, UTC]
    transition : str
        `raise` or `clear`.
    repeats : int
        How many events of this condition had the same three before.

    """
    return sha256(f"{condition}|{raised}|{transition}|{repeats}".encode()).hexdigest()[:16]
