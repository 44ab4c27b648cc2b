"""Alarm: what the operator sees of one condition, and AlarmSpec: what the site file says about it."""

from dataclasses import dataclass

from alarms.states import STANDING, AlarmState
from plant import Level
from rules.engine.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """What the alarms need to know of one rule.

    Attributes
    ----------
    condition : str
        Id of the limit, vote or interlock, or `stale:POINT`, `fault:POINT` ...
    hazard_source : str
        The hazard source that it speaks for.
    points : tuple of str
        Its point; of an interlock its feed; of a vote those of its members. It is in doubt when all of them are.
    level : Level
        How grave it is.
    ticket : bool
        Whether an alarm opens a hazard ticket.
    message, message_en : str
        What the ticket says.

    """

    condition: str
    hazard_source: str
    points: tuple[str, ...]
    level: Level
    ticket: bool
    message: str = ""
    message_en: str = ""

    def speaks_for(self, hazard_source: str, point: str | None) -> bool:
        """Tell whether an alarm of this id, at a hazard source and a point (of a vote: none), is of this rule."""
        return self.hazard_source == hazard_source and (point is None or point in self.points)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who saw an episode, when (log time, ns UTC), and what they wrote."""

    by: str
    time: int
    note: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm of one condition, in its latest episode.

    Attributes
    ----------
    condition, hazard_source, point, level
        As in the raise event.
    state : AlarmState
        What the operator has to do with it.
    raised : Event
        The raise event; its id names the episode.
    recorded : int
        Log time at which the raise was recorded. [ns, UTC]
    cleared : Event or None
        The clear event, once there is one.
    returned : int or None
        Log time at which the return was recorded. [ns, UTC]
    acknowledged : Acknowledgement or None
        Of this episode.

    """

    condition: str
    hazard_source: str
    point: str | None
    level: Level
    state: AlarmState
    raised: Event
    recorded: int
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
