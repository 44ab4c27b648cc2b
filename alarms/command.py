"""The commands of people to alarms and tickets, and their form in JSON."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, TypeAdapter

from alarms.command_fields import PersonalCommand, Reference, WrittenText
from alarms.person import PersonName
from plant import Message


class Reason(StrEnum):
    """Why a command was refused: what a page translates."""

    UNKNOWN_ALARM = "unknown_alarm"
    UNKNOWN_TICKET = "unknown_ticket"
    EPISODE_OVER = "episode_over"
    RULE_IN_FORCE = "rule_in_force"
    SAME_PERSON = "same_person"
    ALARM_STANDS = "alarm_stands"
    IN_DOUBT = "in_doubt"
    KEY_REUSED = "key_reused"
    UNKNOWN_FIND = "unknown_find"
    ANALYSED = "analysed"


class CommandRefusedError(Exception):
    """A command that is not carried out; nothing has changed."""

    def __init__(self, reason: Reason, message: Message) -> None:
        super().__init__(message)
        self.reason: Final = reason


class Acknowledge(PersonalCommand):
    """I have seen this episode of this alarm."""

    command: Literal["acknowledge"] = "acknowledge"
    alarm: Reference = Field(description="The condition.")
    episode: Reference = Field(description="Id of the raise event that was seen.")


class Remove(PersonalCommand):
    """Take an alarm as returned: it stands, but its rule was removed from the site file."""

    command: Literal["remove"] = "remove"
    alarm: Reference = Field(description="The condition.")
    episode: Reference = Field(description="Id of the raise event.")
    reason: WrittenText = Field(description="Why the rule is gone.")


class Rectify(PersonalCommand):
    """登记 to 治理: somebody is made responsible."""

    command: Literal["rectify"] = "rectify"
    ticket: Reference = Field(description="Number of the ticket.")
    responsible: PersonName = Field(description="Who rectifies it.")
    measures: WrittenText = Field(description="What is to be done.")
    due: int | None = Field(default=None, ge=0, lt=2**62, description="Time limit. [ns, UTC]")


class Submit(PersonalCommand):
    """治理 to 验收: the work is done and is submitted for acceptance."""

    command: Literal["submit"] = "submit"
    ticket: Reference = Field(description="Number of the ticket.")


class Accept(PersonalCommand):
    """验收 to 销号: another person has found the hazard gone."""

    command: Literal["accept"] = "accept"
    ticket: Reference = Field(description="Number of the ticket.")


class Refuse(PersonalCommand):
    """验收 back to 治理."""

    command: Literal["refuse"] = "refuse"
    ticket: Reference = Field(description="Number of the ticket.")
    reason: WrittenText = Field(description="What is still missing.")


class Analyse(PersonalCommand):
    """A late find was analysed; the note has the result."""

    command: Literal["analyse"] = "analyse"
    found: Reference = Field(description="Id of the retrospective raise.")
    note: WrittenText = Field(description="What the analysis came to.")


AlarmCommand = Acknowledge | Remove
TicketCommand = Rectify | Submit | Accept | Refuse
Command = AlarmCommand | TicketCommand | Analyse

_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="command")])


def parse_command(form: str | bytes | Mapping[str, Any]) -> Command:
    """Read a command from JSON, or from what was read from it.

    Raises
    ------
    pydantic.ValidationError
        All that is wrong with it.

    """
    if isinstance(form, str | bytes):
        return _COMMAND.validate_json(form)
    return _COMMAND.validate_python(form)


def recorded(*kinds: type[Command]) -> PlainValidator:
    """Return the validator that reads a command of these kinds from the journal.

    It checks that all fields are there, with their types. It does not validate names and texts again: a later version
    may be stricter than the version that accepted them.
    """
    by_word = {kind.model_fields["command"].default: kind for kind in kinds}

    def read(form: object) -> Command:
        kind = by_word.get(form.get("command")) if isinstance(form, dict) else None
        if not isinstance(form, dict) or kind is None:
            message = Message("expected a command, one of {words}; found {form!r}", words=tuple(by_word), form=form)
            raise ValueError(message)
        if form.keys() != kind.model_fields.keys():
            message = Message(
                "expected the fields {expected}; found {fields}", expected=tuple(kind.model_fields), fields=tuple(form)
            )
            raise ValueError(message)
        for name, value in form.items():
            if not (isinstance(value, str) or (name == "due" and (value is None or type(value) is int))):
                raise ValueError(Message("{name}: found {value!r}", name=name, value=value))
        return kind.model_construct(**form)

    return PlainValidator(read)
