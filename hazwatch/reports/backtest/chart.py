"""Inline SVG of one point: its curve with limits, and the episodes of both rule-sets as lanes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hazwatch.desk.trend import trend
from plant import SampleBatch
from plant.units import MS, SECOND
from rules import Episode

CHART_WIDTH: Final = 2000
HEIGHT: Final = 1000
"""Units of the drawing area. The page stretches it, so text stands beside it."""
TIME_STEPS: Final = tuple(
    timedelta(**step)
    for step in (
        {"seconds": 10}, {"seconds": 30}, {"minutes": 1}, {"minutes": 2}, {"minutes": 5}, {"minutes": 10},
        {"minutes": 30}, {"hours": 1}, {"hours": 2}, {"hours": 3}, {"hours": 6}, {"hours": 12}, {"days": 1},
        {"days": 2}, {"days": 7}, {"days": 14}, {"days": 30}, {"days": 90}, {"days": 365},
    )
)  # fmt: skip
MOST_LABELS: Final = 10
APART: Final = 0.08
"""Smallest distance between the names of two limits, as a share of the height."""


class ChartLine(NamedTuple):
    """A limit to draw: its value, CSS class and label."""

    value: float
    look: str
    label: str


class Axis(NamedTuple):
    """The time axis of a period. [ns, UTC]."""

    start: int
    end: int

    def at(self, time: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return x coordinates, 0 to CHART_WIDTH."""
        share = (time - self.start) / (self.end - self.start)
        return np.clip(np.round(share * CHART_WIDTH, 1), 0.0, float(CHART_WIDTH))


def curve(samples: SampleBatch, axis: Axis, stale_after: int, lines: Sequence[ChartLine], unit: str) -> str:
    """Return the curve of a point with scale and limits; it keeps the lowest and highest value of each pixel."""
    view = trend(
        samples, point="", start=axis.start, end=axis.end, pixels=CHART_WIDTH, stale_after=stale_after, limits=[]
    )  # fmt: skip
    low, high = (np.array(view[name], dtype=np.float64) for name in ("minimum", "maximum"))
    values = np.concatenate([low, high, [line.value for line in lines]])
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    ticks = scale(float(values.min()), float(values.max()))
    bottom, top = float(ticks[0]), float(ticks[-1])

    def y(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round((top - values) / (top - bottom) * HEIGHT, 1)

    # SVG counts y downwards, hence `top - values` above.
    x = axis.at(np.array(view["time"], dtype=np.int64) * MS)
    last = np.array(view["last"], dtype=np.float64)
    path = steps(x, y(low), y(high), y(last))
    bands = "".join(
        f'<rect class="{escape(band["kind"])}" x="{a:g}" y="0" width="{max(b - a, 2):g}" height="{HEIGHT}"/>'
        for band in view["bands"]
        for a, b in [axis.at(np.array([band["start"], band["end"]], dtype=np.int64) * MS).tolist()]
    )
    grid = "".join(f'<path class="grid" d="M0 {v:g}H{CHART_WIDTH}"/>' for v in y(ticks).tolist())
    drawn = "".join(
        f'<path class="lim {line.look}" d="M0 {place:g}H{CHART_WIDTH}"/>'
        for line, place in zip(lines, y(np.array([line.value for line in lines])).tolist(), strict=True)
    )
    digits = decimals_of(float(ticks[1] - ticks[0]))
    marks = "".join(
        f'<span class="y" style="top:{place / HEIGHT:.2%}">{tick:.{digits}f}</span>'
        for tick, place in zip(ticks.tolist(), y(ticks).tolist(), strict=True)
    )
    names = "".join(
        f'<span class="name {line.look}" style="top:{place:.2%}">{line.label}</span>'
        for line, place in _apart(lines, y(np.array([line.value for line in lines])) / HEIGHT)
    )
    picture = svg(f'{grid}{bands}{drawn}<path class="line" d="{path}"/>', HEIGHT)
    return f'<div class="plot curve"><span class="unit">{escape(unit)}</span>{marks}{picture}{names}</div>'


def _apart(lines: Sequence[ChartLine], places: NDArray[np.float64]) -> Iterator[tuple[ChartLine, float]]:
    """Yield lines from the top, each with a place for its name below the previous name."""
    above = -APART
    for row in np.argsort(places, kind="stable").tolist():
        above = max(float(places[row]), above + APART)
        yield lines[row], above


def svg(content: str, height: int) -> str:
    """Return a drawing that the page stretches."""
    return f'<svg viewBox="0 0 {CHART_WIDTH} {height}" preserveAspectRatio="none" aria-hidden="true">{content}</svg>'


def steps(
    x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], last: NDArray[np.float64]
) -> str:
    """Draw held values as steps, the span of a pixel as a stroke, and a gap for a missing value."""
    parts: list[str] = []
    # Relative commands keep the path short: H and V draw from the last point, M lifts the pen over a hole.
    pen = False
    for place, bottom, top, held in zip(x.tolist(), low.tolist(), high.tolist(), last.tolist(), strict=True):
        if pen:
            parts.append(f"H{place:g}")
        if bottom != bottom:  # noqa: PLR0124  (NaN: a hole begins)
            pen = False
            continue
        parts.append(f"V{bottom:g}" if pen else f"M{place:g} {bottom:g}")
        if top != bottom:
            parts.append(f"V{top:g}")
        if held == held and held != top:  # noqa: PLR0124
            parts.append(f"V{held:g}")
        pen = held == held  # noqa: PLR0124
    return "".join([*parts, f"H{CHART_WIDTH}"] if pen else parts)


def lane(episodes: Iterable[Episode], axis: Axis, look: str, name: str) -> str:
    """Return the episodes of one rule-set as bars."""
    spans = np.array([(e.start, axis.end if e.end is None else e.end) for e in episodes], np.int64).reshape(-1, 2)
    begin, end = axis.at(spans[:, 0]), axis.at(spans[:, 1])
    # At least 1.5 units wide: an alarm of a second in a report of a month must still be visible.
    path = "".join(f"M{a:g} 0H{max(b, a + 1.5):g}V10H{a:g}Z" for a, b in zip(begin.tolist(), end.tolist(), strict=True))
    return (
        f'<div class="plot lane"><span class="y">{name}</span>{svg(f"""<path class="{look}" d="{path}"/>""", 10)}</div>'
    )


def times(axis: Axis, zone: ZoneInfo) -> str:
    """Return the time scale in the site's zone."""
    labels = "".join(
        f'<span style="left:{share:.2%}">{label}</span>' for share, label in _moments(axis, zone)
    )  # fmt: skip
    return f'<div class="plot times">{labels}</div>'


def _moments(axis: Axis, zone: ZoneInfo) -> Iterator[tuple[float, str]]:
    begin, end = (datetime.fromtimestamp(time / SECOND, zone) for time in axis)
    step = next((step for step in TIME_STEPS if (end - begin) / step <= MOST_LABELS), TIME_STEPS[-1])
    # Labels stand at round times of the wall clock, from midnight on; a zone with summer time has days of 23 hours.
    wall = begin.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while wall <= end.replace(tzinfo=None):
        time = round(wall.replace(tzinfo=zone).timestamp()) * SECOND
        if axis.start <= time <= axis.end:
            yield (time - axis.start) / (axis.end - axis.start), _label(wall, step)
        wall += step


def _label(wall: datetime, step: timedelta) -> str:
    if step >= timedelta(days=1) or (wall.hour, wall.minute, wall.second) == (0, 0, 0):
        return f"{wall:%m-%d}"
    return f"{wall:%H:%M:%S}" if step < timedelta(minutes=1) else f"{wall:%H:%M}"


def scale(low: float, high: float) -> NDArray[np.float64]:
    """Return four to nine round numbers, evenly apart, from at most `low` to at least `high`."""
    span = (high - low) or max(abs(high), 1.0)
    power = 10.0 ** np.floor(np.log10(span / 4))
    step = power * next(k for k in (1, 2, 2.5, 5, 10) if span / (power * k) <= 5)
    # The small number keeps a bound that is a round number itself from getting a further mark by rounding.
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    marks: NDArray[np.float64] = np.arange(first, max(last, first + 1) + 1) * step
    return marks


def decimals_of(step: float) -> int:
    """Return the decimals that write every multiple of a round step exactly: 2 for 0.25, not 1."""
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    # A step of 2.5 units has one decimal more than its order of magnitude.
    return digits if np.isclose(round(step, digits), step, rtol=1e-9) else digits + 1
