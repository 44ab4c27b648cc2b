"""`Log`: everything that the engine reads, as columns in log order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from plant import SampleBatch

SAMPLE: Final = 0
TICK: Final = 1
START: Final = 2
NO_POINT: Final = -1
"""Value of the column `point` for ticks and starts."""

LOG_COLUMNS: Final = ("kind", "point", "time", "value", "quality", "state", "backfilled")


@dataclass(frozen=True, slots=True)
class Log:
    """Entries in log order; all columns have the same length.

    Attributes
    ----------
    kind : (n,) uint8
        SAMPLE, TICK or START.
    point : (n,) int32
        Column number of the point in the PointTable; NO_POINT for ticks and starts.
    time : (n,) int64
        Source time of a sample, or its arrival if the source time is not trusted; time of a tick. [ns, UTC]
    value : (n,) float64
        Value of a sample; NaN for ticks. [unit of the point]
    quality : (n,) uint8
        `plant.Quality`; UNCERTAIN at best if the arrival replaced a source time that ran ahead.
    state : (n,) uint16
        `plant.State`.
    backfilled : (n,) bool
        True for history that the source buffered while its link was down.

    """

    kind: NDArray[np.uint8]
    point: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    backfilled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def of_samples(cls, batch: SampleBatch, time: NDArray[np.int64], quality: NDArray[np.uint8]) -> Self:
        """Return the samples of a batch in their order, with the times and qualities of `trusted_time`.

        Parameters
        ----------
        batch : SampleBatch
            The samples.
        time : (n,) int64
            Time that counts. [ns, UTC]
        quality : (n,) uint8
            `plant.Quality` that counts.

        """
        kind = np.full(len(batch), SAMPLE, dtype=np.uint8)
        return cls(kind, batch.point, time, batch.value, quality, batch.state, batch.backfilled)

    @classmethod
    def of_ticks(cls, time: NDArray[np.int64], kind: int = TICK) -> Self:
        """Return ticks or starts.

        Parameters
        ----------
        time : (n,) int64
            Times of the ticks. [ns, UTC]
        kind : int
            TICK or START.

        """
        n = len(time)
        return cls(
            np.full(n, kind, dtype=np.uint8),
            np.full(n, NO_POINT, dtype=np.int32),
            time,
            np.full(n, np.nan),
            np.zeros(n, dtype=np.uint8),
            np.zeros(n, dtype=np.uint16),
            np.zeros(n, dtype=np.bool_),
        )

    @classmethod
    def concatenate(cls, logs: Sequence["Log"]) -> Self:
        """Return one log with the entries of all logs in their order; empty if there are no logs."""
        pieces = logs or (Log.of_ticks(np.empty(0, dtype=np.int64)),)
        return cls(*(np.concatenate([getattr(log, name) for log in pieces]) for name in LOG_COLUMNS))

    def with_ticks(self, time: NDArray[np.int64], before: NDArray[np.intp]) -> "Log":
        """Return the log with ticks inserted.

        Parameters
        ----------
        time : (m,) int64
            Times of the ticks. [ns, UTC]
        before : (m,) intp
            Row before which each tick is inserted, ascending.

        """
        # Each tick that is inserted moves the rows after it by one.
        places = before + np.arange(len(before))
        old = np.ones(len(self) + len(time), dtype=np.bool_)
        old[places] = False
        ticks = Log.of_ticks(time)
        columns: list[Any] = []
        for name in LOG_COLUMNS:
            column = np.empty(len(old), dtype=getattr(self, name).dtype)
            column[old] = getattr(self, name)
            column[places] = getattr(ticks, name)
            columns.append(column)
        return Log(*columns)

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> "Log":
        columns: list[Any] = [getattr(self, name)[rows] for name in LOG_COLUMNS]
        return Log(*columns)
