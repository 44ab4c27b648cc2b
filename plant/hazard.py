"""HazardSource: one major hazard source (重大危险源) and its assessment."""

from datetime import date
from typing import Literal

from pydantic import Field

from plant.entity import Entity

Kind = Literal["gas", "outburst", "dust", "fire", "water", "roof", "rockburst", "other"]
Grade = Literal["I", "II", "III", "IV"]


class HazardSource(Entity):
    """A table [[hazard_source]] of a site file."""

    id: str = Field(min_length=1, description="Name by which points, votes and events refer to it.")
    name: str = Field(min_length=1, description="Name, as people read it.")
    kind: Kind = Field(description="What may happen there.")
    grade: Grade = Field(description="Assessed grade I (gravest) to IV.")
    place: str = Field(default="", description="Where it is.")
    assessed: date | None = Field(default=None, description="Date of the last assessment (every two years at least).")
