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

DONE, EVENTS_FULL, POOL_FULL, TIMERS_FULL, NO_SUCH_POINT = range(5)
"""Why the walk over the log stopped."""


def _record(**fields: str) -> np.dtype[np.void]:
    return np.dtype(list(fields.items()), align=True)


POINT_CONFIG: Final = _record(
    has_range="u1", more_health="u1", may_rest="u1", limits="i4", health="i4", feeds="i4", end="i4", need="i4",
    ring="i4", windows="i4", windows_end="i4", links="i4", stale_after="i8", lower="f8", upper="f8", lowest="f8",
    highest="f8",
)  # fmt: skip
"""`lowest`, `highest`: the range; `lower`, `upper`: with its margin. `limits`, `health`, `feeds`, `end`: its rows;
`more_health`: beyond those that every point has. `windows`: those that look into its ring. `ring`, `links`: 0 for none.
`need`: most events of a sample. `may_rest`: see calm.py."""

POINT_LINKS: Final = _record(
    votes="i4", votes_end="i4", followers="i4", followers_end="i4", code="i4", code_end="i4", inputs="i4",
    inputs_end="i4",
)  # fmt: skip
"""Places in the graph and in the code: votes and calculated points that follow a point; code and inputs of its own."""

POINT_STATE: Final = _record(
    has="u1", stale="u1", weak="u1", came_late="u1", quiet="u1", quality="u1", came_quality="u1", has_previous="u1",
    state="u2", came_state="u2", source="i8", time="i8", value="f8", evidence="f8", raw="f8", accepted="i8", fresh="i8",
    late="i8", duplicates="i8", previous="f8", came_source="i8", came_value="f8",
)  # fmt: skip
"""`source`, `time`, `value`, `quality`, `state`: the last accepted sample, its source time and the time that it took.
`came_*`: the last sample that came, where that was late. `quiet`: fault, over range and calibration are NORMAL.
`evidence`: as it is looked at; `raw`: as it came. `fresh`: number of the last log entry that brought evidence.
`previous`: for `step`."""

RULE: Final = _record(
    kind="u1", feature="u1", low="u1", enter="f8", leave="f8", on_delay="i8", off_delay="i8", span="i8", scale="f8",
    tau="f8", memory="i8", beyond="f8", at_least="i4",
)  # fmt: skip
"""The numbers of a rule, one record for all rows that have the same. `enter`, `leave`: setpoint and clear with their
tolerance. `beyond`: epsilon or limit with its tolerance. `span`: of the window. `scale`: `per` or horizon. `memory`:
how long one-sided evidence marks an average."""

ROW_CONFIG: Final = _record(rule="i4", point="i4", links="i4", memory="i4")
"""Which rule for which point; `links`, `memory`: 0 for none."""

ROW_LINKS: Final = _record(
    window="i4", other="i4", dependents="i4", dependents_end="i4", members="i4", members_end="i4", points="i4",
    points_end="i4",
)  # fmt: skip
"""`other`: the sister point, or the row of the cut. `members`, `points`, `dependents`: places in the graph."""

ROW_STATE: Final = _record(state="u1", repeats="i4", due="i8", since="i8", last_event="i8", raised="i8")
"""`since`: of RETURNING. `raised`: time of the last raise; `repeats`: how many had the same before."""

MEMORY: Final = _record(has_ewma="u1", value="f8", ewma="f8", ewma_time="i8", one_sided_time="i8")
"""`value`: what the event says; for limits of `value` that is the evidence of the point."""

RING: Final = _record(
    place="i8", room="i8", base="i8", tail="i8", not_stale_from="i8", one_sided="i8", try_at="i8"
)  # fmt: skip
"""The evidence of a point: sample number n lies at `place` + n - `base`; `tail`: number of the next. `one_sided`:
number of the last that was so. `not_stale_from`: since then the point was not stale. `try_at`: see calm.py."""

WINDOW_CONFIG: Final = _record(span="i8", sums="u1", width="u1", kept="u1")
"""`sums`: what it keeps besides the samples, `width` numbers per sample. `kept`: it keeps the last sample at or before
its beginning, too."""

WINDOW: Final = _record(head="i8", middle="i8", base="i8", place="i8", origin="i8", room="i8")
"""`head`: number of its oldest sample; the others: see features/window.py."""

REST: Final = _record(
    lowest="f8", highest="f8", time="i8", value="f8", shortest="i8", longest="i8", slot="i4", end="i4", taken="i4",
    quality="u1",
)  # fmt: skip
"""`lowest`, `highest`: the band; none where the one is above the other. `time`, `value`, `quality`: the last accepted
sample. `shortest`, `longest`: how far the next may be. `slot`, `end`: where samples lie; 0 for a point without a ring.
`taken`: how many samples are not written back."""

GLOBALS: Final = _record(
    first="i8", start="i8", last_tick="i8", tick="i8", bound="i8", entries="i8", events="i8", depth="i8", timers="i8",
    samples_used="i8", sums_used="i8", started="u1", ticking="u1",
)  # fmt: skip
EVENT: Final = _record(
    time="i8", raised="i8", value="f8", row="i8", repeats="i8", transition="u1", quality="u1"
)  # fmt: skip
FRAME: Final = _record(time="i8", place="i8", step="i8", steps="i8", transition="u1")
TIMER: Final = _record(due="i8", row="i8")
SAMPLE: Final = _record(time="i8", value="f8")
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
    point_links: NDArray[Any]
    point: NDArray[Any]
    rule: NDArray[Any]
    row_config: NDArray[Any]
    row_links: NDArray[Any]
    row: NDArray[Any]
    memory: NDArray[Any]
    globals: NDArray[Any]
    rest: NDArray[Any]
    bounds: NDArray[np.int64]  # per point: no timer of it is due before
    graph: NDArray[np.int64]
    code: NDArray[Any]
    stack: NDArray[np.float64]
    ring: NDArray[Any]
    samples: NDArray[Any]
    window_config: NDArray[Any]
    window: NDArray[Any]
    sums: NDArray[np.float64]
    events: NDArray[Any]
    entry: NDArray[Any]  # the sample that is looked at, and that of a calculated point
    frames: NDArray[Any]
    timers: NDArray[Any]
