"""A message keeps its template and its arguments, and writes itself in English."""

import errno
import json
import pickle

import pytest

from plant import Message, Text, data_of, message_from, message_of, messages_of


def test_a_message_is_its_english_text() -> None:
    message = Message("{path}: cannot be read: {reason}", path="a.csv", reason=Message("permission denied"))
    assert message == "a.csv: cannot be read: permission denied"
    assert message.template == "{path}: cannot be read: {reason}"
    assert message.arguments["reason"] == "permission denied"


@pytest.mark.parametrize(("count", "text"), [(0, "0 samples"), (1, "1 sample"), (2, "2 samples")])
def test_a_word_is_singular_for_one_alone(count: int, text: str) -> None:
    assert Message("{count} {count:sample|samples}", count=count) == text


def test_messages_are_joined_by_semicolons_and_names_by_commas() -> None:
    assert (
        Message("{problems}", problems=(Message("not a number"), Message("not a time"))) == "not a number; not a time"
    )
    assert Message("no points {names}", names=("T1", "T2")) == "no points T1, T2"


def test_an_argument_in_two_languages_appears_in_english() -> None:
    assert Message("{level} alarm", level=Text("红", "red")) == "red alarm"


def test_a_message_stays_as_it_is_and_goes_to_another_process() -> None:
    message = Message("no points {names}", names=("T1", Message("and more")))
    with pytest.raises(AttributeError):
        message.template = Message("x").template
    copy = pickle.loads(pickle.dumps(message))
    assert (copy, copy.template, copy.arguments) == (message, message.template, message.arguments)


def test_an_error_gives_its_messages_and_the_system_its_reason() -> None:
    assert messages_of(ValueError(Message("first"), Message("second"))) == ("first", "second")
    assert message_of(ValueError("text")).template == "in the words of a library: {text}"
    error = OSError(errno.EACCES, "Permission denied", "/data")
    assert message_of(error) == "/data: permission denied"


def test_a_message_goes_to_another_program_by_json() -> None:
    reason = Message("no points {names}", names=("T1", Text("甲", "A")))
    message = Message("{count} {count:point|points}: {reason}", count=2, reason=reason)
    copy = message_from(json.loads(json.dumps(data_of(message))))
    assert copy == message
    assert copy.arguments == message.arguments
