"""Entity, the base class of the tables that an engineer writes, and the kinds of text in them."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plant.message import Message


class Entity(BaseModel):
    """An immutable table; unknown keys and numbers that are not finite are errors."""

    # Without extra="forbid" a misspelled `deadbnad = 0.2` would be accepted, and the deadband would be 0.

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Inconsistency(NamedTuple):
    """Keys of a table that do not fit together, and what to write instead."""

    keys: tuple[str, ...]
    message: Message


class InconsistentError(ValueError):
    """Keys of a table do not fit together; the error has all such groups of keys."""

    def __init__(self, problems: Sequence[Inconsistency]) -> None:
        self.problems: Final = tuple(problems)
        super().__init__(*(problem.message for problem in problems))


def check_consistent(problems: Iterable[Inconsistency]) -> None:
    """Raise InconsistentError if there is any problem."""
    if wrong := tuple(problems):
        raise InconsistentError(wrong)


Number = Annotated[float, Field(strict=True)]
"""A number written as a number: `"1.0"` and `true` are errors."""


# Characters that make a text look like a different one: control characters, surrogates, line and paragraph separators,
# and changes of the writing direction. Zero-width spaces are allowed in a line, as spreadsheets leave them in names.
HIDDEN: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
VOWEL_SEPARATOR: Final = "\u180e"
"""A narrow gap before the last vowel of Mongolian words: Unicode counts it as invisible, but it is spelling."""


def _hidden(sign: str) -> Message:
    return Message("expected visible characters on one line; found {sign}", sign=ascii(sign)[1:-1])


def check_line(text: str) -> str:
    """Return a text of visible characters on one line; raise ValueError for any other."""
    for sign in text:
        if unicodedata.category(sign) in HIDDEN or sign in TURNING:
            raise ValueError(_hidden(sign))
    return text


def check_name(text: str) -> str:
    """Return the name of a person; raise ValueError if it has an invisible character, even a zero-width space."""
    # Approvals compare names: two people must not differ by a character that nobody sees.
    for sign in check_line(text):
        if unicodedata.category(sign) == "Cf" and sign != VOWEL_SEPARATOR:
            raise ValueError(_hidden(sign))
    return text


def check_prose(text: str) -> str:
    """Return a text of visible characters on any number of lines; raise ValueError for any other."""
    for line in text.splitlines():
        check_line(line.replace("\t", " "))
    return text


Line = Annotated[str, AfterValidator(check_line)]
"""A name for people, on one line."""
Prose = Annotated[str, AfterValidator(check_prose)]
"""A text for people, on any number of lines."""


def _visible(name: str) -> str:
    if not name.isprintable():
        hidden = next(sign for sign in name if not sign.isprintable())
        raise ValueError(Message("expected visible characters only; found {sign}", sign=ascii(hidden)[1:-1]))
    return name


Id = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
"""A name by which other tables refer to an entity; events, traces and addresses write it on one line."""
