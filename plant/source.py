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
    endpoint: str = Field(description="Address of the device or server.")

    @property
    def refresh(self) -> tuple[str, int] | None:
        """Key and length of the period in which every point is read once; None if only changes are reported. [ns]."""
        return None

    @property
    def lag(self) -> tuple[int, int]:
        """How late samples may arrive from a device with a right clock, in real time and in the log's time. [ns]."""
        return 0, 0
