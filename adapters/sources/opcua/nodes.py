"""The state of each node, and the compiled walk over data values that updates it and yields samples."""

import math
from typing import Final, TypedDict

import numpy as np

from adapters.sources.opcua.decode import NO_TIME, WAITING
from plant.columns.kept_code import kept
from plant.columns.rows import Count, Flag, Real, Rows, Time, Word, zeros
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


class NodeState(TypedDict):
    """What a source knows of a node."""

    known: Flag  # there was a change; `source`, `value` and `status` are those of the latest
    ahead: Flag  # the latest change has a time ahead of this machine: no later change is older than it
    fresh: Flag  # the node expects its initial value
    lost: Flag  # the latest sample says that the node was unreachable
    read_only: Flag  # the server reads the node but does not monitor it
    status: Word
    source: Time  # [ns, UTC]
    value: Real
    last: Time  # of the latest sample, or NEVER_SAMPLED [ns, UTC]
    lag: Time  # the server's time minus the source time at the latest change, or UNKNOWN_LAG [ns]
    lag_at_most: Time  # the same of an initial value, which may be an old change, or UNKNOWN_LAG [ns]
    held: Count  # publish answers when a scan first read a change that no notification had brought, or NOT_HELD
    gap: Time  # of the latest gap [ns, UTC]


class ValueRow(TypedDict):
    """A row of `DataValues`."""

    node: Count
    source: Time
    server: Time
    value: Real
    status: Word
    overflow: Flag


class SampleRow(TypedDict):
    """A sample that follows: its node, its time, and the row of its data value or LOST_ROWS."""

    node: Count
    time: Time
    row: Count


class WalkState(TypedDict):
    """The circumstances of a walk, and its results."""

    now: Time  # of this machine [ns, UTC]
    usual: Time  # lag [ns]
    margin: Time  # [ns]
    by_arrival: Flag  # the device's clock does not count: a scan confirms the present
    published: Count  # publish answers so far
    skew: Time  # this machine's time minus the server's, of the last row that a scan read [ns]
    samples: Count  # rows that were written


def unknown_nodes(count: int) -> Rows[NodeState]:
    """Return the state of nodes of which nothing is known yet."""
    nodes = zeros(NodeState, count)
    nodes["source"] = NO_TIME
    nodes["value"] = np.nan
    nodes["last"] = NEVER_SAMPLED
    nodes["lag"] = nodes["lag_at_most"] = UNKNOWN_LAG
    nodes["held"] = NOT_HELD
    nodes["gap"] = -GAP_EVERY
    return nodes


@kept()
def notified(nodes: Rows[NodeState], values: Rows[ValueRow], walk: WalkState, samples: Rows[SampleRow]) -> None:
    """Take the changes of an answer, and write their samples, at most three for each."""
    for row in range(len(values)):
        value = values[row]
        if value["node"] >= len(nodes):
            continue  # a number that no node of this source has
        node = nodes[value["node"]]
        node["held"] = NOT_HELD
        if value["status"] == WAITING and not node["known"]:
            node["fresh"] = False
        elif _is_older(node, value["source"]):
            # A device may send buffered history after newer values: that is a sample, but not the present state.
            node["fresh"] = False
            _put(samples, walk, value["node"], value["source"], row)
            _advance(node, value["source"], walk)
        else:
            _change(node, value, row, walk, samples)


@kept()
def scanned(nodes: Rows[NodeState], values: Rows[ValueRow], walk: WalkState, samples: Rows[SampleRow]) -> None:
    """Take what a scan read, and write its samples, at most one for each."""
    for row in range(len(values)):
        value = values[row]
        node = nodes[value["node"]]
        last = node["last"]
        server = _server(value, walk)
        walk["skew"] = walk["now"] - server
        # The server's clock may be ahead of this machine; nothing was confirmed at a time that has not come yet.
        time = min(server - lag_of(node, walk["usual"]) - walk["margin"], walk["now"])
        if walk["by_arrival"]:
            time = max(walk["now"], last + 1)
        if node["lost"]:
            time = max(time, last + 1)
        if not _holds(node, value):
            if not _is_overdue(node, value, walk):
                continue
            _remember(node, value, walk)
            time = max(server if value["source"] == NO_TIME else value["source"], last + 1)
        node["held"] = NOT_HELD
        if time > last:
            _put(samples, walk, value["node"], time, row)
            _advance(node, time, walk)


@kept()
def _change(node: NodeState, value: ValueRow, row: int, walk: WalkState, samples: Rows[SampleRow]) -> None:
    """Take a row as the latest change of its node, and write its samples."""
    changed = node["known"] and node["source"] != NO_TIME and value["source"] > node["source"]
    _learn(node, value, walk)
    time = value["server"] if value["source"] == NO_TIME else value["source"]
    if time == NO_TIME:
        time = walk["now"]
    if value["overflow"]:
        _gap(node, value, time, walk, samples)
    _put(samples, walk, value["node"], time, row)
    _advance(node, time, walk)
    # A change that is older than a sample which a scan confirmed comes a second time, so that its value counts.
    later = node["last"] + 1
    if time < node["last"] and changed:
        _put(samples, walk, value["node"], later, row)
        _advance(node, later, walk)


@kept()
def lag_of(node: NodeState, usual: int) -> int:
    """Return the lag of a node; where nothing showed it, the usual one of the others. [ns]."""
    return node["lag"] if node["lag"] != UNKNOWN_LAG else min(usual, node["lag_at_most"])


@kept()
def _is_older(node: NodeState, source: int) -> bool:
    """Whether a source time is older, on the device's clock, than the latest change of its node."""
    if not node["known"] or node["source"] == NO_TIME or source == NO_TIME or node["ahead"]:
        return False
    return source < node["source"]


@kept()
def _server(value: ValueRow, walk: WalkState) -> int:
    """Return the server's time; this machine's where it is missing or too far ahead. [ns, UTC]."""
    server, now = value["server"], walk["now"]
    return now if server == NO_TIME or server > now + FARTHEST_AHEAD else server


@kept()
def _learn(node: NodeState, value: ValueRow, walk: WalkState) -> None:
    _remember(node, value, walk)
    if value["source"] != NO_TIME and not node["ahead"]:
        lag = _server(value, walk) - value["source"]
        if node["fresh"]:
            node["lag_at_most"] = lag
        else:
            node["lag"] = lag
    node["fresh"] = False


@kept()
def _remember(node: NodeState, value: ValueRow, walk: WalkState) -> None:
    """Take a row as the latest change of its node."""
    node["known"] = True
    node["source"] = value["source"]
    node["value"] = value["value"]
    node["status"] = value["status"]
    node["ahead"] = value["source"] != NO_TIME and value["source"] > walk["now"] + FARTHEST_AHEAD


@kept()
def _holds(node: NodeState, value: ValueRow) -> bool:
    """Whether a row equals the latest change of its node."""
    if not node["known"] or node["source"] != value["source"] or node["status"] != value["status"]:
        return False
    return node["value"] == value["value"] or (math.isnan(node["value"]) and math.isnan(value["value"]))


@kept()
def _is_overdue(node: NodeState, value: ValueRow, walk: WalkState) -> bool:
    """Whether the notification of a row should have arrived by now."""
    if not node["known"] and value["status"] == WAITING:
        return False
    if node["read_only"]:
        return True
    if _is_older(node, value["source"]):
        return False
    if node["held"] == NOT_HELD:
        node["held"] = walk["published"]
    return walk["published"] >= node["held"] + ANSWERS_AFTER_SCAN


@kept()
def _gap(node: NodeState, value: ValueRow, before: int, walk: WalkState, samples: Rows[SampleRow]) -> None:
    """Write a gap in the place of rows that the server lost, at most one in GAP_EVERY of a node."""
    time = max(before - 1, node["last"] + 1)
    if time < before and time >= node["gap"] + GAP_EVERY:
        node["gap"] = node["last"] = time
        _put(samples, walk, value["node"], time, LOST_ROWS)


@kept()
def _put(samples: Rows[SampleRow], walk: WalkState, node: int, time: int, row: int) -> None:
    sample = samples[walk["samples"]]
    sample["node"] = node
    sample["time"] = time
    sample["row"] = row
    walk["samples"] += 1


@kept()
def _advance(node: NodeState, time: int, walk: WalkState) -> None:
    """Note the time of a sample of the node. [ns, UTC]."""
    # A time too far ahead becomes the arrival in the intake, so the next sample need only be later than that.
    believed = time if time <= walk["now"] + FARTHEST_AHEAD else walk["now"]
    if believed > node["last"]:
        node["last"] = believed
        node["lost"] = False
