"""Orders the log of a whole trace: of a file, or of the samples that the historian kept."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.log import NO_POINT, SAMPLE, START, Log
from ingest.skew import trusted_time
from ingest.tick import ticks_among
from plant import NO_ARRIVAL, PointTable, SampleBatch, Site, Trace


def replay_log(
    points: PointTable,
    site: Site,
    arrival_timed: NDArray[np.bool_],
    trace: Trace,
    *,
    starts: NDArray[np.int64] | None = None,
    as_logged: bool = False,
) -> Log:
    """Return the log of a trace.

    In a trace without arrivals every row counts as if it had arrived at its source time, with an allowance of 0. In a
    trace with arrivals, rows of equal arrival are one batch, and the site's allowance applies.

    Parameters
    ----------
    points : PointTable
        The order of the points decides between samples of the same time.
    site : Site
        Allowance, tick period and largest clock skew.
    arrival_timed : (points,) bool
        True if the source of the point has `time = "arrival"`.
    trace : Trace
        Rows in any order.
    starts : (n,) int64, optional
        Start times of the runs that recorded the rows: `now` of `Intake.start`. [ns, UTC]
    as_logged : bool
        True keeps the rows in their order and adds no ticks.

    Raises
    ------
    ValueError
        There are starts, but the trace has no arrivals.

    References
    ----------
    docs/en/semantics.md, "The order of the log".

    """
    check_timed(points, arrival_timed)
    begins = np.empty(0, dtype=np.int64) if starts is None else np.sort(starts)
    if len(begins) and not trace.has_arrivals:
        raise ValueError("expected an arrival in every row where there are starts")
    rows, arrival = entries_of(trace, arrival_timed, site.max_clock_skew)
    if as_logged:
        return rows
    allowance = site.allowance if trace.has_arrivals else 0
    key = arrival if trace.has_arrivals else rows.time
    # Ticks of a trace come after the samples of the same arrival.
    order = np.lexsort((rows.point, rows.time, rows.point == NO_POINT, key))
    return _with_ticks(rows[order], key[order], begins, allowance=allowance, period=site.tick_period)


def samples_log(samples: SampleBatch, arrival_timed: NDArray[np.bool_], max_clock_skew: int) -> Log:
    """Return kept samples of one point in the order of the log, without ticks.

    Parameters
    ----------
    samples : SampleBatch
        Rows in any order; a row without an arrival arrived at its source time.
    arrival_timed : (points,) bool
        The source of the point has `time = "arrival"`.
    max_clock_skew : int
        [ns]

    """
    arrival = np.where(samples.arrival == NO_ARRIVAL, samples.time, samples.arrival)
    time, quality = trusted_time(replace(samples, arrival=arrival), arrival_timed, max_clock_skew)
    return Log.of_samples(samples, time, quality)[np.lexsort((time, arrival))]


def check_timed(points: PointTable, arrival_timed: NDArray[np.bool_]) -> None:
    """Raise ValueError if a column has another length than the table of points."""
    if arrival_timed.shape != (len(points),):
        raise ValueError(f"arrival_timed: expected {len(points)} rows, found shape {arrival_timed.shape}")


def entries_of(trace: Trace, arrival_timed: NDArray[np.bool_], max_clock_skew: int) -> tuple[Log, NDArray[np.int64]]:
    """Return samples and ticks as entries in the order of the rows, and their arrivals. [ns, UTC]."""
    samples = trace.samples
    if not trace.has_arrivals:
        samples = replace(samples, arrival=samples.time)
    time, quality = trusted_time(samples, arrival_timed, max_clock_skew)
    if not len(trace.ticks):
        return Log.of_samples(samples, time, quality), samples.arrival
    entries = Log.concatenate((Log.of_samples(samples, time, quality), Log.of_ticks(trace.ticks)))
    arrival = np.concatenate((samples.arrival, trace.tick_arrivals if trace.has_arrivals else trace.ticks))
    stands_before = np.concatenate((np.arange(len(samples)), trace.tick_rows))
    order = np.lexsort((entries.kind == SAMPLE, stands_before))
    return entries[order], arrival[order]


def _with_ticks(entries: Log, key: NDArray[np.int64], begins: NDArray[np.int64], *, allowance: int, period: int) -> Log:
    """Add starts, ticks and the closing tick to sorted entries; `key` is the time at which each entry enters."""
    # Entries of a run arrive after its start, so `run` 0 has the entries before the first start.
    run = np.searchsorted(begins, key, side="left")
    pieces, keys = [entries, Log.of_ticks(begins - allowance, START)], [key, begins]
    for number in np.unique(np.concatenate((run, np.arange(1, len(begins) + 1)))):
        within = key[run == number]
        if number:
            within = np.concatenate((begins[number - 1 : number], within))
        ticks = ticks_among(within - allowance, period)
        pieces.append(Log.of_ticks(ticks))
        keys.append(ticks + allowance)
    joined, entered_at = Log.concatenate(pieces), np.concatenate(keys)
    # Stable: at equal times entries come before starts, and starts before ticks, in the order of `pieces`.
    log = joined[np.argsort(entered_at, kind="stable")]
    end = np.array([entered_at.max()], dtype=np.int64) if len(entered_at) else entered_at
    return Log.concatenate((log, Log.of_ticks(end)))
