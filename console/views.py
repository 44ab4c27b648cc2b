"""The exact shape of every answer of the desk.

Times are int milliseconds since 1970 UTC, as a browser counts them, in the engine's time; where the nanosecond
matters, a second field `..._ns` holds it as a decimal string. Ids are those of the site file.
"""

from collections.abc import Sequence
from typing import Literal, TypedDict

LevelName = Literal["red", "orange", "yellow", "blue"]
QualityName = Literal["GOOD", "UNCERTAIN", "BAD"]
AlarmState = Literal["normal", "unacked", "acked", "rtn_unacked"]
TicketState = Literal["registered", "rectification", "acceptance", "closed"]
"""登记, 治理, 验收, 销号."""
TicketAction = Literal["rectify", "submit", "accept", "refuse"]
"""To 治理, to 验收, to 销号, and back from 验收 to 治理."""

ForecastReason = Literal["calculated", "doubt", "few", "reached", "one_sided", "uncertain", "flat", "far"]
"""docs/rules.md, `projected`, says what each means."""


class Text(TypedDict):
    """What a person reads, in both languages."""

    zh: str
    en: str


class HazardSourceView(TypedDict):
    """A hazard source as the site file has it."""

    id: str
    name: str
    kind: str
    grade: Literal["I", "II", "III", "IV"]
    place: str


class PointView(TypedDict):
    """A point as the site file has it; `decimals` are those of its resolution."""

    id: str
    name: str
    hazard_source: str
    quantity: str
    unit: str
    range: tuple[float, float] | None
    resolution: float | None
    decimals: int | None
    source: str | None


class LimitView(TypedDict):
    """A limit, vote or interlock: what an alarm of this condition means, and what to do.

    `feature` is `vote` or `interlock` for these two. `setpoint` and `clear` are null for them. `unit` is that of the
    feature (`%/min` of a rate of change).
    """

    id: str
    hazard_source: str
    point: str | None
    feature: str
    direction: Literal["high", "low"] | None
    setpoint: float | None
    clear: float | None
    unit: str
    level: LevelName
    ticket: bool
    message: Text
    response: Text
    consequence: Text
    time_to_respond: int | None
    basis: Text


class RuleSetView(TypedDict):
    """The rule-set in force: since when, and who stands for it; null of the first, which was found in the site file.

    `approved` is the time on the clock of the machine, `since` that of the log.
    """

    version: str
    since: int
    author: str | None
    approver: str | None
    reason: str | None
    approved: int | None


class SiteView(TypedDict):
    """What does not change while the engine runs; lists in the order of the site file."""

    id: str
    name: str
    timezone: str
    rules: str
    rule_set: RuleSetView
    hazard_sources: list[HazardSourceView]
    points: list[PointView]
    limits: list[LimitView]


class HazardSourceState(TypedDict):
    """How a hazard source stands: its highest standing level, and how many of its points are in doubt."""

    id: str
    level: LevelName | None
    doubtful: int


class Standing(TypedDict):
    """What stands or stood: `value` and `setpoint` are those of the raise, `since` is its time."""

    level: LevelName
    hazard_source: str
    point: str | None
    message: Text
    value: float | None
    setpoint: float | None
    direction: Literal["high", "low"] | None
    unit: str
    since: int
    returned: int | None


class AlarmView(Standing):
    """One alarm; `id` is that of its condition, `episode` the event id of the raise of its present episode.

    `returned` is set while it is returned, `acked_*` once somebody acknowledged this episode. One that became normal
    is sent once more, in state `normal`, and is then forgotten.
    """

    id: str
    episode: str
    state: AlarmState
    since_ns: str
    recorded: int
    acked_by: str | None
    acked_at: int | None
    ticket: str | None


class FoundView(Standing):
    """What was found in late data (补传发现): past, no alarm; `id` is that of its retrospective raise.

    `since` and `returned` are when it stood, `found` when it was found. `returned` is null where no clear was found,
    and where `of` is set: the id of the raise of which this is the earlier beginning. `ticket` says whether its rule
    opens tickets. One that was analysed is sent once more, with `analysed_by`, and is then forgotten.
    """

    id: str
    condition: str
    of: str | None
    found: int
    ticket: bool
    analysed_by: str | None


class TicketLine(TypedDict):
    """One step of a ticket's history: `change` is `open`, `attach` or an action; `by` is null for the engine."""

    time: int
    change: str
    by: str | None
    note: str


class TicketView(TypedDict):
    """One hazard ticket (隐患单); `rule` is the id of its condition, `actions` what is possible now.

    A closed one is sent once more and is then forgotten.
    """

    number: str
    hazard_source: str
    rule: str
    level: LevelName
    state: TicketState
    message: Text
    opened: int
    due: int | None
    responsible: str | None
    measures: str | None
    episodes: int
    actions: list[TicketAction]
    history: list[TicketLine]


class Reading(TypedDict):
    """The last accepted sample of a point. `bad_since` is set while the point is in doubt."""

    point: str
    value: float | None
    quality: QualityName
    state: int
    time: int | None
    time_ns: str | None
    arrival: int | None
    doubt: bool
    stale: bool
    bad_since: int | None


class LinkView(TypedDict):
    """The link to a source, and how far its clock is ahead (negative: behind; null: not known). [skew: ms]."""

    id: str
    protocol: str
    connected: bool
    since: int
    skew: int | None


class Notice(TypedDict):
    """Something wrong with the engine itself (a full disk, a journal that is behind); shown until it is withdrawn."""

    id: str
    level: LevelName
    message: Text
    since: int


class Snapshot(TypedDict):
    """All that the live page shows; alarms without those that are normal, tickets without the closed ones.

    `found` holds the newest of what was found late and nobody has analysed.

    `annunciated` counts the alarms raised in the last ten minutes.
    """

    now: int
    hazard_sources: list[HazardSourceState]
    alarms: list[AlarmView]
    tickets: list[TicketView]
    found: list[FoundView]
    readings: list[Reading]
    sources: list[LinkView]
    notices: list[Notice]
    annunciated: int


class Change(TypedDict, total=False):
    """A part of a snapshot that changed: whole entries; `withdrawn` names the notices that are over."""

    hazard_sources: Sequence[HazardSourceState]
    alarms: Sequence[AlarmView]
    tickets: Sequence[TicketView]
    found: Sequence[FoundView]
    readings: Sequence[Reading]
    sources: Sequence[LinkView]
    notices: Sequence[Notice]
    withdrawn: Sequence[str]
    annunciated: int


class LimitLine(TypedDict):
    """A limit that was in force from `start` to `end`."""

    id: str
    start: int
    end: int
    setpoint: float
    clear: float | None
    level: LevelName
    message: Text


class Band(TypedDict):
    """A time in which the values cannot be believed, or there were none."""

    start: int
    end: int
    kind: Literal["bad", "stale"]


class TrendView(TypedDict):
    """Samples of a point as columns of one length, at most `pixels` rows, in the order of time.

    With `raw` each row is a sample; otherwise it stands for those of one pixel, at the time of the first. A row whose
    values are null begins a gap: until then the value before it holds. `quality` is the worst of the row.
    """

    point: str
    start: int
    end: int
    raw: bool
    time: list[int]
    minimum: list[float | None]
    maximum: list[float | None]
    last: list[float | None]
    quality: list[int]
    bands: list[Band]
    limits: list[LimitLine]


class ForecastView(TypedDict):
    """When a point may reach the setpoint of a `projected` limit, as seen at `at`, the time of its last evidence.

    With a chance of 90 % between `early` and `late`, if it goes on as in the window of the limit; both are null where
    there is no forecast, and `reason` says why. `samples` are behind it, `uncertain` of them UNCERTAIN.
    """

    limit: str
    at: int | None
    early: int | None
    late: int | None
    samples: int
    uncertain: int
    reason: ForecastReason | None
    sentence: Text
