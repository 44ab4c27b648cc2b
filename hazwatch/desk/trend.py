"""Turns a point's samples into a curve: every sample if they fit, else the lowest and highest value of each pixel."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console import BandKind, LimitLine, LimitView, TrendBand, TrendView
from hazwatch.desk.downtime import Downtime
from plant import NEVER_STALE, Quality, SampleBatch
from plant.units import MS

FOLD: Final = 100_000
"""Number of rows that a curve keeps before it folds them into pixels. [1]"""


def trend(
    samples: SampleBatch,
    *,
    point: str,
    start: int,
    end: int,
    pixels: int,
    stale_after: int,
    limits: list[LimitView],
    damaged: Sequence[tuple[int, int]] = (),
) -> TrendView:
    """Return the curve of one point.

    Parameters
    ----------
    samples : SampleBatch
        Samples of the point by source time, including the last one before `start`, whose value held at the start.
    point : str
        Id of the point.
    start, end : int
        Period of the curve. [ns, UTC]
    pixels : int
        Largest number of rows. [1]
    stale_after : int
        Time without a sample after which the value is unknown. [ns]
    limits : list of LimitView
        Limits to draw: those of the value itself.
    damaged : sequence of (int, int)
        Periods in which samples may be missing because the history is damaged. The curve has gaps there. [ns, UTC]

    """
    curve = TrendCurve(start, end, pixels, stale_after)
    curve.add(samples)
    return curve.view(point, limits, damaged)


Period = tuple[int, int]
"""From and until. [ns, UTC]"""
CurveRows = tuple[
    NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]
]  # fmt: skip


class TrendCurve:
    """A curve that takes its samples in pieces, and keeps no more rows of them (`kept`) than it needs.

    Parameters
    ----------
    start, end : int
        Period of the curve. [ns, UTC]
    pixels : int
        Largest number of rows. [1]
    stale_after : int
        Time without a sample after which the value is unknown. [ns]

    """

    def __init__(self, start: int, end: int, pixels: int, stale_after: int) -> None:
        self._start, self._end, self._pixels, self._stale_after = start, end, pixels, stale_after
        self.kept: list[CurveRows] = []
        self._folded = False
        self._silent: list[Period] = []
        self._bad: list[Period] = []
        self._bad_since: int | None = None
        self._last: int | None = None
        self._downtime = Downtime([])
        self._late: list[Period] = []
        self._evaluated: int | None = None
        self._since_late: int | None = None

    def started(self, starts: Sequence[int]) -> None:
        """Take when runs began, before the first samples. [ns, UTC]."""
        self._downtime = Downtime(starts)

    def add(self, samples: SampleBatch) -> None:
        """Add the next samples by source time."""
        if not len(samples):
            return
        unknown = (samples.quality == Quality.BAD) | ~np.isfinite(samples.value)
        before = np.array([] if self._last is None else [self._last], dtype=np.int64)
        self._last = int(samples.time[-1])
        silent = _silences(np.concatenate([before, samples.time]), self._last, self._stale_after)
        self._silent = self._thinned([*self._silent, *silent])
        self._add_bad(samples.time, unknown)
        self._add_late(samples.time, samples.backfilled)
        self._downtime.add(samples.take(~samples.backfilled))
        self.kept.append(_rows(samples, unknown, silent))
        if sum(len(rows[0]) for rows in self.kept) > FOLD:
            self.kept = [_reduced(_joined(self.kept), self._start, self._end, self._pixels, most=4 * self._pixels)]
            self._folded = True

    def view(self, point: str, limits: list[LimitView], damaged: Sequence[Period] = ()) -> TrendView:
        """Return the curve of what was added; the other parameters are those of `trend`."""
        start, end = self._start, self._end
        last = np.array([] if self._last is None else [self._last], dtype=np.int64)
        open_silence = _silences(last, end, self._stale_after)
        # Behind the last sample before a damage nobody knows whether its value held.
        lost = _within(damaged, start, end)
        rows = _joined([*self.kept, _holes([*open_silence, *lost])])
        order = np.argsort(rows[0], kind="stable")
        rows = (rows[0][order], rows[1][order], rows[2][order], rows[3][order], rows[4][order])
        raw = not self._folded and len(rows[0]) <= self._pixels
        time, low, high, last_value, quality = rows if raw else _reduced(rows, start, end, self._pixels)
        bad = [*self._bad, *([] if self._bad_since is None else [(self._bad_since, end)])]
        late = [*self._late, *([] if self._since_late is None else [(self._since_late, end)])]
        late += self._downtime.periods()
        return {
            "point": point,
            "start": start // MS,
            "end": end // MS,
            "raw": raw,
            "time": (time // MS).tolist(),
            "minimum": _nullable(low),
            "maximum": _nullable(high),
            "last": _nullable(last_value),
            "quality": quality.tolist(),
            "bands": [
                *_bands(bad, "bad"),
                *_bands([*self._silent, *open_silence], "stale"),
                *_bands(self._thinned(lost), "damaged"),
                *_bands(_within(self._thinned(late), start, end), "unevaluated"),
            ],
            "limits": [line for view in limits for line in _line(view, start, end)],
        }

    def _add_bad(self, time: NDArray[np.int64], unknown: NDArray[np.bool_]) -> None:
        """Add the periods in which the samples are unknown; the last one may go on in the next piece."""
        periods: list[Period] = []
        edges = np.flatnonzero(np.diff(unknown.astype(np.int8), prepend=np.int8(self._bad_since is not None)))
        for at in time[edges].tolist():
            if self._bad_since is None:
                self._bad_since = at
            else:
                periods.append((self._bad_since, at))
                self._bad_since = None
        self._bad = self._thinned([*self._bad, *periods])

    def _add_late(self, time: NDArray[np.int64], late: NDArray[np.bool_]) -> None:
        """Add the periods around samples that came too late; the last one may go on in the next piece."""
        periods: list[Period] = []
        edges = np.flatnonzero(np.diff(late.astype(np.int8), prepend=np.int8(self._since_late is not None)))
        for edge in edges.tolist():
            if self._since_late is None:
                before = self._evaluated if edge == 0 else int(time[edge - 1])
                self._since_late = int(time[edge]) if before is None else before
            else:
                periods.append((self._since_late, int(time[edge])))
                self._since_late = None
        known = time[~late]
        self._evaluated = int(known[-1]) if len(known) else self._evaluated
        self._late = self._thinned([*self._late, *periods])

    def _thinned(self, periods: list[Period]) -> list[Period]:
        """Join periods that begin in the same pixel, if there are more than pixels."""
        if len(periods) <= self._pixels:
            return periods
        width = _width(self._start, self._end, self._pixels)
        joined: dict[int, Period] = {}
        for begin, until in periods:
            pixel = (begin - self._start) // width
            joined[pixel] = joined.get(pixel, (begin, until))[0], until
        return list(joined.values())


def _silences(time: NDArray[np.int64], end: int, stale_after: int) -> list[tuple[int, int]]:
    """Return the periods in which a point was silent for longer than `stale_after`."""
    if stale_after == NEVER_STALE or not len(time):
        return []
    until = np.append(time[1:], end)
    silent = until - time > stale_after
    return [(int(a) + stale_after, int(b)) for a, b in zip(time[silent], until[silent], strict=True)]


def _rows(samples: SampleBatch, unknown: NDArray[np.bool_], silent: list[tuple[int, int]]) -> CurveRows:
    """Return the samples, with a row without a value at the beginning of each silence."""
    value = np.where(unknown, np.nan, samples.value)
    begins = np.array([begin for begin, _ in silent], dtype=np.int64)
    time = np.concatenate([samples.time, begins])
    order = np.argsort(time, kind="stable")
    value = np.concatenate([value, np.full(len(begins), np.nan)])[order]
    quality = np.concatenate([samples.quality, np.full(len(begins), Quality.BAD, np.uint8)])[order]
    return time[order], value, value, value, quality


def _holes(periods: Sequence[Period]) -> CurveRows:
    """Return a row without a value at the beginning of each period."""
    time = np.array([begin for begin, _ in periods], dtype=np.int64)
    nothing = np.full(len(time), np.nan)
    return time, nothing, nothing, nothing, np.full(len(time), Quality.BAD, np.uint8)


def _joined(parts: Sequence[CurveRows]) -> CurveRows:
    time, low, high, last, quality = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return time, low, high, last, quality


def _width(start: int, end: int, pixels: int) -> int:
    """Return the width of a pixel; a row of values and a row of holes fit into each. [ns]."""
    return max(1, -(-(end - start) // max(1, pixels // 2)))


def _reduced(rows: CurveRows, start: int, end: int, pixels: int, *, most: int | None = None) -> CurveRows:
    """Fold the rows of each pixel into one, and the holes of each pixel into another."""
    # `pixel` numbers them 2k for values and 2k + 1 for holes of pixel k, so a gap stays visible beside the values.
    time, low, high, value, quality = rows
    pixel = np.maximum(time - start, -1) // _width(start, end, pixels) * 2 + np.isnan(low)
    first = np.flatnonzero(np.append(True, pixel[1:] != pixel[:-1]))
    # Values and holes may alternate within a pixel; then both go into one row.
    if len(first) > (most or pixels):
        first = np.flatnonzero(np.append(True, pixel[1:] // 2 != pixel[:-1] // 2))
    ends = np.append(first[1:], len(time)) - 1
    low, high = np.fmin.reduceat(low, first), np.fmax.reduceat(high, first)
    return time[first], low, high, value[ends], np.maximum.reduceat(quality, first)


def _bands(periods: Iterable[tuple[int, int]], kind: BandKind) -> Iterator[TrendBand]:
    for begin, until in periods:
        yield {"start": begin // MS, "end": until // MS, "kind": kind}


def _within(periods: Iterable[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the parts of periods that a curve covers."""
    return [(max(begin, start), min(until, end)) for begin, until in periods if begin < end and until > start]


def _line(view: LimitView, start: int, end: int) -> Iterator[LimitLine]:
    if view["setpoint"] is not None:
        yield {
            "id": view["id"],
            "start": start // MS,
            "end": end // MS,
            "setpoint": view["setpoint"],
            "clear": view["clear"],
            "level": view["level"],
            "message": view["message"],
        }


def _nullable(column: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in column.tolist()]
