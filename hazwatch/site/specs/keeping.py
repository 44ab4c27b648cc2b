"""The tables [historian] and [anchors] of a site file: how long history is kept, and where proofs are."""

from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.regular_file import absolute, check_place
from plant import Duration, Entity, Line, Message
from plant.units import DAY


def _whole_days(duration: int) -> int:
    if duration == 0 or duration % DAY:
        raise ValueError(Message('expected whole days, "1d" or more; leave it out to keep everything'))
    return duration


class HistorianSpec(Entity):
    """The table [historian] of a site file."""

    retention: Annotated[Duration, AfterValidator(_whole_days)] | None = Field(
        default=None, description="Older days are deleted, whole days at a time; kept for ever unless given. [duration]"
    )

    @property
    def days(self) -> int | None:
        """Number of days to keep; None keeps all."""
        return None if self.retention is None else self.retention // DAY


_Place = Annotated[Line, AfterValidator(absolute("/mnt/archive/anchors.jsonl")), AfterValidator(check_place)]


class AnchorsSpec(Entity):
    """The table [anchors] of a site file."""

    file: (
        Annotated[Line, AfterValidator(absolute("/mnt/archive/anchors.jsonl")), AfterValidator(check_place)] | None
    ) = Field(
        default=None,
        description="File to which number and hash of the last journal record are appended once a day; in the data "
        "folder unless given.",
    )
    key: Annotated[Line, AfterValidator(absolute("/mnt/archive/anchors.key")), AfterValidator(check_place)] | None = (
        Field(
            default=None,
            description="File with the private key that signs them; made if missing; in the data folder unless given.",
        )
    )
