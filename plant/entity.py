"""Entity: the base of everything that an engineer writes down."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """Immutable; a key it does not know and a number that is not finite are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Number = Annotated[float, Field(strict=True)]
"""A number that is written as one: `"1.0"` and `true` are errors."""
