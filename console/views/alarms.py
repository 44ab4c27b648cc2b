"""The views of alarms, late finds and tickets."""

from typing import Literal, TypedDict

from console.views.site import LevelName
from plant import Text

AlarmStateName = Literal["normal", "unacked", "acked", "rtn_unacked"]
TicketStateName = Literal["registered", "rectification", "acceptance", "closed"]
"""登记, 治理, 验收, 销号."""
TicketAction = Literal["rectify", "submit", "accept", "refuse"]
"""To 治理, to 验收, to 销号, and back from 验收 to 治理."""


class Standing(TypedDict):
    """A condition that is or was active: `value`, `setpoint` and `since` (its time) describe the raise."""

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
    """One alarm: `id` is the id of its condition, `episode` the event id of the raise that began the present episode.

    `returned` is set while the condition is back to normal, `acked_*` once somebody acknowledged this episode. The
    engine sends an alarm that becomes normal once more, in state `normal`; the page then drops it.
    """

    id: str
    episode: str
    state: AlarmStateName
    since_ns: str  # JavaScript numbers are exact up to 2^53 only, and nanoseconds exceed that
    recorded: int  # later than `since` if the evidence came late; the page sorts by it
    acked_by: str | None
    acked_at: int | None
    ticket: str | None
    response: Text | None  # what to do, unless the view of the limit says it


class FoundView(Standing):
    """A late find (补传数据超限): a past condition, shown by late data, that is not an alarm.

    `id` is the event id of the retrospective raise. The condition was active from `since` to `returned`; `found` is the
    time of the review. If `of` is set, the find is the earlier beginning of the raise with that id. `returned` is null
    in that case, and if the review has no clear. `ticket` tells whether the rule opens tickets. The engine sends an
    analysed find once more, with `analysed_by`; the page then drops it.
    """

    id: str
    condition: str
    of: str | None
    found: int
    ticket: bool
    analysed_by: str | None


class TicketLine(TypedDict):
    """One step in a ticket's history: `change` is `open`, `attach` or an action; `by` is null for the engine.

    `record` is the number of its record in the journal; a page asks for what was before it.
    """

    record: int
    time: int
    change: str
    by: str | None
    note: str


class TicketLines(TypedDict):
    """Lines of a ticket's history, oldest first, and the number of lines before them."""

    earlier: int
    lines: list[TicketLine]


class TicketView(TypedDict):
    """One hazard ticket (事故隐患治理单): `rule` is the id of its condition, `actions` are possible now.

    `history` has its newest lines, as many as a message should carry; `earlier` counts those before them.

    The engine sends a closed ticket once more; the page then drops it.
    """

    number: str
    hazard_source: str
    rule: str
    level: LevelName
    state: TicketStateName
    message: Text
    opened: int
    due: int | None
    responsible: str | None
    measures: str | None
    episodes: int
    actions: list[TicketAction]
    earlier: int
    history: list[TicketLine]
