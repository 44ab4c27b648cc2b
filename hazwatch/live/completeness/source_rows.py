"""Numbers the sources of a site, and says for each point which of them reads it, and how often."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant import PointTable, SourceSpec


class SourceRows:
    """The sources of a site as rows.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    sources : sequence of SourceSpec
        The sources of the site.

    Attributes
    ----------
    names : tuple of str
        Ids of the sources by row.
    row : (points,) intp
        Row of the source that reads each point; -1 for a point that no source reads.
    period : (points,) int64
        Time in which the source reads the point once; 0 if no source reads it in a fixed time. [ns, log's time]
    columns : dict of str to (n,) intp
        The points of each source.

    """

    def __init__(self, points: PointTable, sources: Sequence[SourceSpec]) -> None:
        self.names: Final = tuple(source.id for source in sources)
        rows = {name: row for row, name in enumerate(self.names)}
        self.row: Final[NDArray[np.intp]] = np.array([rows.get(p.source or "", -1) for p in points.points], np.intp)
        periods = np.array([*(0 if s.refresh is None else s.refresh[1] for s in sources), 0], np.int64)
        self.period: Final[NDArray[np.int64]] = periods[self.row]
        self.columns: Final = {name: np.flatnonzero(self.row == row) for name, row in rows.items()}
