"""What pydantic finds wrong, as messages in the words of the file or the command that it read."""

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from plant.bounds import LONGEST_SHOWN, shown
from plant.entity import Inconsistency, InconsistentError
from plant.full_width import full_width, mended
from plant.message import Message, Template, Text, message_of, words_of_library

Place = tuple[str | int, ...]
"""The keys and numbers that lead to a value."""
SITE_PAGE: Final = Text("docs/zh/configuration.md", "docs/en/configuration.md")
"""The page that lists the keys of a site file."""


# pydantic's own sentences name Python types and have no Chinese; an engineer reads TOML.
def explain(error: ValidationError, document: Text = SITE_PAGE) -> list[tuple[Place, Message]]:
    """Return the places and messages of all errors of one table; `document` lists the keys that it may have."""
    return [(place, message) for place, message, _ in explain_each(error, document)]


Explained = tuple[Place, Message, Inconsistency | None]
"""A place, what is wrong there, and the keys if it is keys of the whole table that do not fit together."""


def explain_each(error: ValidationError, document: Text = SITE_PAGE) -> list[Explained]:
    """Return the places and messages of all errors of one table, and the keys that do not fit together."""
    explained: list[Explained] = []
    for item in error.errors(include_url=False):
        reason = item.get("ctx", {}).get("error")
        if isinstance(reason, InconsistentError):
            whole = not item["loc"]
            explained += [(item["loc"], each.message, each if whole else None) for each in reason.problems]
        else:
            explained.append((item["loc"], _explained(item, document), None))
    return explained


def _explained(item: ErrorDetails, document: Text) -> Message:
    """Return the message of an error; pydantic's own sentences are replaced."""
    problem, value = _problem(item, document), item["input"]
    # Chinese text has full-width signs by right; a text that is ASCII but for them has them by mistake.
    if isinstance(value, str) and (advice := full_width(value)) and mended(value).isascii():
        return Message("{problems}", problems=(problem, *advice))
    return problem


def _problem(item: ErrorDetails, document: Text) -> Message:
    kind, details = item["type"], item.get("ctx", {})
    if kind == "value_error":
        return message_of(details["error"])
    if kind == "extra_forbidden":
        return Message("unknown key; expected one of those in {document}", document=document)
    if kind in WHOLE:
        return Message(WHOLE[kind])
    if kind in CHOICES:
        choices = tuple(details["expected"].replace(" or ", ", ").split(", "))
        expected = Message("expected one of {choices}", choices=choices)
    elif kind in EXPECTED:
        expected = Message(EXPECTED[kind], **_of_template(EXPECTED[kind], details))
    else:
        expected = words_of_library(item["msg"])
    quoted = _quotable(item["input"])
    return Message("{expected}; found {value!r}", expected=expected, value=quoted) if item["loc"] else expected


def _quotable(value: object) -> object:
    """Return a value as a message can quote it: a long one cut in the middle."""
    if isinstance(value, str):
        return shown(value)
    text = repr(value)
    return value if len(text) <= LONGEST_SHOWN else shown(text)


def _of_template(template: Template, details: Mapping[str, object]) -> dict[str, object]:
    """Return those details that a template names."""
    return {name: value for name, value in details.items() if f"{{{name}}}" in template}


WHOLE: Final[Mapping[str, Template]] = {
    "missing": Template("missing; expected a value"),
    "string_too_short": Template("expected text that is not empty"),
}
"""Kinds of errors of pydantic that say everything without the value."""
CHOICES: Final = frozenset(("literal_error", "enum"))
"""Kinds of errors of pydantic for a value that is not in a list."""
EXPECTED_NUMBER: Final = Template("expected a number without quotes")
WHOLE_NUMBER: Final = Template("expected a whole number")
TABLE: Final = Template("expected a table")
LIST: Final = Template("expected a list")
EXPECTED: Final[Mapping[str, Template]] = {
    "string_type": Template("expected text"),
    "float_type": EXPECTED_NUMBER,
    "float_parsing": EXPECTED_NUMBER,
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "bool_type": Template("expected true or false"),
    "finite_number": Template("expected a number that is finite"),
    "greater_than": Template("expected more than {gt}"),
    "greater_than_equal": Template("expected {ge} or more"),
    "less_than": Template("expected less than {lt}"),
    "less_than_equal": Template("expected {le} or less"),
    "tuple_type": LIST,
    "list_type": LIST,
    "too_short": Template("expected {min_length} values or more"),
    "too_long": Template("expected {max_length} values or less"),
    "string_too_long": Template("expected at most {max_length} characters"),
    "string_pattern_mismatch": Template("expected text of the form {pattern}"),
    "union_tag_invalid": Template("expected one of {expected_tags}"),
    "union_tag_not_found": Template("expected a key {discriminator}"),
    "json_invalid": Template("expected JSON ({error})"),
    "model_type": TABLE,
    "dict_type": TABLE,
    "model_attributes_type": TABLE,
}
"""Kinds of errors of pydantic, and what to write instead; the names of arguments are those of pydantic."""


def explained(error: ValidationError) -> Message:
    """Return all errors as one message."""
    return explained_items(error.errors(include_url=False))


def explained_items(items: Iterable[ErrorDetails]) -> Message:
    """Return the items of an error as one message; FastAPI has a class of its own for the same items."""
    problems = [(item["loc"], _explained(item, SITE_PAGE)) for item in items]
    return Message(
        "{problems}",
        problems=tuple(
            Message("{path}: {problem}", path=".".join(map(str, place)), problem=message) if place else message
            for place, message in problems
        ),
    )
