"""`SourceSpec`: the fields that every [[source]] table has, whatever its protocol."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from plant.duration import PositiveDuration, write_duration
from plant.entity import Entity, Id
from plant.message import Message
from plant.units import SECOND

LONGEST_SCAN: Final = 30 * SECOND
"""Longest time that any source may have for reading all its points. [ns]"""


def _as_fast_as_the_rules_ask(duration: int) -> int:
    if duration > LONGEST_SCAN:
        raise ValueError(Message('expected at most "{longest}"', longest=write_duration(LONGEST_SCAN)))
    return duration


class SourceSpec(Entity):
    """The common part of the adapters' [[source]] tables."""

    id: Id = Field(description="Name by which points refer to it.")
    protocol: str = Field(description="Which adapter reads it.")
    time: Literal["source", "arrival"] = Field(
        default="source",
        description='Whose time counts: "source", or "arrival" for a device whose clock is not to be trusted.',
    )
    endpoint: str = Field(description="Address of the device or server.")
    behind_after: Annotated[PositiveDuration, AfterValidator(_as_fast_as_the_rules_ask)] = Field(
        default=20 * SECOND,
        description="The source is behind its scan while a point was not read for longer; at most 30s. [duration]",
    )

    @property
    def tolerated(self) -> tuple[str, ...]:
        """Checks of the device's identity that the site file switches off; the journal records them."""
        return ()

    @property
    def refresh(self) -> tuple[str, int] | None:
        """Key and length of the period in which every point is read once; None if only changes are reported. [ns]."""
        return None

    @property
    def lag(self) -> tuple[int, int]:
        """How late samples may arrive from a device with a right clock, in real time and in the log's time. [ns]."""
        return 0, 0

    def address_problem(self, _address: str) -> Message | None:
        """Return why this source cannot bring the value of an address that is written right; None if it can."""
        return None
