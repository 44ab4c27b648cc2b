"""Rule cases: series that an engineer writes down, and the events that should follow."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from plant import (
    Duration,
    Entity,
    Level,
    Number,
    PositiveDuration,
    parse_instant,
)
from plant.units import SECOND
from rules.engine.event import Transition

CASE_START: Final = parse_instant("2000-01-01T00:00:00Z")
"""Default start of a case: midnight, so that every tick period which divides a day has a tick here. [ns, UTC]"""


def _start(value: object) -> int:
    return parse_instant(value.isoformat() if isinstance(value, datetime) else str(value))


class Expected(Entity):
    """One event that a case expects."""

    at: Duration = Field(description="Event time, since the start of the case. [duration]")
    condition: str = Field(min_length=1, description="Limit, vote, interlock, or stale:POINT, fault:POINT ...")
    transition: Transition = Field(description='"raise" or "clear".')
    value: Number | None = Field(default=None, description="Value of the event, to six digits; any unless given.")
    level: Level | None = Field(default=None, description="Level of the event; any unless given.")


class Case(Entity):
    """A table [[case]]: series of some points, and all events that follow."""

    name: str = Field(min_length=1, description="What the case claims, as people read it; each once in a file.")
    period: PositiveDuration = Field(default=SECOND, description="Between two places of a series. [duration]")
    start: Annotated[int, BeforeValidator(_start)] = Field(
        default=CASE_START, description="Time of the first place of all series; 2000-01-01T00:00:00Z unless given."
    )
    until: Duration | None = Field(
        default=None, description="Until when the case goes on; the last place of its series unless given. [duration]"
    )
    series: dict[str, str] = Field(min_length=1, description="For each point what it measures: 0.6x5 1.2x2 0.6x5.")
    conditions: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="The conditions that it looks at; those of its points, and those expected, unless given.",
    )
    expect: tuple[Expected, ...] = Field(description="The events, all of them; [] for none.")
