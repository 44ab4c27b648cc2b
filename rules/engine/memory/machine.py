"""The machine: all arrays that the kernels work on, and the columns of the log that they read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant.columns.rows import Rows
from rules.engine.compiled import inlined
from rules.engine.memory.records import (
    CalmBand,
    CodeStep,
    Entry,
    EventRecord,
    FeatureMemory,
    Frame,
    LogState,
    PointConfig,
    PointLinks,
    PointState,
    Ring,
    RingSample,
    RowConfig,
    RowLinks,
    RowState,
    RuleNumbers,
    Timer,
    WindowConfig,
    WindowState,
)


class Machine(NamedTuple):
    """All that the kernels work on; one row per point, or per condition.

    The conditions of a point lie together: its limits, its health conditions, the interlocks that it feeds. Votes come
    after all points. So the row number is the order of the event stream for timers of the same due time.
    """

    point_config: Rows[PointConfig]
    point_links: Rows[PointLinks]
    point: Rows[PointState]
    rule: Rows[RuleNumbers]
    row_config: Rows[RowConfig]
    row_links: Rows[RowLinks]
    row: Rows[RowState]
    memory: Rows[FeatureMemory]
    globals: Rows[LogState]
    calm: Rows[CalmBand]
    bounds: NDArray[np.int64]  # per point: no timer of it is due before
    graph: NDArray[np.int64]
    code: Rows[CodeStep]
    stack: NDArray[np.float64]
    ring: Rows[Ring]
    samples: Rows[RingSample]
    window_config: Rows[WindowConfig]
    window: Rows[WindowState]
    sums: NDArray[np.float64]
    events: Rows[EventRecord]
    entry: Rows[Entry]  # the sample that is looked at, and that of a calculated point
    frames: Rows[Frame]
    timers: Rows[Timer]


@inlined
def rule_of(m: Machine, r: int) -> RuleNumbers:
    """Return the numbers of a row."""
    return m.rule[m.row_config[r]["rule"]]


@inlined
def links_of(m: Machine, r: int) -> RowLinks:
    """Return the links of a row."""
    return m.row_links[m.row_config[r]["links"]]


class Columns(NamedTuple):
    """The columns of `ingest.Log`, contiguous and writeable, so that one machine code does for all."""

    kind: NDArray[np.uint8]
    point: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    backfilled: NDArray[np.bool_]
