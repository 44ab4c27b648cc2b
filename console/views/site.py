"""The views of the site file: hazard sources, points, limits, and the rule-set and presentation in force."""

from typing import Literal, TypedDict

from plant import Text

LevelName = Literal["red", "orange", "yellow", "blue"]


class HazardSourceView(TypedDict):
    """A hazard source of the site file."""

    id: str
    name: str
    kind: str
    grade: Literal["I", "II", "III", "IV"]
    place: str


class PointView(TypedDict):
    """A point of the site file; `decimals` is the number of decimals of its resolution."""

    id: str
    name: str
    hazard_source: str
    quantity: str
    unit: str
    range: tuple[float, float] | None
    resolution: float | None
    decimals: int | None  # the page must not show digits that the sensor does not have
    source: str | None


class LimitView(TypedDict):
    """A limit, vote or interlock: the meaning of an alarm of this condition, and the response.

    `feature` is `vote` or `interlock` for these two, and their `setpoint` and `clear` are null. `unit` is the unit of
    the feature (`%/min` for a rate of change). The page decides by three facts, not by the name:
    `is_value`: the feature is the value of the point itself, so its setpoint is drawn beside the values; `counts`: its
    numbers count something, so the resolution of the point does not apply; `looks_ahead`: its alarms have forecasts.
    """

    id: str
    hazard_source: str
    point: str | None
    feature: str
    is_value: bool
    counts: bool
    looks_ahead: bool
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


class VersionView(TypedDict):
    """The rule-set or the presentation in force and its approval; the approval of the first one is null.

    `approved` is a time of the machine's clock, `since` a time of the log.
    """

    version: str
    since: int
    author: str | None
    approver: str | None
    reason: str | None
    approved: int | None


class SiteView(TypedDict):
    """The data that cannot change while the engine runs; lists are in the order of the site file."""

    id: str
    name: str
    timezone: str
    rules: str
    rule_set: VersionView
    presentation: VersionView
    hazard_sources: list[HazardSourceView]
    points: list[PointView]
    limits: list[LimitView]
