"""`SourceSpec`: the fields that every [[source]] table has, whatever its protocol."""

from typing import Literal

from pydantic import Field

from plant.entity import Entity, Id


class SourceSpec(Entity):
    """The common part of the adapters' [[source]] tables."""

    id: Id = Field(description="Name by which points refer to it.")
    protocol: str = Field(description="Which adapter reads it.")
    time: Literal["source", "arrival"] = Field(
        default="source",
        description='Whose time counts: "source", or "arrival" for a device whose clock is not to be trusted.',
    )
