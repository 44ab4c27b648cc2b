"""Alarms, late finds and tickets, as the page shows them."""

from typing import Literal, TypedDict

from console.views.site import LevelName, Text

AlarmStateName = Literal["normal", "unacked", "acked", "rtn_unacked"]
TicketStateName = Literal["registered", "rectification", "acceptance", "closed"]
"""登记, 治理, 验收, 销号."""
TicketAction = Literal["rectify", "submit", "accept", "refuse"]
"""To 治理, to 验收, to 销号, and back from 验收 to 治理."""


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
    state: AlarmStateName
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
    state: TicketStateName
    message: Text
    opened: int
    due: int | None
    responsible: str | None
    measures: str | None
    episodes: int
    actions: list[TicketAction]
    history: list[TicketLine]
