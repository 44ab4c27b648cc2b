"""Entity: the base of everything that an engineer writes down."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """Immutable; a key it does not know and a number that is not finite are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Number = Annotated[float, Field(strict=True)]
"""A number that is written as one: `"1.0"` and `true` are errors."""


HIDDEN: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that make a text look like another one: control, line separators, direction. A space of no width, as a table
program may leave in a name, is none of them."""


def check_line(text: str) -> str:
    """Return a text of visible signs on one line; ValueError where it holds others."""
    for sign in text:
        if unicodedata.category(sign) in HIDDEN or sign in TURNING:
            raise ValueError(f"expected visible characters on one line; found {ascii(sign)[1:-1]}")
    return text


def check_name(text: str) -> str:
    """Return the name of a person; ValueError where it holds a sign that nobody sees, be it one without width."""
    for sign in check_line(text):
        if unicodedata.category(sign) == "Cf":
            raise ValueError(f"expected visible characters on one line; found {ascii(sign)[1:-1]}")
    return text


def check_prose(text: str) -> str:
    """Return a text of visible signs; lines may break. ValueError where it holds others."""
    for line in text.splitlines():
        check_line(line.replace("\t", " "))
    return text


Line = Annotated[str, AfterValidator(check_line)]
"""A name, as people read it."""
Prose = Annotated[str, AfterValidator(check_prose)]
"""What people say in as many lines as they like."""


def _visible(name: str) -> str:
    if not name.isprintable():
        wrong = next(sign for sign in name if not sign.isprintable())
        raise ValueError(f"expected visible characters alone; found {ascii(wrong)[1:-1]}")
    return name


Id = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
"""A name by which others refer to it; in events, traces, addresses and lists it is one word on one line."""
