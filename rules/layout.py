"""The engine's memory: what is configured and what is remembered, per point and per condition, as records."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NEVER: Final = np.iinfo(np.int64).max
"""Due time of a timer that does not run. [ns, UTC]"""
LONG_AGO: Final = np.iinfo(np.int64).min
"""A time before all others. [ns, UTC]"""

NORMAL, PENDING, ACTIVE, RETURNING = 0, 1, 2, 3
"""States of a condition."""
NEITHER, IN, OUT, NO_EVIDENCE = 0, 1, 2, 3
"""What a sample says about a condition."""
NOTHING, RAISE, CLEAR, PENDS = 0, 1, 2, 3
"""What a look at a condition changed."""

LIMIT, STALE, FAULT, OVER_RANGE, CALIBRATION, FLATLINE, STEP, DISCREPANCY, INTERLOCK, VOTE = range(10)
"""Kinds of conditions; the health conditions in the order of evaluation."""

VALUE, COUNT, DELTA, EWMA, SUM, MEAN, MIN, MAX, RANGE, STD, SLOPE, PROJECTED = range(12)
"""Features."""

WIDTH: Final = {"sum": 2, "mean": 2, "min": 2, "max": 2, "range": 2, "std": 5, "slope": 5, "projected": 5}
"""Numbers per sample that a feature keeps besides the window itself."""

DONE, EVENTS_FULL, POOL_FULL = 0, 1, 2
"""Why the walk over the log stopped."""


def _record(**fields: str) -> np.dtype[np.void]:
    return np.dtype(list(fields.items()), align=True)


POINT_CONFIG: Final = _record(
    has_range="u1", has_ring="u1", more_health="u1", may_rest="u1", limits="i8", health="i8", feeds="i8", end="i8",
    need="i8", stale_after="i8", lower="f8", upper="f8", lowest="f8", highest="f8", votes="i8", votes_end="i8",
    followers="i8", followers_end="i8", code="i8", code_end="i8", inputs="i8", inputs_end="i8",
)  # fmt: skip
"""`lowest`, `highest`: the range; `lower`, `upper`: with its margin. `limits`, `health`, `feeds`, `end`: its
conditions; `more_health`: beyond those that every point has. `votes`, `followers` (calculated points), `inputs`:
places in the graph. `need`: most events of a sample. `may_rest`: see rules/rest.py."""

POINT_STATE: Final = _record(
    has="u1", stale="u1", weak="u1", came_late="u1", quiet="u1", quality="u1", state="u2", source="i8", time="i8",
    value="f8", evidence="f8", raw="f8", accepted="i8", fresh="i8", late="i8", duplicates="i8", place="i8", room="i8",
    base="i8", tail="i8", not_stale_from="i8", previous="f8", came_source="i8", came_value="f8", came_state="u2",
    came_quality="u1", has_previous="u1",
)  # fmt: skip
"""`source`, `time`, `value`, `quality`, `state`: the last accepted sample, its source time and the time that it took.
`came_*`: the last sample that came, where that was late. `quiet`: fault, over range and calibration are NORMAL.
`evidence`: as it is looked at; `raw`: as it came. `fresh`: number of the last log entry that brought evidence.
`place`, `room`, `base`, `tail`: its ring. `previous`: for `step`."""

ROW_CONFIG: Final = _record(
    kind="u1", feature="u1", low="u1", width="u1", enter="f8", leave="f8", before="f8", on_delay="i8", off_delay="i8",
    point="i8", dependents="i8", dependents_end="i8", window="i8", scale="f8", tau="f8", memory="i8", beyond="f8",
    other="i8", at_least="i8", members="i8", members_end="i8", points="i8", points_end="i8",
)  # fmt: skip
"""`enter`, `leave`: setpoint and clear with their tolerance; `before`: the number next to `enter` that is not in.
`beyond`: epsilon or limit with its tolerance. `scale`: `per` or horizon. `memory`: how long one-sided evidence marks an
average. `other`: the sister point, or the row of the cut. `members`, `points`, `dependents`: places in the graph."""

ROW_STATE: Final = _record(
    state="u1", has_ewma="u1", value="f8", due="i8", since="i8", last_event="i8", raised="i8", repeats="i8", head="i8",
    middle="i8", base="i8", place="i8", origin="i8", one_sided="i8", room="i8", ewma="f8", ewma_time="i8",
    one_sided_time="i8",
)  # fmt: skip
"""`head`: oldest sample of the window. `middle`, `origin`, `place`, `room`, `base`: see features/window.py."""

REST: Final = _record(
    lowest="f8", highest="f8", time="i8", patience="i8", value="f8", taken="i8", quality="u1",
)  # fmt: skip
"""`lowest`, `highest`: the band; none where the one is above the other. `time`, `value`, `quality`: the last accepted
sample. `patience`: `stale_after`. `taken`: how many samples are not written back."""

GLOBALS: Final = _record(
    first="i8", start="i8", last_tick="i8", tick="i8", bound="i8", entries="i8", events="i8", depth="i8", timers="i8",
    ring_used="i8", sums_used="i8", started="u1", ticking="u1",
)  # fmt: skip
EVENT: Final = _record(
    time="i8", raised="i8", value="f8", row="i8", repeats="i8", transition="u1", quality="u1"
)  # fmt: skip
FRAME: Final = _record(time="i8", place="i8", step="i8", steps="i8", transition="u1")
TIMER: Final = _record(due="i8", row="i8")
SAMPLE: Final = _record(time="i8", value="f8", one_sided="u1")
ENTRY: Final = _record(
    backfilled="u1", quality="u1", evidence="u1", over="u1", one_sided="u1", state="u2", point="i8", source="i8",
    value="f8", time="i8", x="f8",
)  # fmt: skip
"""A sample as it came: `point`, `source` (its time in the log), `value`, `quality`, `state`, `backfilled`; and as it is
looked at: `time` that it took, `x`, whether it is `evidence`, `over` range, `one_sided`."""
CODE: Final = _record(number="f8", operation="i8", point="i8")


class Machine(NamedTuple):
    """All that the kernels work on; one row per point, or per condition.

    The conditions of a point lie together: its limits, its health conditions, the interlocks that it feeds. Votes come
    after all points. So the row number is the order of the event stream for timers of the same due time.
    """

    point_config: NDArray[Any]
    point: NDArray[Any]
    row_config: NDArray[Any]
    row: NDArray[Any]
    globals: NDArray[Any]
    rest: NDArray[Any]
    bounds: NDArray[np.int64]  # per point: no timer of it is due before
    graph: NDArray[np.int64]
    code: NDArray[Any]
    stack: NDArray[np.float64]
    ring: NDArray[Any]
    sums: NDArray[np.float64]
    events: NDArray[Any]
    entry: NDArray[Any]  # the sample that is looked at, and that of a calculated point
    frames: NDArray[Any]
    timers: NDArray[Any]
