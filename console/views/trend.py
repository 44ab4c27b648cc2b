"""The past of one point as a curve, and its forecast."""

from typing import Literal, TypedDict

from console.views.site import LevelName, Text

ForecastReason = Literal["calculated", "doubt", "few", "reached", "one_sided", "uncertain", "flat", "far"]
"""Why there is no forecast: the section on `projected` in the docs of the rules explains each."""


class LimitLine(TypedDict):
    """A limit that was in force from `start` to `end`."""

    id: str
    start: int
    end: int
    setpoint: float
    clear: float | None
    level: LevelName
    message: Text


class Band(TypedDict):
    """A time in which the values cannot be believed, or there were none."""

    start: int
    end: int
    kind: Literal["bad", "stale"]


class TrendView(TypedDict):
    """Samples of a point as columns of one length, at most `pixels` rows, in the order of time.

    With `raw` each row is a sample; otherwise it stands for those of one pixel, at the time of the first. A row whose
    values are null begins a gap: until then the value before it holds. `quality` is the worst of the row.
    """

    point: str
    start: int
    end: int
    raw: bool
    time: list[int]
    minimum: list[float | None]
    maximum: list[float | None]
    last: list[float | None]
    quality: list[int]
    bands: list[Band]
    limits: list[LimitLine]


class ForecastView(TypedDict):
    """When a point may reach the setpoint of a `projected` limit, as seen at `at`, the time of its last evidence.

    With a chance of 90 % between `early` and `late`, if it goes on as in the window of the limit; both are null where
    there is no forecast, and `reason` says why. `samples` are behind it, `uncertain` of them UNCERTAIN.
    """

    limit: str
    at: int | None
    early: int | None
    late: int | None
    samples: int
    uncertain: int
    reason: ForecastReason | None
    sentence: Text
