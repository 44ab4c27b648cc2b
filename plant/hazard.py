"""`HazardSource`: one major hazard source (重大危险源) and its assessment."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from plant.entity import Entity, Id, Line
from plant.message import Message

HazardKind = Literal["gas", "outburst", "dust", "fire", "water", "roof", "rockburst", "other"]
Grade = Literal["I", "II", "III", "IV"]


def _date(value: Any) -> Any:
    # TOML has dates. A quoted date is a string, and a datetime is also a `date` in Python: both are refused.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(Message("expected a date without quotes, such as 2025-03-01"))


class HazardSource(Entity):
    """A [[hazard_source]] table of a site file."""

    id: Id = Field(description="Name by which points, votes and events refer to it.")
    name: Line = Field(min_length=1, description="Name, as people read it.")
    kind: HazardKind = Field(description="What may happen there.")
    grade: Grade = Field(description="Assessed grade I (gravest) to IV.")
    place: Line = Field(default="", description="Where it is.")
    assessed: Annotated[date, BeforeValidator(_date)] | None = Field(
        default=None, description="Date of the last assessment (every two years at least)."
    )
