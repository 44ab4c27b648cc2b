"""Forecast: when a value will reach a setpoint if it goes on as in its window, as an interval, or that nobody knows."""

from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from plant import NEVER_STALE, Point, Quality
from plant.units import SECOND
from rules.forecast.evidence_columns import Accepted
from rules.forecast.past_errors import WINDOWS, TrackRecord, track_record
from rules.forecast.trend_line import LARGEST_VALUE, TrendLine, line_through
from rules.spec.decimals import minus, plus, tolerance, written
from rules.spec.rule import Limit

WINDOWS_BEHIND: Final = WINDOWS + 1
"""So many windows up to its moment a forecast looks at, its own among them. [1]"""
FARTHEST: Final = 2
"""So many horizons the late end may be away. A `projected` limit is raised when the line reaches the setpoint one
horizon ahead, which is the middle of the interval: its late end must be allowed to be farther. [1]"""
UNCERTAIN_SHARE: Final = 0.25
"""Of the samples: with more UNCERTAIN ones the spread of the samples says nothing of their errors. [1]"""
SURPRISE: Final = 2.0
"""Lines through white noise are seldom off by so many times what they should be. Of the variance. [1]"""
SURE: Final = 15.0
"""Samples that are worth fewer independent ones may have a longer memory than their window can show: then the record
alone says how far off the line may be, however little that is above what the window says. [1]"""
EARLY: Final = 0.05
LATE: Final = 0.95
"""Chances that the value is there before the interval, and before its end."""
NORMAL_95: Final = 1.6449
"""Standard deviations of a normal distribution from its middle to its 95 % quantile. [1]"""
HALVINGS: Final = 64
"""So often a lead is bisected: to a float's last digit, however large it is. [1]"""
MOST_LEAD: Final = 9.0
"""No sample stands so many standard deviations above the line. [1]"""

NoForecastReason = Literal["calculated", "doubt", "few", "reached", "one_sided", "uncertain", "flat", "far"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """With a chance of 90 % the value is first at its setpoint or beyond it between `early` and `late`.

    Attributes
    ----------
    at : int
        Time of the last evidence that it rests on. [ns, UTC]
    early, late : int
        [ns, UTC]
    samples, uncertain : int
        How many samples of evidence are behind it, and how many of these are UNCERTAIN. [1]
    independent : float
        How many samples without memory would say as much. [1]

    """

    at: int
    early: int
    late: int
    samples: int
    uncertain: int
    independent: float


@dataclass(frozen=True, slots=True)
class NoForecast:
    """The data carry no forecast.

    Attributes
    ----------
    reason : str
        `calculated`: samples of calculated points are not kept. `doubt`: the point is in doubt. `few`: too few samples,
        or over too short a time, or too few windows before. `reached`: it is there. `one_sided`: a sample of the window
        was over range. `uncertain`: too many of them were UNCERTAIN. `flat`: it may as well not move towards the
        setpoint. `far`: it may as well come later than two horizons.
    at : int or None
        Time of the last evidence, None where there is none. [ns, UTC]
    samples, uncertain : int
        As in a Forecast. [1]

    """

    reason: NoForecastReason
    at: int | None
    samples: int
    uncertain: int


def setpoint_of(limit: Limit, point: Point) -> float:
    """Return where a limit of `value` with this setpoint would be in. [unit of the point]."""
    setpoint = written(limit.setpoint)
    move = minus if limit.direction == "high" else plus
    return float(move(setpoint, tolerance(point.resolution, setpoint)))


def forecast(seen: Accepted, limit: Limit, point: Point, at: int) -> Forecast | NoForecast:
    """Say when a point will reach the setpoint of a `projected` limit.

    Parameters
    ----------
    seen : Accepted
        Of the point.
    limit : Limit
        With the feature `projected`.
    point : Point
        That it looks at.
    at : int
        What came later is not looked at. [ns, UTC]

    References
    ----------
    docs/en/rules.md, "projected". The interval is that of Fieller (1954), J. R. Stat. Soc. B 16, 175, for the time at
    which a new observation, the first that is far enough above the line, reaches the setpoint.

    """
    last = int(np.searchsorted(seen.time, at, side="right")) - 1
    if point.expression is not None or last < 0:
        return NoForecast("doubt" if point.expression is None else "calculated", None, 0, 0)
    now, window = int(seen.time[last]), limit.window or 0
    first = int(np.searchsorted(seen.time, now - window, side="right"))
    rows = first + np.flatnonzero(seen.evidence[first : last + 1])
    uncertain = int((seen.quality[rows] == Quality.UNCERTAIN).sum())
    reason = _unfit(seen, rows, point, last=last, late=at - now, window=window)
    found = reason or _interval(seen, rows, limit, point)
    if isinstance(found, str):
        return NoForecast(found, int(seen.time[rows[-1]]) if len(rows) else None, len(rows), uncertain)
    early, late, line = found
    return Forecast(
        now, now + round(early * SECOND), now + round(late * SECOND), len(rows), uncertain, line.independent
    )


def _unfit(
    seen: Accepted, rows: NDArray[np.intp], point: Point, *, last: int, late: int, window: int
) -> NoForecastReason | None:  # fmt: skip
    """Tell why the samples of a window carry no line, whatever their values."""
    silent = point.stale_after != NEVER_STALE and late > point.stale_after
    if silent or not seen.evidence[last]:
        return "doubt"
    if seen.one_sided[rows].any():
        return "doubt" if seen.one_sided[last] else "one_sided"
    if len(rows) < 3 or 2 * int(seen.time[rows[-1]] - seen.time[rows[0]]) < window:
        return "few"
    if (seen.quality[rows] == Quality.UNCERTAIN).mean() > UNCERTAIN_SHARE:
        return "uncertain"
    return None


def _interval(
    seen: Accepted, rows: NDArray[np.intp], limit: Limit, point: Point
) -> tuple[float, float, TrendLine] | NoForecastReason:  # fmt: skip
    """Return between which times after the last sample the first one reaches the setpoint, and the line. [s]."""
    time, value = seen.time[rows], seen.value[rows]
    sign = 1.0 if limit.direction == "high" else -1.0
    target, farthest = sign * setpoint_of(limit, point), FARTHEST * (limit.horizon or 0) / SECOND
    if sign * value[-1] >= target:
        return "reached"
    line = line_through((time - time[-1]) / SECOND, sign * value, point.resolution)
    sound = seen.evidence & ~seen.one_sided & (np.abs(seen.value) <= LARGEST_VALUE)
    record = track_record(seen.time, seen.value, sound, window=limit.window or 0, now=int(time[-1]))
    if line is None or record is None:
        return "few"
    line = _believed(line, record)
    if line.is_flat:
        return "flat"
    if target - line.level > line.pace * farthest + MOST_LEAD * line.noise:
        return "far"
    itself = _crossing(line, target, 0.0)[0]  # a sample may come just when the line does
    early = min(itself, _crossing(line, target, *_first(line, line.period, EARLY))[0])
    late = max(line.every, _crossing(line, target, *_first(line, line.every, LATE))[1])
    return "far" if late > farthest else (max(early, 0.0), late, line)


def _believed(line: TrendLine, record: TrackRecord) -> TrendLine:
    """Return a line that is as far off as those before it were."""
    surprise = SURPRISE if line.independent >= SURE else 1.0
    if record.variance <= surprise * line.var_pace:
        return line
    return line.widened(record.variance / line.var_pace, record.independent + 4)


def _first(line: TrendLine, every: float, chance: float) -> tuple[float, float]:
    """Return how far below the target the line is when the first sample reaches it: middle and deviation. [unit]."""
    middle = _lead(line, every, 0.5)
    return middle, abs(_lead(line, every, chance) - middle) / NORMAL_95


def _crossing(line: TrendLine, target: float, lead: float, deviation: float = 0.0) -> tuple[float, float]:
    """Return both ends of Fieller's interval for when the line is a lead of some deviation below the target. [s]."""
    away = target - lead - line.level
    variance = line.var_level + deviation**2
    t2 = line.quantile**2
    a = line.pace**2 - t2 * line.var_pace
    b = away * line.pace + t2 * line.covariance
    c = away**2 - t2 * variance
    root = sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a, (b + root) / a


def _lead(line: TrendLine, every: float, chance: float) -> float:
    """Return how far below the target the line is when the first sample reached it with a given chance. [unit].

    Samples stand around the line by a normal distribution, an independent one `every` so many seconds. By the time at
    which -log(1 - chance) of them are expected beyond the target one of them is, with that chance.
    """
    step = line.pace * every
    if line.noise == 0.0:
        return step * log(1 - chance)
    expected = -log(1 - chance) * step / line.noise
    low, high = -expected - 1.0, MOST_LEAD
    for _ in range(HALVINGS):
        z = (low + high) / 2
        if exp(-z * z / 2) / sqrt(2 * pi) - z * erfc(z / sqrt(2)) / 2 > expected:
            low = z
        else:
            high = z
    return low * line.noise
