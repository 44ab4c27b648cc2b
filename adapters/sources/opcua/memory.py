"""What was last heard of each node, and the times of the samples that follow from it when nothing is heard."""

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from adapters.sources.opcua.decode import WAITING, Reading, quality, state
from plant import Quality, SampleBatch

CYCLES: Final = 2
"""After a read, the answer to a publish request may be on its way already; the one after it holds what was read."""

Row = tuple[int, int, float, int, int]


class Memory:
    """The nodes of one source, through all of its connections.

    A notification is yielded with its own source time. A scan only shows that what was notified still holds, so its
    sample bears the server's time less the `lag` of the device's clock (as seen at the last change of the node, or as
    other nodes show it) and less a `margin` for how much later than usual the next change may come to the server.
    Otherwise that change, being older than the sample of the scan, would be late. A reading that was not notified yet
    is held back for the same reason, until it is clear that the notification does not come. A change that is older than
    a sample of a scan all the same, since nothing had shown the lag before it, is yielded a second time, right after
    that sample: it must not be lost.
    """

    def __init__(self, columns: Sequence[int], margin: int) -> None:
        self._columns: Final = tuple(columns)
        self._margin: Final = margin
        self._heard: dict[int, Reading] = {}
        self._last: dict[int, int] = {}
        self._lag: dict[int, int] = {}
        self._lag_at_most: dict[int, int] = {}
        self._skew = 0
        self._fresh: set[int] = set()
        self._held: dict[int, int] = {}
        self._published = 0
        self._lost: set[int] = set()
        self.overflows = 0

    def subscribed(self, nodes: Iterable[int]) -> None:
        """Note that the next notification of these nodes is their initial value: it need not be a change."""
        self._fresh.update(nodes)
        self._held.clear()

    def notified(self, readings: Iterable[Reading], now: int) -> SampleBatch:
        """Return the samples of one answer to a publish request, also an empty one. [now: ns, UTC]."""
        self._published += 1
        rows: list[Row] = []
        for reading in readings:
            self._held.pop(reading.node, None)
            self.overflows += reading.overflow
            if reading.status == WAITING and reading.node not in self._heard:
                self._fresh.discard(reading.node)
                continue
            heard = self._heard.get(reading.node)
            time = reading.server if reading.source is None else reading.source
            if _is_older(reading, heard):  # history that was kept back: it says nothing of now
                self._fresh.discard(reading.node)
                rows.append(self._row(reading, reading.source or 0))
                continue
            self._learn(reading, now)
            rows.append(self._row(reading, now if time is None else time))
            last = self._last[reading.node]
            if time is not None and time < last and _is_change(reading, heard):
                rows.append(self._row(reading, last + 1))
        return self._batch(rows)

    def scanned(self, readings: Iterable[Reading], now: int) -> SampleBatch:
        """Return the samples of a read of the nodes, none for those that must wait for a notification. [now: ns]."""
        usual = self._usual_lag()
        rows: list[Row] = []
        for reading in readings:
            node, last = reading.node, self._last.get(reading.node, -1)
            server = now if reading.server is None else reading.server
            self._skew = now - server
            time = server - self._lag_of(node, usual) - self._margin
            if node in self._lost:
                time = max(time, last + 1)
            if not self._holds(reading):
                if not self._overdue(reading):
                    continue
                self._heard[node] = reading
                time = max(server if reading.source is None else reading.source, last + 1)
            self._held.pop(node, None)
            if time > last:
                rows.append(self._row(reading, time))
        return self._batch(rows)

    def lost(self, nodes: Iterable[int], now: int) -> SampleBatch:
        """Return a BAD sample for each of these nodes, which cannot be reached. [now: ns, UTC]."""
        usual = self._usual_lag()
        rows: list[Row] = []
        for node in nodes:
            time = now - self._skew - self._lag_of(node, usual) - self._margin
            time = max(time, self._last.get(node, -1) + 1)
            self._last[node] = time
            self._lost.add(node)
            rows.append((self._columns[node], time, math.nan, Quality.BAD, 0))
        return self._batch(rows)

    def _learn(self, reading: Reading, now: int) -> None:
        node = reading.node
        self._heard[node] = reading
        if reading.source is not None:
            lag = (now if reading.server is None else reading.server) - reading.source
            (self._lag_at_most if node in self._fresh else self._lag)[node] = lag
        self._fresh.discard(node)

    def _usual_lag(self) -> int:
        return round(median(self._lag.values())) if self._lag else 0

    def _lag_of(self, node: int, usual: int) -> int:
        return self._lag.get(node, min(usual, self._lag_at_most.get(node, usual)))

    def _holds(self, reading: Reading) -> bool:
        """Whether what was last heard of the node still is what the server says."""
        heard = self._heard.get(reading.node)
        return (
            heard is not None
            and (heard.source, heard.status) == (reading.source, reading.status)
            and (heard.value == reading.value or (math.isnan(heard.value) and math.isnan(reading.value)))
        )

    def _overdue(self, reading: Reading) -> bool:
        """Whether a notification of this reading would have come by now."""
        heard = self._heard.get(reading.node)
        if heard is None and reading.status == WAITING:
            return False
        if heard and heard.source is not None and reading.source is not None and reading.source < heard.source:
            return False
        return self._published >= self._held.setdefault(reading.node, self._published) + CYCLES

    def _row(self, reading: Reading, time: int) -> Row:
        node = reading.node
        if time > self._last.get(node, -1):
            self._last[node] = time
            self._lost.discard(node)
        return (self._columns[node], time, reading.value, quality(reading), state(reading))

    def _batch(self, rows: list[Row]) -> SampleBatch:
        point, time, value, qualities, states = zip(*rows, strict=True) if rows else ((),) * 5
        return SampleBatch.of(point, time, value, quality=qualities, state=states)


def _is_older(reading: Reading, heard: Reading | None) -> bool:
    """Whether a reading is older on the device's clock than what was heard of its node before."""
    if heard is None or heard.source is None or reading.source is None:
        return False
    return reading.source < heard.source


def _is_change(reading: Reading, heard: Reading | None) -> bool:
    """Whether a reading is newer on the device's clock than what was heard of its node before."""
    if heard is None or heard.source is None or reading.source is None:
        return False
    return reading.source > heard.source
