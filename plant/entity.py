"""Entity: the base of everything that an engineer writes down."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """Immutable; a key it does not know and a number that is not finite are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Number = Annotated[float, Field(strict=True)]
"""A number that is written as one: `"1.0"` and `true` are errors."""


def _visible(name: str) -> str:
    if not name.isprintable():
        wrong = next(sign for sign in name if not sign.isprintable())
        raise ValueError(f"expected visible characters alone; found {ascii(wrong)[1:-1]}")
    return name


Id = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
"""A name by which others refer to it; in events, traces, addresses and lists it is one word on one line."""
