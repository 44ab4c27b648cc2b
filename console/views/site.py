"""What the site file says, as the page shows it."""

from typing import Literal, TypedDict

LevelName = Literal["red", "orange", "yellow", "blue"]


class Text(TypedDict):
    """What a person reads, in both languages."""

    zh: str
    en: str


class HazardSourceView(TypedDict):
    """A hazard source as the site file has it."""

    id: str
    name: str
    kind: str
    grade: Literal["I", "II", "III", "IV"]
    place: str


class PointView(TypedDict):
    """A point as the site file has it; `decimals` are those of its resolution."""

    id: str
    name: str
    hazard_source: str
    quantity: str
    unit: str
    range: tuple[float, float] | None
    resolution: float | None
    decimals: int | None
    source: str | None


class LimitView(TypedDict):
    """A limit, vote or interlock: what an alarm of this condition means, and what to do.

    `feature` is `vote` or `interlock` for these two. `setpoint` and `clear` are null for them. `unit` is that of the
    feature (`%/min` of a rate of change).
    """

    id: str
    hazard_source: str
    point: str | None
    feature: str
    direction: Literal["high", "low"] | None
    setpoint: float | None
    clear: float | None
    unit: str
    level: LevelName
    ticket: bool
    message: Text
    response: Text
    consequence: Text
    time_to_respond: int | None
    basis: Text


class RuleSetView(TypedDict):
    """The rule-set in force: since when, and who stands for it; null of the first, which was found in the site file.

    `approved` is the time on the clock of the machine, `since` that of the log.
    """

    version: str
    since: int
    author: str | None
    approver: str | None
    reason: str | None
    approved: int | None


class SiteView(TypedDict):
    """What does not change while the engine runs; lists in the order of the site file."""

    id: str
    name: str
    timezone: str
    rules: str
    rule_set: RuleSetView
    hazard_sources: list[HazardSourceView]
    points: list[PointView]
    limits: list[LimitView]
