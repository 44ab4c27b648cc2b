"""The state of each node, and the compiled walk over data values that updates it and yields samples."""

import math
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adapters.sources.opcua.decode import NO_TIME, WAITING
from plant.units import SECOND

ANSWERS_AFTER_SCAN: Final = 2
"""Publish answers to wait for after a scan. The first may have left the server before the read; the second has not."""
GAP_EVERY: Final = 10 * SECOND
"""Shortest time between two gaps of a node; in an overload each of its samples may follow a loss. [ns]"""
FARTHEST_AHEAD: Final = 5 * SECOND
"""How far a believable time may be ahead of this machine; the intake replaces times farther ahead as well. [ns]"""
NEVER_SAMPLED: Final = -1
"""Instead of the time of the latest sample. [ns]"""
NOT_HELD: Final = -1
UNKNOWN_LAG: Final = np.iinfo(np.int64).max
"""Instead of a lag that nothing has shown yet. [ns]"""
LOST_ROWS: Final = -1
"""Instead of the row of a data value: the server lost rows here."""


class NodeStates(NamedTuple):
    """What a source knows of its nodes; all arrays have one element per node.

    Attributes
    ----------
    known : bool
        There was a change. `source`, `value` and `status` are those of the latest.
    ahead : bool
        The latest change has a time ahead of this machine: no later change is older than it.
    last : int64
        Time of the latest sample, or NEVER_SAMPLED. [ns, UTC]
    lag : int64
        The server's time minus the source time at the latest change, or UNKNOWN_LAG. [ns]
    lag_at_most : int64
        The same of an initial value, which may be an old change, or UNKNOWN_LAG. [ns]
    fresh : bool
        The node expects its initial value.
    held : int64
        Number of publish answers when a scan first read a change that no notification had brought, or NOT_HELD.
    lost : bool
        The latest sample says that the node was unreachable.
    read_only : bool
        The server reads the node but does not monitor it.
    gap : int64
        Time of the latest gap. [ns, UTC]

    """

    known: NDArray[np.bool_]
    source: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    ahead: NDArray[np.bool_]
    last: NDArray[np.int64]
    lag: NDArray[np.int64]
    lag_at_most: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    held: NDArray[np.int64]
    lost: NDArray[np.bool_]
    read_only: NDArray[np.bool_]
    gap: NDArray[np.int64]


class WalkColumns(NamedTuple):
    """The columns of `DataValues` that the walk reads."""

    node: NDArray[np.int64]
    source: NDArray[np.int64]
    server: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    overflow: NDArray[np.bool_]


class Samples(NamedTuple):
    """The samples that follow: their node, time, and data value (or LOST_ROWS); `filled[0]` says how many."""

    node: NDArray[np.int64]
    time: NDArray[np.int64]
    row: NDArray[np.int64]
    filled: NDArray[np.int64]


class WalkMoment(NamedTuple):
    """When and after what a walk happens: this machine's time, the usual lag, the margin [ns], publish answers."""

    now: int
    usual: int
    margin: int
    published: int


def unknown_nodes(count: int) -> NodeStates:
    """Return the state of nodes of which nothing is known yet."""
    return NodeStates(
        known=np.zeros(count, np.bool_),
        source=np.full(count, NO_TIME),
        value=np.full(count, np.nan),
        status=np.zeros(count, np.uint32),
        ahead=np.zeros(count, np.bool_),
        last=np.full(count, NEVER_SAMPLED, np.int64),
        lag=np.full(count, UNKNOWN_LAG),
        lag_at_most=np.full(count, UNKNOWN_LAG),
        fresh=np.zeros(count, np.bool_),
        held=np.full(count, NOT_HELD, np.int64),
        lost=np.zeros(count, np.bool_),
        read_only=np.zeros(count, np.bool_),
        gap=np.full(count, -GAP_EVERY, np.int64),
    )


@njit(cache=True, nogil=True)
def notified(nodes: NodeStates, values: WalkColumns, now: int, samples: Samples) -> None:
    """Take the changes of an answer, and write their samples, at most three for each."""
    for row in range(len(values.node)):
        node = values.node[row]
        if node >= len(nodes.last):
            continue  # a number that no node of this source has
        nodes.held[node] = NOT_HELD
        if values.status[row] == WAITING and not nodes.known[node]:
            nodes.fresh[node] = False
        elif _is_older(nodes, node, values.source[row]):
            # A device may send buffered history after newer values: that is a sample, but not the present state.
            nodes.fresh[node] = False
            _put(samples, node, values.source[row], row)
            _advance(nodes, node, values.source[row], now)
        else:
            _change(nodes, values, row, now, samples)


@njit(cache=True, nogil=True)
def scanned(nodes: NodeStates, values: WalkColumns, moment: WalkMoment, samples: Samples) -> int:
    """Take what a scan read, write its samples, at most one for each, and return the skew. [ns]."""
    skew = 0
    for row in range(len(values.node)):
        node = values.node[row]
        last = nodes.last[node]
        server = _server(values.server[row], moment.now)
        skew = moment.now - server
        time = server - lag_of(nodes, node, moment.usual) - moment.margin
        if nodes.lost[node]:
            time = max(time, last + 1)
        if not _holds(nodes, values, row):
            if not _is_overdue(nodes, values, row, moment.published):
                continue
            _remember(nodes, values, row, moment.now)
            time = max(server if values.source[row] == NO_TIME else values.source[row], last + 1)
        nodes.held[node] = NOT_HELD
        if time > last:
            _put(samples, node, time, row)
            _advance(nodes, node, time, moment.now)
    return skew


@njit(cache=True, nogil=True)
def _change(nodes: NodeStates, values: WalkColumns, row: int, now: int, samples: Samples) -> None:
    """Take a row as the latest change of its node, and write its samples."""
    node, source = values.node[row], values.source[row]
    changed = nodes.known[node] and nodes.source[node] != NO_TIME and source > nodes.source[node]
    _learn(nodes, values, row, now)
    time = values.server[row] if source == NO_TIME else source
    if time == NO_TIME:
        time = now
    if values.overflow[row]:
        _gap(nodes, node, time, samples)
    _put(samples, node, time, row)
    _advance(nodes, node, time, now)
    # A change that is older than a sample which a scan confirmed comes a second time, so that its value counts.
    later = nodes.last[node] + 1
    if time < nodes.last[node] and changed:
        _put(samples, node, later, row)
        _advance(nodes, node, later, now)


@njit(cache=True, nogil=True)
def lag_of(nodes: NodeStates, node: int, usual: int) -> int:
    """Return the lag of a node; where nothing showed it, the usual one of the others. [ns]."""
    return int(nodes.lag[node] if nodes.lag[node] != UNKNOWN_LAG else min(usual, nodes.lag_at_most[node]))


@njit(cache=True, nogil=True)
def _is_older(nodes: NodeStates, node: int, source: int) -> bool:
    """Whether a source time is older, on the device's clock, than the latest change of its node."""
    if not nodes.known[node] or nodes.source[node] == NO_TIME or source == NO_TIME or nodes.ahead[node]:
        return False
    return bool(source < nodes.source[node])


@njit(cache=True, nogil=True)
def _server(server: int, now: int) -> int:
    """Return the server's time; this machine's where it is missing or too far ahead. [ns, UTC]."""
    return now if server == NO_TIME or server > now + FARTHEST_AHEAD else server


@njit(cache=True, nogil=True)
def _learn(nodes: NodeStates, values: WalkColumns, row: int, now: int) -> None:
    node = values.node[row]
    _remember(nodes, values, row, now)
    if values.source[row] != NO_TIME and not nodes.ahead[node]:
        lags = nodes.lag_at_most if nodes.fresh[node] else nodes.lag
        lags[node] = _server(values.server[row], now) - values.source[row]
    nodes.fresh[node] = False


@njit(cache=True, nogil=True)
def _remember(nodes: NodeStates, values: WalkColumns, row: int, now: int) -> None:
    """Take a row as the latest change of its node. [now: ns, UTC]."""
    node = values.node[row]
    nodes.known[node] = True
    nodes.source[node], nodes.value[node], nodes.status[node] = (
        values.source[row],
        values.value[row],
        values.status[row],
    )
    nodes.ahead[node] = values.source[row] != NO_TIME and values.source[row] > now + FARTHEST_AHEAD


@njit(cache=True, nogil=True)
def _holds(nodes: NodeStates, values: WalkColumns, row: int) -> bool:
    """Whether a row equals the latest change of its node."""
    node, value = values.node[row], values.value[row]
    return bool(
        nodes.known[node]
        and nodes.source[node] == values.source[row]
        and nodes.status[node] == values.status[row]
        and (nodes.value[node] == value or (math.isnan(nodes.value[node]) and math.isnan(value)))
    )


@njit(cache=True, nogil=True)
def _is_overdue(nodes: NodeStates, values: WalkColumns, row: int, published: int) -> bool:
    """Whether the notification of a row should have arrived by now."""
    node = values.node[row]
    if not nodes.known[node] and values.status[row] == WAITING:
        return False
    if nodes.read_only[node]:
        return True
    if _is_older(nodes, node, values.source[row]):
        return False
    if nodes.held[node] == NOT_HELD:
        nodes.held[node] = published
    return bool(published >= nodes.held[node] + ANSWERS_AFTER_SCAN)


@njit(cache=True, nogil=True)
def _gap(nodes: NodeStates, node: int, before: int, samples: Samples) -> None:
    """Write a gap in the place of rows that the server lost, at most one in GAP_EVERY of a node."""
    time = max(before - 1, nodes.last[node] + 1)
    if time < before and time >= nodes.gap[node] + GAP_EVERY:
        nodes.gap[node] = nodes.last[node] = time
        _put(samples, node, time, LOST_ROWS)


@njit(cache=True, nogil=True)
def _put(samples: Samples, node: int, time: int, row: int) -> None:
    filled = samples.filled[0]
    samples.node[filled], samples.time[filled], samples.row[filled] = node, time, row
    samples.filled[0] = filled + 1


@njit(cache=True, nogil=True)
def _advance(nodes: NodeStates, node: int, time: int, now: int) -> None:
    """Note the time of a sample of the node. [ns, UTC]."""
    # A time too far ahead becomes the arrival in the intake, so the next sample need only be later than that.
    believed = time if time <= now + FARTHEST_AHEAD else now
    if believed > nodes.last[node]:
        nodes.last[node] = believed
        nodes.lost[node] = False
