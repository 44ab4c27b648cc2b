"""The records that the kernels work on: every field with its type, from which the layout in memory is derived.

The kernels see one record as a dictionary with typed fields, so that mypy knows every field name; numba ignores the
annotations and compiles `record["field"]` to one memory access. Whether something is configured or remembered is told
by the name of the record: `...Config` and `...Links` follow from the rule-set, `...State` changes with the log.
"""

from typing import TypedDict

from plant.columns.rows import Bits, Code, Count, Flag, Position, Real, Time


class PointConfig(TypedDict):
    """The configuration of a point, and the places of its rows, its ring and its links."""

    has_range: Flag
    has_movement_rules: Flag  # it has health conditions from FIRST_MEASURED on
    may_be_calm: Flag  # nothing but its own limits and its votes looks at it
    limits: Position  # rows [limits, health) are its limits
    health: Position  # rows [health, feeds) are its health conditions
    feeds: Position  # rows [feeds, end) are the interlocks that it feeds
    end: Position
    max_events: Position  # most events that one sample of it can make
    ring: Position  # 0 for none
    windows: Position  # windows [windows, windows_end) look into its ring
    windows_end: Position
    links: Position  # 0 for none
    stale_after: Time  # 0 for never
    lower: Real  # of the range, with its margin
    upper: Real
    lowest: Real  # of the range itself
    highest: Real


class PointLinks(TypedDict):
    """Places in the graph and in the code: who follows a point, and what a calculated point is calculated from."""

    votes: Position
    votes_end: Position
    followers: Position  # the calculated points that follow from it, inputs first
    followers_end: Position
    code: Position
    code_end: Position
    inputs: Position
    inputs_end: Position


class PointState(TypedDict):
    """The memory of a point: its last accepted sample, and the value of that as evidence."""

    has: Flag  # a sample was accepted
    stale: Flag
    in_doubt: Flag  # it is stale, or its last accepted sample is no evidence or one-sided
    last_arrived_late: Flag  # the last sample that came was late
    all_health_normal: Flag  # fault, over range and calibration are NORMAL
    quality: Code
    last_arrived_quality: Code
    has_previous: Flag
    state: Bits
    last_arrived_state: Bits
    source: Time  # source time of the last accepted sample
    time: Time  # the time that it took
    value: Real
    evidence: Real  # the last evidence, as the limits look at it
    raw: Real  # the last evidence as it came
    accepted: Count
    last_evidence_entry: Count  # number of the last log entry that brought evidence
    late: Count
    duplicates: Count
    previous: Real  # the evidence that `step` compares with
    last_arrived_source: Time
    last_arrived_value: Real


class RuleNumbers(TypedDict):
    """The numbers of a rule; all rows with the same numbers share one record."""

    kind: Code
    feature: Code
    low: Flag
    enter: Real  # setpoint with its tolerance
    leave: Real  # clear with its tolerance
    on_delay: Time
    off_delay: Time
    span: Time  # of the window
    scale: Real  # `per` or the horizon [ns]
    tau: Real
    memory: Time  # how long one-sided evidence marks an average
    beyond: Real  # epsilon or limit with its tolerance
    at_least: Position


class RowConfig(TypedDict):
    """Which rule a condition has, and for which point."""

    rule: Position
    point: Position
    links: Position  # 0 for none
    memory: Position  # 0 for none


class RowLinks(TypedDict):
    """Places in the graph: what a condition is judged by, and what follows its raises and clears."""

    window: Position
    other: Position  # the sister point of a discrepancy, the row of the cut of an interlock
    dependents: Position
    dependents_end: Position
    members: Position
    members_end: Position
    points: Position  # the points of a vote
    points_end: Position


class RowState(TypedDict):
    """The state of a condition; only rules/engine/transition.py changes `state`, `due` and `since`."""

    state: Code
    repeats: Position  # how many raises before the last one had the same time
    due: Time
    since: Time  # begin of RETURNING
    last_event: Time
    raised: Time  # time of the last raise


class FeatureMemory(TypedDict):
    """The memory of a condition besides its state."""

    has_ewma: Flag
    value: Real  # what the event tells; limits of `value` take the evidence of the point instead
    ewma: Real
    ewma_time: Time
    one_sided_time: Time


class Ring(TypedDict):
    """The evidence of a point. Sample number n lies at `place` + n - `base`."""

    place: Count
    room: Count
    base: Count
    tail: Count  # number of the next sample
    not_stale_from: Count  # since this sample the point was not stale
    one_sided: Count  # number of the last one-sided sample
    search_from: Count  # no calm band is looked for before this sample


class WindowConfig(TypedDict):
    """The numbers that a window keeps of its samples."""

    span: Time
    sums: Code  # what it keeps besides the samples: NO_SUMS, TOTAL, EXTREMES or MOMENTS
    width: Code  # numbers per sample
    kept: Flag  # it also keeps the last sample at or before its beginning


class WindowState(TypedDict):
    """Where a window stands in the ring of its point and in the sums; see features/window.py."""

    head: Count  # number of its oldest sample
    middle: Count
    base: Count
    place: Count
    origin: Time
    room: Count


class CalmBand(TypedDict):
    """The band of a calm point, and the last sample that lay in it; see calm.py."""

    lowest: Real  # no band where `lowest` is above `highest`
    highest: Real
    time: Time
    value: Real
    shortest: Time  # the next sample is as far as this at least
    longest: Time
    slot: Position  # where in the pool the next sample goes
    end: Position  # 0 for a point without a ring
    taken: Position  # samples that are not yet written back
    quality: Code


class LogState(TypedDict):
    """Where the log stands, and how much of the pools is used."""

    first: Time  # the first entry
    start: Time  # the last start
    last_tick: Time
    tick: Time  # the tick that is evaluated now
    bound: Time  # no timer of any point is due before
    entries: Count
    events: Count
    depth: Count  # of the stack of frames
    timers: Count  # in the queue of the tick
    samples_used: Count
    sums_used: Count
    started: Flag
    ticking: Flag


class EventRecord(TypedDict):
    """A raise or a clear, with the row in place of the texts."""

    time: Time
    raised: Time
    value: Real
    row: Count
    repeats: Count
    transition: Code
    quality: Code


class Frame(TypedDict):
    """An event whose dependents are being evaluated; see dependents.py."""

    time: Time
    place: Count
    step: Count
    steps: Count
    transition: Code


class Timer(TypedDict):
    """A timer in the queue of a tick."""

    due: Time
    row: Count


class RingSample(TypedDict):
    """One evidence sample in a ring."""

    time: Time
    value: Real


class Entry(TypedDict):
    """A sample as it arrived, and as the kernels see it."""

    backfilled: Flag
    quality: Code
    evidence: Flag
    over: Flag  # beyond the range with its margin
    one_sided: Flag
    state: Bits
    point: Count
    source: Time  # its time in the log
    value: Real
    time: Time  # the time that it took
    x: Real  # the value that the limits look at


class CodeStep(TypedDict):
    """One operation of a calculated point."""

    number: Real
    operation: Count
    point: Count
