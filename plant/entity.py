"""Entity: the base of everything that an engineer writes down."""

from pydantic import BaseModel, ConfigDict


class Entity(BaseModel):
    """Immutable; a key it does not know and a number that is not finite are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
