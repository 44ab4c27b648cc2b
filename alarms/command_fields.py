"""The fields that all commands of people share, and the kinds of text in commands."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from alarms.person import PersonName
from plant import Entity, check_name, check_prose
from plant.bounds import LONGEST_NOTE

# Names and notes go into the journal for ever and onto every page, so their length is bounded.
SOME: Final = StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE)
Reference = Annotated[str, SOME, AfterValidator(check_name)]
"""The id of a thing; it may be anything that is visible on one line."""
WrittenText = Annotated[str, SOME, AfterValidator(check_prose)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(check_prose)]


class PersonalCommand(Entity):
    """What every command says: who gives it, its key, and a note."""

    by: PersonName = Field(description="Who gives the command.")
    key: Reference = Field(description="Chosen by the sender; the same key again changes nothing.")
    note: Note = Field(default="", description="What the person adds.")
