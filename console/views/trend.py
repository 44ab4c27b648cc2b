"""The views of a point's past as a curve, and of its forecasts."""

from typing import Literal, TypedDict

from console.views.site import LevelName
from plant import Text

ForecastReason = Literal["calculated", "doubt", "few", "reached", "one_sided", "uncertain", "flat", "far"]
"""Why there is no forecast; the section on `projected` in the docs of the rules explains each reason."""


class LimitLine(TypedDict):
    """A limit that was in force from `start` to `end`."""

    id: str
    start: int
    end: int
    setpoint: float
    clear: float | None
    level: LevelName
    message: Text


BandKind = Literal["bad", "stale", "damaged", "unevaluated"]
"""Values in doubt; no values; values that are lost; values that nobody evaluated when they were measured."""


class TrendBand(TypedDict):
    """A period with values that are not trustworthy, without values, or whose values came too late for the rules."""

    start: int
    end: int
    kind: BandKind


class TrendView(TypedDict):
    """Samples of a point as columns of equal length, at most `pixels` rows, in order of time.

    If `raw` is true, each row is a sample; otherwise a row summarises the samples of one pixel, at the time of the
    first. A row with null values begins a gap; up to it the value before holds. `quality` is the worst of the row.
    """

    point: str
    start: int
    end: int
    raw: bool
    time: list[int]
    # Minimum and maximum keep a spike of one sample visible, however many samples a pixel has.
    minimum: list[float | None]
    maximum: list[float | None]
    last: list[float | None]
    quality: list[int]
    bands: list[TrendBand]
    limits: list[LimitLine]


class ForecastView(TypedDict):
    """A forecast of when a point reaches the setpoint of a `projected` limit; `at` is the time of its last evidence.

    If the trend in the limit's window continues, the point reaches the setpoint between `early` and `late` with a
    probability of 90 %. Without a forecast both are null, and `reason` names the cause. The forecast is based on
    `samples` samples, of which `uncertain` are UNCERTAIN.
    """

    limit: str
    at: int | None
    early: int | None
    late: int | None
    samples: int
    uncertain: int
    reason: ForecastReason | None
    sentence: Text
