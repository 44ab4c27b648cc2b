"""`SampleCounter`: how many samples of each point were due since the start, and what came of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hazwatch.live.completeness.source_rows import SourceRows
from plant import Quality, SampleBatch
from rules import Counts

PointColumn = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts since the start of the run, one row per point; every unit is [1].

    Attributes
    ----------
    expected : (points,) int64
        Readings that were due by the period of the source; 0 for a point that no source reads in a fixed period.
    received : (points,) int64
        Samples that entered, of any kind.
    late, duplicate, backfilled, bad : (points,) int64
        Of these: older than a sample before; a repetition of it; marked by the source as history that it had kept;
        without a valid value. Back-filled samples do not count as late.
    unknown : (points,) int64
        Periods of the source in which no valid value came in time. A later back-fill does not change that.

    """

    expected: PointColumn
    received: PointColumn
    late: PointColumn
    duplicate: PointColumn
    backfilled: PointColumn
    bad: PointColumn
    unknown: PointColumn


class SampleCounter:
    """Counts the samples of a run.

    The engine counts which samples are late and which are duplicates; `known` are its counts at the start of the run.

    Parameters
    ----------
    rows : SourceRows
        The sources by row.
    known : Counts
        Counts of the engine at the start of the run.

    """

    def __init__(self, rows: SourceRows, known: Counts) -> None:
        self._period: Final = rows.period
        self._known: Final = known
        count = len(rows.row)
        self._begun = 0
        self._backfilled: Final = np.zeros(count, np.int64)
        self._bad: Final = np.zeros(count, np.int64)
        self._missed: Final = np.zeros(count, np.int64)
        self._valid: Final = np.zeros(count, np.int64)

    @property
    def begun(self) -> int:
        """Time from which the counts count. [ns, UTC]."""
        return self._begun

    def start(self, now: int) -> None:
        """Begin the run. [ns, UTC]."""
        self._begun = now
        self._valid[:] = now

    def take(self, stamped: SampleBatch) -> None:
        """Count a stamped batch."""
        point, bad, old = stamped.point, stamped.quality == Quality.BAD, stamped.backfilled
        if bad.any():
            np.add.at(self._bad, point[bad], 1)
        if old.any():
            np.add.at(self._backfilled, point[old], 1)
        seen = point[~bad & ~old]
        arrival = int(stamped.arrival[0])
        # All rows of one point compute the same number, and the assignment keeps one of them.
        self._missed[seen] += _missed(arrival - self._valid[seen], self._period[seen])
        self._valid[seen] = arrival

    def tally(self, engine: Counts, now: int) -> Tally:
        """Return the counts up to now, with those of the engine. [ns, UTC]."""
        late = engine.late - self._known.late
        duplicate = engine.duplicates - self._known.duplicates
        accepted = engine.accepted - self._known.accepted
        return Tally(
            expected=np.where(self._period > 0, (now - self._begun) // np.maximum(self._period, 1), 0),
            received=accepted + late + duplicate,
            late=late - self._backfilled,
            duplicate=duplicate,
            backfilled=self._backfilled.copy(),
            bad=self._bad.copy(),
            unknown=self._missed + _missed(now - self._valid, self._period),
        )


def _missed(silence: PointColumn, period: PointColumn) -> PointColumn:
    """Return how many periods passed without a value in a silence between two. [ns]."""
    # Half a period of delay does not count: otherwise the jitter of a sound link would.
    return np.where(period > 0, np.maximum((silence + period // 2) // np.maximum(period, 1) - 1, 0), 0)
