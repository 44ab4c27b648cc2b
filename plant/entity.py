"""Entity, the base class of the tables that an engineer writes, and the kinds of text in them."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plant.message import Message


class Entity(BaseModel):
    """Immutable; unknown keys and numbers that are not finite are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Number = Annotated[float, Field(strict=True)]
"""A number written as a number: `"1.0"` and `true` are errors."""


HIDDEN: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a text look like another one: control characters, line separators, changes of direction.
A space without width is not among them, for spreadsheet programs leave it in names."""


def _hidden(sign: str) -> Message:
    return Message("expected visible characters on one line; found {sign}", sign=ascii(sign)[1:-1])


def check_line(text: str) -> str:
    """Return a text of visible characters on one line; ValueError if it has others."""
    for sign in text:
        if unicodedata.category(sign) in HIDDEN or sign in TURNING:
            raise ValueError(_hidden(sign))
    return text


def check_name(text: str) -> str:
    """Return the name of a person; ValueError if it has an invisible character, even one without width."""
    for sign in check_line(text):
        if unicodedata.category(sign) == "Cf":
            raise ValueError(_hidden(sign))
    return text


def check_prose(text: str) -> str:
    """Return a text of visible characters on any number of lines; ValueError if it has others."""
    for line in text.splitlines():
        check_line(line.replace("\t", " "))
    return text


Line = Annotated[str, AfterValidator(check_line)]
"""A name as people read it."""
Prose = Annotated[str, AfterValidator(check_prose)]
"""A text of any number of lines."""


def _visible(name: str) -> str:
    if not name.isprintable():
        hidden = next(sign for sign in name if not sign.isprintable())
        raise ValueError(Message("expected visible characters only; found {sign}", sign=ascii(hidden)[1:-1]))
    return name


Id = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
"""A name by which other tables refer to an entity; events, traces and addresses write it on one line."""
