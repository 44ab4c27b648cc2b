"""`Outages`: the periods in which a source brought no valid value for any of its points."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.rate import Rate
from hazwatch.live.completeness.source_rows import SourceRows
from plant import NO_ARRIVAL, Message, Quality, SampleBatch

MOST_REMEMBERED: Final = 50
"""Largest number of outages of a source to remember; the program's log has all."""
NOT_RUNNING: Final = Message("the engine did not run")
NO_VALUES: Final = Message("the link stands, but no point has a valid value")


@dataclass(frozen=True, slots=True)
class Outage:
    """A period without valid values of a source.

    Attributes
    ----------
    source : str
        Id of the source.
    begin : int
        Arrival of the last valid value before it; of the last entry of the run before, for a time without an engine.
        [ns, UTC]
    end : int or None
        Arrival of the first valid value after it; None while it lasts. [ns, UTC]
    reason : Message or None
        Why there were no values, as far as the source knows.
    expected : int or None
        Samples that would have come at the rate before; None if the rate is not known, or while it lasts. [1]
    filled : int
        Samples of the period that came later. [1]

    """

    source: str
    begin: int
    end: int | None
    reason: Message | None
    expected: int | None = None
    filled: int = 0


class Outages:
    """Watches the sources of a run.

    Parameters
    ----------
    rows : SourceRows
        The sources by row.
    reason : callable
        Returns why a source, by its id, brings nothing at present.

    """

    def __init__(self, rows: SourceRows, reason: Callable[[str], Message | None]) -> None:
        self._rows: Final = rows
        self._reason: Final = reason
        self._valid: Final[NDArray[np.bool_]] = np.zeros(len(rows.row), np.bool_)
        self._last: Final = dict.fromkeys(rows.names, 0)
        self._open: Final[dict[str, Outage]] = {}
        self._over: Final = {name: deque[Outage](maxlen=MOST_REMEMBERED) for name in rows.names}
        self._rates: Final = {name: Rate() for name in rows.names}

    def start(self, now: int, before: int) -> None:
        """Begin a run; every source is out since the last entry of the run before, if there was one. [ns, UTC]."""
        self._last.update(dict.fromkeys(self._last, now))
        if before != NO_ARRIVAL and before < now:
            self._open.update({name: Outage(name, before, None, NOT_RUNNING) for name in self._last})

    def take(self, stamped: SampleBatch) -> Outage | None:
        """Take a stamped batch of one source; return the outage that it ends, if it ends one."""
        row, arrival = int(self._rows.row[stamped.point[0]]), int(stamped.arrival[0])
        if row < 0:
            return None
        name = self._rows.names[row]
        fresh = ~stamped.backfilled
        self._fill(name, stamped.time[~fresh])
        self._valid[stamped.point[fresh]] = stamped.quality[fresh] != Quality.BAD
        good = int(np.count_nonzero(stamped.quality[fresh] != Quality.BAD))
        if good:
            ended = self._end(name, arrival)
            self._last[name] = arrival
            self._rates[name].add(good, arrival)
            return ended
        if name not in self._open and not self._valid[self._rows.columns[name]].any():
            self._open[name] = Outage(name, self._last[name], None, self._reason(name) or NO_VALUES)
        return None

    def of(self, source: str) -> list[Outage]:
        """Return the outages of a source in their order; the last one may last."""
        lasts = self._open.get(source)
        return [*self._over[source], *([] if lasts is None else [lasts])]

    def _end(self, name: str, arrival: int) -> Outage | None:
        lasted = self._open.pop(name, None)
        if lasted is None:
            return None
        expected = self._rates[name].expected(arrival - lasted.begin)
        self._rates[name].pause()
        over = replace(lasted, end=arrival, expected=expected)
        self._over[name].append(over)
        return over

    def _fill(self, name: str, times: NDArray[np.int64]) -> None:
        """Count back-filled samples for the outages that they belong to."""
        if not len(times):
            return
        over = self._over[name]
        for number, outage in enumerate(over):
            within = np.count_nonzero((times >= outage.begin) & (times < (outage.end or outage.begin)))
            over[number] = replace(outage, filled=outage.filled + int(within))
