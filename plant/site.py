"""`Site`: the mine, and the settings that apply to all of its points."""

from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from plant.duration import Duration, PositiveDuration
from plant.entity import Entity, Id, Line
from plant.message import Message
from plant.units import MS, SECOND

# The names come from hundreds of files, which takes as long as the rest of a small site file.
_zones: Final = cache(available_timezones)


def known_zone(name: str) -> str:
    """Return the name of a time zone; raise ValueError for any other text."""
    if name not in _zones():
        raise ValueError(Message('expected an IANA time zone such as "Asia/Shanghai"'))
    return name


SHORTEST_TICK: Final = 10 * MS


def _not_too_short(period: int) -> int:
    if period < SHORTEST_TICK:
        raise ValueError(Message('expected "10ms" or longer'))
    return period


class Site(Entity):
    """The [site] table of a site file."""

    id: Id = Field(description="Mine code.")
    name: Line = Field(min_length=1, description="Name of the mine, as people read it.")
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(description="IANA time zone of the wall clocks.")
    allowance: Duration = Field(
        default=2 * SECOND, description="How much later than its source time a sample may arrive. [duration]"
    )
    tick_period: Annotated[PositiveDuration, AfterValidator(_not_too_short)] = Field(
        default=SECOND, description="Timers and staleness move at multiples of this. [duration]"
    )
    # One sample from the future would make all later samples of its point late.
    max_clock_skew: Duration = Field(
        default=5 * SECOND,
        description="A source time further ahead of its arrival than this is replaced by the arrival. [duration]",
    )
