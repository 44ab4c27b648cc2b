"""Forecasts the interval in which a value will reach a setpoint if the trend of its window continues."""

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

# Theory of operation. `_interval` fits a line to the window and asks when it reaches the setpoint:
#
# 1. The line has a level and a pace with variances (trend_line.py).
# 2. If earlier lines were farther off than these variances, they grow (past_errors.py).
# 3. Samples scatter around the line, so the first *sample* beyond the setpoint comes before the line reaches it.
#    `_lead` returns the distance of the line below the setpoint at that time.
# 4. The interval is Fieller's for the time at which the line is at that distance: `_crossing`.
WINDOWS_BEHIND: Final = WINDOWS + 1
"""Number of windows that a forecast needs: its own and those of the track record. [1]"""
FARTHEST: Final = 2
"""Largest distance of the late end, in horizons. [1]"""
# A `projected` limit is raised when the line reaches the setpoint one horizon ahead. That is the middle of the
# interval, so its late end must be allowed to be farther away.
UNCERTAIN_SHARE: Final = 0.25
"""Largest share of UNCERTAIN samples. Beyond it the scatter of the samples does not show their errors. [1]"""
SURPRISE: Final = 2.0
"""Ratio of observed to expected variance that lines through white noise rarely exceed. [1]"""
SURE: Final = 15.0
"""Number of independent samples from which the window's own estimate of its memory is trusted. [1]"""
# With fewer, the memory may be longer than the window can show. The track record then replaces the variance even if it
# is only slightly larger.
EARLY: Final = 0.05
LATE: Final = 0.95
"""Probabilities that the value reaches the setpoint before the interval, and before its end."""
NORMAL_95: Final = 1.6449
"""95 % quantile of the standard normal distribution. [1]"""
HALVINGS: Final = 64
"""Number of bisections of a lead; it reaches the last digit of a float64. [1]"""
MOST_LEAD: Final = 9.0
"""Number of standard deviations by which no sample exceeds the line. [1]"""

NoForecastReason = Literal["calculated", "doubt", "few", "reached", "one_sided", "uncertain", "flat", "far"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The value first reaches its setpoint between `early` and `late`, with a probability of 90 %.

    Attributes
    ----------
    at : int
        Time of the last evidence. [ns, UTC]
    early, late : int
        Ends of the interval. [ns, UTC]
    samples, uncertain : int
        Number of samples of evidence, and of the UNCERTAIN samples among them. [1]
    independent : float
        Number of samples without memory that would carry the same information. [1]

    """

    at: int
    early: int
    late: int
    samples: int
    uncertain: int
    independent: float


@dataclass(frozen=True, slots=True)
class NoForecast:
    """The data allow no forecast.

    Attributes
    ----------
    reason : str
        `calculated`: samples of calculated points are not kept. `doubt`: the point is in doubt. `few`: too few samples,
        too short a time, or too few windows before. `reached`: the value is at the setpoint. `one_sided`: a sample of
        the window was over range. `uncertain`: too many samples were UNCERTAIN. `flat`: the trend towards the setpoint
        is not significant. `far`: the late end would be more than two horizons away.
    at : int or None
        Time of the last evidence; None if there is none. [ns, UTC]
    samples, uncertain : int
        As in `Forecast`. [1]

    """

    reason: NoForecastReason
    at: int | None
    samples: int
    uncertain: int


def setpoint_of(limit: Limit, point: Point) -> float:
    """Return the value at which a limit of `value` with this setpoint would be entered. [unit of the point]."""
    setpoint = written(limit.setpoint)
    move = minus if limit.direction == "high" else plus
    return float(move(setpoint, tolerance(point.resolution, setpoint)))


def forecast(seen: Accepted, limit: Limit, point: Point, at: int) -> Forecast | NoForecast:
    """Forecast when a point will reach the setpoint of a `projected` limit.

    Parameters
    ----------
    seen : Accepted
        Accepted samples of the point.
    limit : Limit
        A limit of the feature `projected`.
    point : Point
        The point of the limit.
    at : int
        Time of the forecast; later samples are ignored. [ns, UTC]

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
    outcome = reason or _interval(seen, rows, limit, point)
    if isinstance(outcome, str):
        return NoForecast(outcome, int(seen.time[rows[-1]]) if len(rows) else None, len(rows), uncertain)
    early, late, line = outcome
    return Forecast(
        now, now + round(early * SECOND), now + round(late * SECOND), len(rows), uncertain, line.independent
    )


def _unfit(
    seen: Accepted, rows: NDArray[np.intp], point: Point, *, last: int, late: int, window: int
) -> NoForecastReason | None:  # fmt: skip
    """Return why the samples of a window allow no line, whatever their values; None if they do."""
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
    """Return the interval, in seconds after the last sample, in which a sample reaches the setpoint, and the line."""
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
    # A sample may also come just when the line itself reaches the target, without any lead.
    itself = _crossing(line, target, 0.0)[0]
    early = min(itself, _crossing(line, target, *_first(line, line.period, EARLY))[0])
    late = max(line.every, _crossing(line, target, *_first(line, line.every, LATE))[1])
    return "far" if late > farthest else (max(early, 0.0), late, line)


def _believed(line: TrendLine, record: TrackRecord) -> TrendLine:
    """Return the line, with larger variances if earlier lines were farther off than it expects."""
    surprise = SURPRISE if line.independent >= SURE else 1.0
    if record.variance <= surprise * line.var_pace:
        return line
    return line.widened(record.variance / line.var_pace, record.independent + 4)


def _first(line: TrendLine, every: float, chance: float) -> tuple[float, float]:
    """Return the lead of the first sample that reaches the target: median and standard deviation. [unit].

    The lead is the distance of the line below the target at that time.
    """
    middle = _lead(line, every, 0.5)
    return middle, abs(_lead(line, every, chance) - middle) / NORMAL_95


def _crossing(line: TrendLine, target: float, lead: float, deviation: float = 0.0) -> tuple[float, float]:
    """Return the ends of Fieller's interval for the time at which the line is a lead below the target. [s]."""
    # The ends t solve (away - pace t)^2 = t2 (variance of the difference at t), that is a t^2 - 2 b t + c = 0. A line
    # that is not flat has a > 0; rounding may make the discriminant slightly negative.
    away = target - lead - line.level
    variance = line.var_level + deviation**2
    t2 = line.quantile**2
    a = line.pace**2 - t2 * line.var_pace
    b = away * line.pace + t2 * line.covariance
    c = away**2 - t2 * variance
    root = sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a, (b + root) / a


def _lead(line: TrendLine, every: float, chance: float) -> float:
    """Return the distance of the line below the target when the first sample has reached it with a probability. [unit].

    Samples scatter around the line with a normal distribution; independent ones come every `every` seconds. When
    -log(1 - chance) of them are expected beyond the target, at least one is, with the probability `chance`.
    """
    step = line.pace * every
    if line.noise == 0.0:
        return step * log(1 - chance)
    expected = -log(1 - chance) * step / line.noise
    # The expected number of samples beyond the target, up to the time at which the line is z standard deviations below
    # it, falls with z. The bisection finds the z at which this number is `expected`.
    low, high = -expected - 1.0, MOST_LEAD
    for _ in range(HALVINGS):
        z = (low + high) / 2
        if exp(-z * z / 2) / sqrt(2 * pi) - z * erfc(z / sqrt(2)) / 2 > expected:
            low = z
        else:
            high = z
    return low * line.noise
