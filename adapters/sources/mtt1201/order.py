"""`DeliveryOrder`: which samples are news, which are back-filled, and which were delivered before."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from adapters.sources.mtt1201.decode import RecordRow
from plant import SampleBatch


class DeliveryOrder:
    """The newest sample of each point; it goes on from those that earlier runs stored."""

    def __init__(self, late_after: int, *, by_arrival: bool) -> None:
        self._late_after: Final = late_after
        self._by_arrival: Final = by_arrival
        self._newest: Final[dict[int, RecordRow]] = {}
        self._heard: Final[dict[int, int]] = {}
        self._stored: dict[int, int] = {}

    def resume(self, known: SampleBatch) -> None:
        """Take the last sample of each point that is stored."""
        columns = known.point, known.time, known.value, known.quality, known.state
        for fields in zip(*(each.tolist() for each in columns), strict=True):
            row = RecordRow(*fields)
            self._newest[row.column] = row
        self._stored = {column: row.time for column, row in self._newest.items()}

    @property
    def stored_until(self) -> int:
        """Time of the newest sample that was stored before the start; 0 if there is none. [ns, UTC]."""
        return max(self._stored.values(), default=0)

    def without_stored(self, rows: Iterable[RecordRow]) -> list[RecordRow]:
        """Return the rows of a file that an earlier run read, without those that it stored."""
        return [row for row in rows if row.time > self._stored.get(row.column, -1)]

    def batch(self, rows: Sequence[RecordRow], now: int) -> SampleBatch:
        """Return the samples without repetitions; late ones are marked as back-filled. [now: ns, UTC]."""
        chosen: list[tuple[RecordRow, bool]] = []
        for row in rows:
            before = self._newest.get(row.column)
            # Systems push a file again, or the same values under a new name; that is no news and no confirmation.
            if before is not None and _same(row, before):
                continue
            is_late = self._is_late(row, before, now)
            chosen.append((row, is_late))
            if not is_late:
                self._newest[row.column], self._heard[row.column] = row, now
        fields = [list(column) for column in zip(*(row for row, _ in chosen), strict=True)] or [[]] * 5
        column, time, value, quality, state = fields
        backfilled = [late for _, late in chosen]
        return SampleBatch.of(column, time, value, quality=quality, state=state, backfilled=backfilled)

    def _is_late(self, row: RecordRow, before: RecordRow | None, now: int) -> bool:
        if not self._by_arrival:
            # Samples that are only out of order are left to the log, which also notices a clock that was set back.
            return now - row.time > self._late_after
        # Nobody trusts these times, but an old file must not look like the present. After a while without news the
        # clock of the system was probably set back.
        older = before is not None and row.time < before.time
        return older and now - self._heard.get(row.column, now) <= self._late_after


def _same(row: RecordRow, other: RecordRow) -> bool:
    """Whether two samples are the same; NaN is the same as NaN here."""
    same_value = row.value == other.value or (math.isnan(row.value) and math.isnan(other.value))
    return same_value and row._replace(value=0.0) == other._replace(value=0.0)
