"""`Scans`: how long ago the points of each source were read, and which sources are behind their scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hazwatch.live.completeness.source_rows import SourceRows
from plant import SourceSpec
from plant.units import SECOND

HASTE: Final = 2 * SECOND
"""Real time that a scan may take on a clock that runs faster than real time. [ns]"""


@dataclass(slots=True)
class Scan:
    """The scan of one source.

    Attributes
    ----------
    age : int
        Time since the point that waits longest was read. [ns]
    unread : int
        Number of points that were not read for longer than `behind_after`. [1]
    behind_since : int or None
        Time from which the source has been behind; None while it is not. [ns, UTC]
    times_behind : int
        How often it fell behind since the start. [1]

    """

    age: int = 0
    unread: int = 0
    behind_since: int | None = None
    times_behind: int = 0


class Scans:
    """The scans of all sources that have points.

    A point counts as read whenever something arrives for it, a BAD value as well.

    Parameters
    ----------
    rows : SourceRows
        The sources by row.
    sources : sequence of SourceSpec
        The sources of the site.
    rate : float
        Speed of the clock of the log. [1]

    """

    def __init__(self, rows: SourceRows, sources: Sequence[SourceSpec], rate: float) -> None:
        self._columns: Final = {name: columns for name, columns in rows.columns.items() if len(columns)}
        # A clock that runs 60 times as fast makes a minute of the second that a network takes.
        haste = round(HASTE * max(0.0, rate - 1))
        self._longest: Final = {source.id: source.behind_after + haste for source in sources}
        self._of: Final = {name: Scan() for name in rows.names}

    def of(self, source: str) -> Scan:
        """Return the scan of a source as of the last look."""
        return self._of[source]

    def look(self, arrivals: NDArray[np.int64], begun: int, now: int) -> None:
        """Look at all points.

        Parameters
        ----------
        arrivals : (points,) int64
            Latest arrival of each point; NO_ARRIVAL if there is none. [ns, UTC]
        begun : int
            Start of the run, which counts as a reading. [ns, UTC]
        now : int
            [ns, UTC]

        """
        for name, columns in self._columns.items():
            ages = now - np.maximum(arrivals[columns], begun)
            scan = self._of[name]
            scan.age = max(0, int(ages.max()))
            scan.unread = int(np.count_nonzero(ages > self._longest[name]))
            if not scan.unread:
                scan.behind_since = None
            elif scan.behind_since is None:
                scan.behind_since = now - scan.age + self._longest[name]
                scan.times_behind += 1
