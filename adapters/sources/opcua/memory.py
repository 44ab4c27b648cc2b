"""Remembers the latest reading of each node, and computes the source times of samples that a scan confirms."""

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Final

from adapters.sources.opcua.decode import WAITING, NodeValue, quality, state
from plant import Quality, SampleBatch, State
from plant.units import SECOND

ANSWERS_AFTER_SCAN: Final = 2
"""Publish answers to wait for after a scan. The first may have left the server before the read; the second has not."""

GAP_EVERY: Final = 10 * SECOND
"""Shortest time between two gaps of a node; in an overload each of its samples may follow a loss. [ns]"""

FARTHEST_AHEAD: Final = 5 * SECOND
"""How far a believable time may be ahead of this machine; the intake replaces times farther ahead as well. [ns]"""

NodeRow = tuple[int, int, float, int, int]


class Memory:
    """The nodes of one source; it survives reconnections.

    A notified change becomes a sample with its own source time. A scan only confirms the latest change, so its sample
    needs a computed time: the server's time, minus the node's `lag`, minus a `margin`.

    - The lag is the server's time minus the source time at the node's latest change. Nodes without a change use the
      median lag of the others.
    - The margin covers a next change that arrives later than usual. Without both, that change would be older than the
      scan's sample, and therefore late.
    - A scan may read a change before its notification arrives. `scanned` holds such a reading back until the
      notification is overdue.
    - A node that the server reads but does not monitor has no notifications. Each reading with another time, value or
      status is its next change.
    - A time ahead of this machine is passed on as it was sent, and nothing is computed from it. Otherwise one wrong
      time would hold back its node until that time has come, and move the computed times of other nodes.
    - A change can still be older than a scan's sample, if nothing showed the lag before. `notified` then yields it a
      second time, right after that sample, so that its value counts.
    """

    def __init__(self, columns: Sequence[int], margin: int) -> None:
        self._columns: Final = tuple(columns)
        self._margin: Final = margin
        # By node: the latest change; the time of the latest sample; the lag at the latest change; an upper bound of
        # the lag from an initial value, which may be an old change.
        self._latest: dict[int, NodeValue] = {}
        self._last: dict[int, int] = {}
        self._lag: dict[int, int] = {}
        self._lag_at_most: dict[int, int] = {}
        self._skew = 0
        # Nodes whose latest change has a time ahead of this machine: no later change is older than it.
        self._ahead: set[int] = set()
        # `_fresh` nodes expect their initial value. `_held` is the count of publish answers when a scan first read a
        # change that no notification had brought.
        self._fresh: set[int] = set()
        self._held: dict[int, int] = {}
        self._published = 0
        self._lost: set[int] = set()
        self._read_only: set[int] = set()
        self.overflows = 0
        self._gaps: dict[int, int] = {}

    def subscribed(self, nodes: Iterable[int]) -> None:
        """Expect an initial value of these nodes next; it need not be a change."""
        self._fresh.update(nodes)
        self._held.clear()

    def read_only(self, nodes: Iterable[int]) -> None:
        """Expect no notifications of these nodes, but of all others."""
        self._read_only = set(nodes)

    def notified(self, readings: Iterable[NodeValue], now: int) -> SampleBatch:
        """Return the samples of one answer to a publish request; an empty answer counts as one. [now: ns, UTC]."""
        self._published += 1
        rows: list[NodeRow] = []
        for reading in readings:
            self._held.pop(reading.node, None)
            self.overflows += reading.overflow
            if reading.status == WAITING and reading.node not in self._latest:
                self._fresh.discard(reading.node)
                continue
            latest = self._latest.get(reading.node)
            time = reading.server if reading.source is None else reading.source
            # A device may send buffered history after newer values: that is a sample, but not the present state.
            if self._is_older(reading, latest):
                self._fresh.discard(reading.node)
                rows.append(self._row(reading, reading.source or 0, now))
                continue
            self._learn(reading, now)
            if reading.overflow:
                rows += self._gap(reading.node, now if time is None else time)
            rows.append(self._row(reading, now if time is None else time, now))
            last = self._last[reading.node]
            if time is not None and time < last and _is_change(reading, latest):
                rows.append(self._row(reading, last + 1, now))
        return self._batch(rows)

    def scanned(self, readings: Iterable[NodeValue], now: int) -> SampleBatch:
        """Return the samples of a scan, without readings that wait for their notification. [now: ns, UTC]."""
        usual = self._usual_lag()
        rows: list[NodeRow] = []
        for reading in readings:
            node, last = reading.node, self._last.get(reading.node, -1)
            server = _server(reading, now)
            self._skew = now - server
            time = server - self._lag_of(node, usual) - self._margin
            if node in self._lost:
                time = max(time, last + 1)
            if not self._holds(reading):
                if not self._overdue(reading):
                    continue
                self._remember(reading, now)
                time = max(server if reading.source is None else reading.source, last + 1)
            self._held.pop(node, None)
            if time > last:
                rows.append(self._row(reading, time, now))
        return self._batch(rows)

    def lost(self, nodes: Iterable[int], now: int) -> SampleBatch:
        """Return a BAD sample for each of these unreachable nodes. [now: ns, UTC]."""
        usual = self._usual_lag()
        rows: list[NodeRow] = []
        for node in nodes:
            # BAD must come after the node's latest sample, or the engine would treat it as late.
            time = now - self._skew - self._lag_of(node, usual) - self._margin
            time = max(time, self._last.get(node, -1) + 1)
            self._last[node] = time
            self._lost.add(node)
            rows.append((self._columns[node], time, math.nan, Quality.BAD, 0))
        return self._batch(rows)

    def _gap(self, node: int, before: int) -> Iterator[NodeRow]:
        """Yield a BAD row in the place of rows that the server lost, at most one in GAP_EVERY of a node."""
        time = max(before - 1, self._last.get(node, -1) + 1)
        if time < before and time >= self._gaps.get(node, -GAP_EVERY) + GAP_EVERY:
            self._gaps[node] = self._last[node] = time
            yield (self._columns[node], time, math.nan, Quality.BAD, State.NOT_SCANNED)

    def _learn(self, reading: NodeValue, now: int) -> None:
        node = reading.node
        self._remember(reading, now)
        if reading.source is not None and node not in self._ahead:
            lag = _server(reading, now) - reading.source
            lags = self._lag_at_most if node in self._fresh else self._lag
            lags[node] = lag
        self._fresh.discard(node)

    def _remember(self, reading: NodeValue, now: int) -> None:
        """Take a reading as the latest change of its node. [now: ns, UTC]."""
        self._latest[reading.node] = reading
        if reading.source is not None and reading.source > now + FARTHEST_AHEAD:
            self._ahead.add(reading.node)
        else:
            self._ahead.discard(reading.node)

    def _is_older(self, reading: NodeValue, latest: NodeValue | None) -> bool:
        """Whether a reading is older, on the device's clock, than the latest change of its node."""
        if latest is None or latest.source is None or reading.source is None or reading.node in self._ahead:
            return False
        return reading.source < latest.source

    def _usual_lag(self) -> int:
        return round(median(self._lag.values())) if self._lag else 0

    def _lag_of(self, node: int, usual: int) -> int:
        return self._lag.get(node, min(usual, self._lag_at_most.get(node, usual)))

    def _holds(self, reading: NodeValue) -> bool:
        """Whether a scanned reading equals the node's latest change."""
        latest = self._latest.get(reading.node)
        return (
            latest is not None
            and (latest.source, latest.status) == (reading.source, reading.status)
            and (latest.value == reading.value or (math.isnan(latest.value) and math.isnan(reading.value)))
        )

    def _overdue(self, reading: NodeValue) -> bool:
        """Whether the notification of this reading should have arrived by now."""
        latest = self._latest.get(reading.node)
        if latest is None and reading.status == WAITING:
            return False
        if reading.node in self._read_only:
            return True
        if self._is_older(reading, latest):
            return False
        return self._published >= self._held.setdefault(reading.node, self._published) + ANSWERS_AFTER_SCAN

    def _row(self, reading: NodeValue, time: int, now: int) -> NodeRow:
        node = reading.node
        # A time too far ahead becomes the arrival in the intake, so the next sample need only be later than that.
        known = time if time <= now + FARTHEST_AHEAD else now
        if known > self._last.get(node, -1):
            self._last[node] = known
            self._lost.discard(node)
        return (self._columns[node], time, reading.value, quality(reading), state(reading))

    def _batch(self, rows: list[NodeRow]) -> SampleBatch:
        if not rows:
            return SampleBatch.of((), (), (), quality=(), state=())
        point, time, value, qualities, states = zip(*rows, strict=True)
        return SampleBatch.of(point, time, value, quality=qualities, state=states)


def _server(reading: NodeValue, now: int) -> int:
    """Return the server's time of a reading; this machine's where it is missing or too far ahead. [ns, UTC]."""
    return now if reading.server is None or reading.server > now + FARTHEST_AHEAD else reading.server


def _is_change(reading: NodeValue, latest: NodeValue | None) -> bool:
    """Whether a reading is newer, on the device's clock, than the latest reading of its node."""
    if latest is None or latest.source is None or reading.source is None:
        return False
    return reading.source > latest.source
