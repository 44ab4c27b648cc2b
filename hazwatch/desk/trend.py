"""Turns a point's samples into a curve: every sample if they fit, else the lowest and highest value of each pixel."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from console import LimitLine, LimitView, TrendBand, TrendView
from plant import NEVER_STALE, Quality, SampleBatch
from plant.units import MS


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
    # Behind the last sample before a damage nobody knows whether its value held.
    lost = _within(damaged, start, end)
    silent = _silences(samples.time, end, stale_after)
    unknown = (samples.quality == Quality.BAD) | ~np.isfinite(samples.value)
    rows = _rows(samples, unknown, [*silent, *lost])
    raw = len(rows[0]) <= pixels
    time, low, high, last, quality = rows if raw else _reduced(rows, start, end, pixels)
    return {
        "point": point,
        "start": start // MS,
        "end": end // MS,
        "raw": raw,
        "time": (time // MS).tolist(),
        "minimum": _nullable(low),
        "maximum": _nullable(high),
        "last": _nullable(last),
        "quality": quality.tolist(),
        "bands": [*_bad(samples, unknown, end), *_bands(silent, "stale"), *_bands(lost, "damaged")],
        "limits": [line for view in limits for line in _line(view, start, end)],
    }


CurveRows = tuple[
    NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]
]  # fmt: skip


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


def _reduced(rows: CurveRows, start: int, end: int, pixels: int) -> CurveRows:
    """Fold the rows of each pixel into one, and the holes of each pixel into another."""
    # `pixel` numbers them 2k for values and 2k + 1 for holes of pixel k, so a gap stays visible beside the values.
    time, value, _, _, quality = rows
    width = max(1, -(-(end - start) // max(1, pixels // 2)))
    pixel = np.maximum(time - start, -1) // width * 2 + np.isnan(value)
    first = np.flatnonzero(np.append(True, pixel[1:] != pixel[:-1]))
    # Values and holes may alternate within a pixel; then both go into one row.
    if len(first) > pixels:
        first = np.flatnonzero(np.append(True, pixel[1:] // 2 != pixel[:-1] // 2))
    low = np.fmin.reduceat(value, first)
    high = np.fmax.reduceat(value, first)
    ends = np.append(first[1:], len(time)) - 1
    return time[first], low, high, value[ends], np.maximum.reduceat(quality, first)


def _bad(samples: SampleBatch, unknown: NDArray[np.bool_], end: int) -> Iterator[TrendBand]:
    edges = np.flatnonzero(np.diff(unknown.astype(np.int8), prepend=0, append=0))
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        until = int(samples.time[after]) if after < len(samples) else end
        yield {"start": int(samples.time[first]) // MS, "end": until // MS, "kind": "bad"}


def _bands(periods: Iterable[tuple[int, int]], kind: Literal["stale", "damaged"]) -> Iterator[TrendBand]:
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
