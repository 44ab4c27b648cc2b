"""The order of the log as the specification words it: batches, ticks, starts, skewed clocks, traces."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from plant import Point, Quality, Site


class Sample(NamedTuple):
    """One sample; in a log its time and quality are those that count, with skew and arrival time applied."""

    point: str
    time: int
    value: float
    quality: int = 0
    state: int = 0
    backfilled: bool = False


class Tick(NamedTuple):
    """A tick."""

    time: int


class Start(NamedTuple):
    """A start entry; its time is the one that it carries: that of the clock less the allowance."""

    time: int


Entry = Sample | Tick | Start
Batch = tuple[int, Sequence[Sample]]


def effective(
    points: Sequence[Point], site: Site, arrival_timed: Set[str], arrival: int, samples: Sequence[Sample]
) -> list[Sample]:
    """Return the samples of one batch with the times that count, in the order of the log."""
    replaced: dict[str, int] = {}
    result: list[Sample] = []
    for sample in samples:
        by_arrival = sample.point in arrival_timed
        if by_arrival or sample.time - arrival > site.max_clock_skew:
            number = replaced.get(sample.point, 0)
            replaced[sample.point] = number + 1
            quality = sample.quality if by_arrival else max(sample.quality, Quality.UNCERTAIN)
            result.append(sample._replace(time=arrival + number, quality=int(quality)))
        else:
            result.append(sample)
    order = {point.id: number for number, point in enumerate(points)}
    return sorted(result, key=lambda sample: (sample.time, order[sample.point]))


def order_batches(
    points: Sequence[Point],
    site: Site,
    arrival_timed: Set[str],
    batches: Sequence[Batch],
    starts: Sequence[int],
    end: int,
    stops: Sequence[int] | None = None,
) -> list[Entry]:
    """Return the log of a live run.

    Arrivals rise strictly. `starts` and `end` are times of the clock; `stops`, where given, holds the end of the run
    of every start (ticks stop there); without it a run lasts until the next start. A batch whose arrival is that of a
    start belongs to the run before.
    """
    period, allowance = site.tick_period, site.allowance
    ends = list(stops) if stops is not None else [*starts[1:], end]
    entries: list[Entry] = []
    waiting = list(batches)
    for number, start in enumerate(starts):
        entries.append(Start(start - allowance))
        tick = -(-(start - allowance) // period) * period
        following = starts[number + 1] if number + 1 < len(starts) else None
        while waiting and (following is None or waiting[0][0] <= following):
            arrival, samples = waiting.pop(0)
            while tick + allowance < arrival:
                entries.append(Tick(tick))
                tick += period
            entries.extend(effective(points, site, arrival_timed, arrival, samples))
        while tick + allowance < ends[number]:
            entries.append(Tick(tick))
            tick += period
    return entries


def order_trace(
    points: Sequence[Point],
    site: Site,
    arrival_timed: Set[str],
    rows: Sequence[Sample | Tick],
    arrivals: Sequence[int] | None = None,
) -> list[Entry]:
    """Return the log of a replay; `arrivals`, where given, has one for every row."""
    if not rows:
        return []
    if arrivals is None:
        return _without_arrivals(points, site, arrival_timed, rows)
    entries: list[Entry] = []
    tick = -(-(min(arrivals) - site.allowance) // site.tick_period) * site.tick_period
    for arrival in sorted(set(arrivals)):
        while tick + site.allowance < arrival:
            entries.append(Tick(tick))
            tick += site.tick_period
        batch = [row for row, stamp in zip(rows, arrivals, strict=True) if stamp == arrival]
        samples = [row for row in batch if isinstance(row, Sample)]
        entries.extend(effective(points, site, arrival_timed, arrival, samples))
        entries.extend(sorted(row for row in batch if isinstance(row, Tick)))
    return [*entries, Tick(max(arrivals))]


def _without_arrivals(
    points: Sequence[Point], site: Site, arrival_timed: Set[str], rows: Sequence[Sample | Tick]
) -> list[Entry]:
    samples: list[Sample] = []
    for time in sorted({row.time for row in rows}):
        batch = [row for row in rows if isinstance(row, Sample) and row.time == time]
        samples.extend(effective(points, site, arrival_timed, time, batch))
    order = {point.id: number for number, point in enumerate(points)}
    samples.sort(key=lambda sample: (sample.time, order[sample.point]))
    given: list[Sample | Tick] = [*samples, *(row for row in rows if isinstance(row, Tick))]
    given.sort(key=lambda entry: (entry.time, isinstance(entry, Tick)))
    entries: list[Entry] = []
    tick = -(-given[0].time // site.tick_period) * site.tick_period
    for entry in given:
        while tick < entry.time:
            entries.append(Tick(tick))
            tick += site.tick_period
        entries.append(entry)
    return [*entries, Tick(given[-1].time)]
