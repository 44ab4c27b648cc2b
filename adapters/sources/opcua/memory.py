"""Remembers the latest change of each node, and computes the source times of samples that a scan confirms."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from asyncua.common.utils import Buffer
from numpy.typing import NDArray

from adapters.sources.opcua.decode import NO_TIME, DataValues, quality, state
from adapters.sources.opcua.gaps.holes import Hole, HoleFinder, SourceRow, rows_of
from adapters.sources.opcua.nodes import (
    ANSWERS_AFTER_SCAN,
    LOST_ROWS,
    NOT_HELD,
    UNKNOWN_LAG,
    SampleRow,
    ValueRow,
    WalkState,
    lag_of,
    notified,
    scanned,
    unknown_nodes,
)
from adapters.sources.opcua.rows import read_rows
from plant import Quality, SampleBatch, State
from plant.columns.rows import Rows, zeros

NO_SAMPLES: Final = SampleBatch.of((), (), (), quality=(), state=())


class Memory:
    """The nodes of one source; it survives reconnections.

    A notified change becomes a sample with its own source time. A scan only confirms the latest change, so its sample
    needs a computed time: the server's time, minus the node's `lag`, minus a `margin`.

    - The lag is the server's time minus the source time at the node's latest change. Nodes without a change use the
      median lag of the others.
    - The margin covers a next change that arrives later than usual. Without both, that change would be older than the
      scan's sample, and therefore late.
    - A scan may read a change before its notification arrives. `scanned` holds such a value back until the
      notification is overdue.
    - A node that the server reads but does not monitor has no notifications. Each value with another time, number or
      status is its next change.
    - A time ahead of this machine is passed on as it was sent, and nothing is computed from it. Otherwise one wrong
      time would hold back its node until that time has come, and move the computed times of other nodes.
    - If the clock of the device does not count (`by_arrival`), a scan confirms the present, whatever time the server
      says: its clock may stand still, and a steady value must not look stale.
    - A change can still be older than a scan's sample, if nothing showed the lag before. `notified` then yields it a
      second time, right after that sample, so that its value counts.
    """

    def __init__(self, columns: Sequence[int], margin: int, *, by_arrival: bool = False) -> None:
        self._columns: Final = np.array(columns, np.int32)
        self._margin: Final = margin
        self._by_arrival: Final = by_arrival
        self._nodes: Final = unknown_nodes(len(columns))
        self._skew = 0
        self._published = 0
        self.overflows = 0
        self._holes: Final = HoleFinder(len(columns))
        self._unnotified: set[int] = set()

    def resume(self, stored: SampleBatch) -> None:
        """Take the last sample of each point that an earlier run stored: what came since is missing."""
        nodes = {column: node for node, column in enumerate(self._columns.tolist())}
        columns = stored.point, stored.time, stored.value, stored.quality, stored.state
        for column, *fields in zip(*(each.tolist() for each in columns), strict=True):
            if column in nodes:
                self._holes.begin(nodes[column], SourceRow(*fields))

    def subscribed(self, nodes: Iterable[int]) -> None:
        """Expect an initial value of these nodes next; it need not be a change."""
        fresh = _numbers(nodes)
        self._nodes["fresh"][fresh] = True
        self._nodes["held"] = NOT_HELD
        self.interrupted(fresh.tolist())

    def interrupted(self, nodes: Iterable[int]) -> None:
        """Note that notifications of these nodes are missing from now to the next one that comes."""
        numbers = _numbers(nodes)
        for node in numbers[self._nodes["known"][numbers] != 0].tolist():
            self._holes.begin(node, self._latest(node))

    def holes(self) -> Sequence[Hole]:
        """Return the stretches without rows that are complete, each once."""
        return self._holes.take()

    def unnotified(self) -> set[int]:
        """Return the nodes of which a scan found another value that no notification brought, each once."""
        nodes, self._unnotified = self._unnotified, set()
        return nodes

    @property
    def active(self) -> int:
        """Number of nodes that have changed."""
        return int(np.count_nonzero(self._nodes["lag"] != UNKNOWN_LAG))

    @property
    def skew(self) -> int:
        """How far this machine's clock is ahead of the server's, by the last scan. [ns]."""
        return self._skew

    def read_only(self, nodes: Iterable[int]) -> None:
        """Expect no notifications of these nodes, but of all others."""
        self._nodes["read_only"] = False
        self._nodes["read_only"][_numbers(nodes)] = True

    def notified(self, values: DataValues, now: int) -> SampleBatch:
        """Return the samples of one answer to a publish request; an empty answer counts as one. [now: ns, UTC]."""
        self._published += 1
        self.overflows += int(np.count_nonzero(values.overflow))
        self._note_holes(values)
        walk, samples = self._walk(now), zeros(SampleRow, 3 * len(values))
        notified(self._nodes, _rows(values), walk[0], samples)
        return self._batch(values, samples[: walk[0]["samples"]])

    def scanned(self, values: DataValues, now: int) -> SampleBatch:
        """Return the samples of a scan, without values that wait for their notification. [now: ns, UTC]."""
        if len(values) == 0:
            return NO_SAMPLES
        self._note_unnotified(values)
        walk, samples = self._walk(now), zeros(SampleRow, len(values))
        scanned(self._nodes, _rows(values), walk[0], samples)
        self._skew = walk[0]["skew"]
        return self._batch(values, samples[: walk[0]["samples"]])

    def lost(self, nodes: Iterable[int], now: int) -> SampleBatch:
        """Return a BAD sample for each of these unreachable nodes. [now: ns, UTC]."""
        lost, usual = _numbers(nodes), self._usual_lag()
        # BAD must come after the node's latest sample, or the engine would treat it as late.
        lags = np.array([lag_of(self._nodes[node], usual) for node in lost.tolist()], np.int64)
        time = np.maximum(now - self._skew - lags - self._margin, self._nodes["last"][lost] + 1)
        self._nodes["last"][lost] = time
        self._nodes["lost"][lost] = True
        return SampleBatch.of(self._columns[lost], time, np.nan, quality=Quality.BAD, state=State.NORMAL)

    def _walk(self, now: int) -> Rows[WalkState]:
        walk = zeros(WalkState, 1)
        walk["now"], walk["usual"], walk["margin"] = now, self._usual_lag(), self._margin
        walk["by_arrival"], walk["published"] = self._by_arrival, self._published
        return walk

    def backfilled(self, rows: Sequence[tuple[int, SourceRow]]) -> SampleBatch:
        """Return rows from the history of the server, with their nodes, as back-filled samples."""
        if not rows:
            return NO_SAMPLES
        nodes, contents = zip(*rows, strict=True)
        time, value, qualities, states = zip(*contents, strict=True)
        columns = self._columns[np.array(nodes, np.intp)]
        return SampleBatch.of(columns, time, value, quality=qualities, state=states, backfilled=True)

    def _note_holes(self, values: DataValues) -> None:
        """Note the holes that these changes end, and those that the server's queue tore into them."""
        ours = values.node < len(self._columns)
        if self._holes.open.any():
            self._holes.end(values.take(ours & self._holes.open[np.where(ours, values.node, 0)]))
        for row in np.flatnonzero(values.overflow & ours).tolist():
            node = int(values.node[row])
            before = np.flatnonzero(values.node[:row] == node)
            latest = rows_of(values.take(before[-1:]))[0] if len(before) else self._latest(node)
            self._holes.overflow(node, latest, rows_of(values.take(np.array([row])))[0])

    def _latest(self, node: int) -> SourceRow | None:
        """Return the latest change of a node; None if there is none."""
        nodes = self._nodes[node : node + 1]
        if not nodes["known"][0]:
            return None
        time = nodes["last"] if nodes["source"][0] == NO_TIME else nodes["source"]
        number, overflow = np.array([node]), np.zeros(1, np.bool_)
        return rows_of(DataValues(number, time, time, nodes["value"], nodes["status"], overflow))[0]

    def _note_unnotified(self, values: DataValues) -> None:
        """Note nodes whose monitored item is dead: another value, not only another time, that nobody notified."""
        names = "held", "read_only", "value", "status", "source", "known"
        nodes = {name: self._nodes[name][values.node] for name in names}
        held = nodes["held"]
        overdue = (held != NOT_HELD) & (self._published >= held + ANSWERS_AFTER_SCAN) & (nodes["read_only"] == 0)
        other = (nodes["value"] != values.value) & np.isfinite(values.value) | (nodes["status"] != values.status)
        newer = (nodes["source"] == NO_TIME) | (values.source >= nodes["source"])
        self._unnotified.update(values.node[overdue & other & newer & (nodes["known"] != 0)].tolist())

    def _usual_lag(self) -> int:
        lags = self._nodes["lag"][self._nodes["lag"] != UNKNOWN_LAG]
        return round(float(np.median(lags))) if len(lags) else 0

    def _batch(self, values: DataValues, samples: Rows[SampleRow]) -> SampleBatch:
        row = samples["row"]
        lost = row == LOST_ROWS
        return SampleBatch.of(
            self._columns[samples["node"]],
            samples["time"].copy(),
            np.where(lost, np.nan, values.value[row]),
            quality=np.where(lost, np.uint8(Quality.BAD), quality(values)[row]),
            state=np.where(lost, np.uint16(State.NOT_SCANNED), state(values)[row]),
        )


def _numbers(nodes: Iterable[int]) -> NDArray[np.intp]:
    return np.fromiter(nodes, np.intp)


def _rows(values: DataValues) -> Rows[ValueRow]:
    rows = zeros(ValueRow, len(values))
    for name in DataValues.__slots__:
        rows[name] = getattr(values, name)
    return rows


def warm_up() -> None:
    """Compile the numba functions now, so that the first answer does not wait for the compiler."""
    memory, values = Memory([0], 0), read_rows(Buffer(bytes(20)), 1, named=True)
    memory.notified(values, 0)
    memory.scanned(values, 0)
    memory.lost([0], 0)
