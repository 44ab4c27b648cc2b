"""`Alarm`: what the operator sees of one condition; `AlarmSpec`: what the site file says about it."""

from dataclasses import dataclass

from alarms.states import STANDING, AlarmState
from plant import Level
from rules import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """The properties of a rule that its alarms need.

    Attributes
    ----------
    condition : str
        Id of the limit, vote or interlock, or `stale:POINT`, `fault:POINT` ...
    hazard_source : str
        Hazard source that the rule protects.
    points : tuple of str
        Point of a limit, feed of an interlock, points of the members of a vote. The rule is in doubt if all are.
    level : Level
        Level of its alarms.
    ticket : bool
        Whether an alarm opens a hazard ticket.
    message, message_en : str
        Message of the ticket.

    """

    condition: str
    hazard_source: str
    points: tuple[str, ...]
    level: Level
    ticket: bool
    message: str = ""
    message_en: str = ""

    def speaks_for(self, hazard_source: str, point: str | None) -> bool:
        """Tell whether the rule still watches a hazard source and a point; the alarm of a vote has no point."""
        return self.hazard_source == hazard_source and (point is None or point in self.points)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Name of who saw an episode, log time [ns, UTC], and note."""

    by: str
    time: int
    note: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm of one condition in its latest episode.

    Attributes
    ----------
    condition, hazard_source, point, level
        As in the raise event.
    state : AlarmState
        State of the operator's work.
    raised : Event
        The raise event; its id names the episode.
    recorded : int
        Log time at which the raise was recorded. [ns, UTC]
    cleared : Event or None
        The clear event of this episode; None while the condition stands, or if its rule was removed.
    returned : int or None
        Log time at which the return was recorded. [ns, UTC]
    acknowledged : Acknowledgement or None
        Acknowledgement of this episode.

    """

    condition: str
    hazard_source: str
    point: str | None
    level: Level
    state: AlarmState
    raised: Event
    recorded: int
    # The clear event has the source time of the return, `returned` the log time of its record: late data differ.
    cleared: Event | None = None
    returned: int | None = None
    acknowledged: Acknowledgement | None = None

    @property
    def episode(self) -> str:
        """Id of the raise event."""
        return self.raised.id

    @property
    def stands(self) -> bool:
        """Whether its condition stands."""
        return self.state in STANDING

    def is_of(self, event: Event) -> bool:
        """Whether an event concerns the same hazard source and point, which an edit may give to another rule."""
        return (self.hazard_source, self.point) == (event.hazard_source, event.point)
