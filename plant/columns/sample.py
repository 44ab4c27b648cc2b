"""`SampleBatch`: samples as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

NO_ARRIVAL: Final = np.iinfo(np.int64).min
"""Value of `arrival` for a sample without an arrival time."""

# Columns rather than sample objects: the kernel, the stores and the protocols all work on arrays.
SAMPLE_COLUMNS: Final[dict[str, type[np.generic]]] = {
    "point": np.int32,
    "time": np.int64,
    "value": np.float64,
    "quality": np.uint8,
    "state": np.uint16,
    "backfilled": np.bool_,
    "arrival": np.int64,
}


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """Samples in their order of arrival; all columns have the same length.

    Attributes
    ----------
    point : (n,) int32
        Column number of the point in the PointTable.
    time : (n,) int64
        Source time. [ns, UTC]
    value : (n,) float64
        The unchanged value of the source; NaN if the source sent none. [unit of the point]
    quality : (n,) uint8
        `plant.Quality`.
    state : (n,) uint16
        `plant.State`, the bit mask of MT/T 1201.
    backfilled : (n,) bool
        True if the source marked the sample as history that it buffered while the link was down.
    arrival : (n,) int64
        Arrival time; NO_ARRIVAL until the intake stamps the sample. Equal arrivals are one batch. [ns, UTC]

    """

    point: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    backfilled: NDArray[np.bool_]
    arrival: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.point)

    @classmethod
    def of(cls, point: Any, time: Any, value: Any, **columns: Any) -> Self:
        """Build a batch from array-likes.

        The default is quality GOOD, state 0, not back-filled and no arrival. A single number fills a column.

        Raises
        ------
        ValueError
            A column and `point` have different lengths.

        """
        every_column = {"quality": 0, "state": 0, "backfilled": False, "arrival": NO_ARRIVAL} | columns
        rows = np.asarray(point, dtype=np.int32)
        every_column |= {"time": time, "value": value}
        return cls(
            rows, **{name: _column(name, every_column[name], len(rows)) for name in SAMPLE_COLUMNS if name != "point"}
        )

    @classmethod
    def concatenate(cls, batches: Sequence["SampleBatch"]) -> Self:
        """Return one batch with the samples of all batches in their order; empty if there are no batches."""
        if not batches:
            return cls.of([], [], [])
        return cls(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in SAMPLE_COLUMNS))

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "SampleBatch":
        """Return the chosen rows, in the order of `rows`."""
        return SampleBatch(*(getattr(self, name)[rows] for name in SAMPLE_COLUMNS))

    def stamped(self, arrival: int) -> "SampleBatch":
        """Return the same samples with an arrival time. [ns, UTC]."""
        column = np.full(len(self), arrival, dtype=np.int64)
        return SampleBatch(self.point, self.time, self.value, self.quality, self.state, self.backfilled, column)


def _column(name: str, values: Any, length: int) -> NDArray[Any]:
    column = np.asarray(values, dtype=SAMPLE_COLUMNS[name])
    if column.ndim == 0:
        column = np.full(length, column, dtype=SAMPLE_COLUMNS[name])
    if column.shape != (length,):
        raise ValueError(f"column {name!r}: expected {length} rows, found shape {column.shape}")
    return column
