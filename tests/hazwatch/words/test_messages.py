"""Messages in Chinese and in both languages."""

import pytest

from hazwatch.words import both, chinese, text
from plant import Message, Text


def test_arguments_appear_in_the_language_of_the_sentence() -> None:
    reason = Message('no [[{table}]] has the id "{id}"', table="point", id="T9")
    message = Message("{path}: {problem}", path="limit", problem=reason)
    assert chinese(message) == "limit：没有编号为“T9”的 [[point]]"
    assert chinese(Text("红", "red")) == "红"
    assert text(Message("expected a number")) == Text("应为数字", "expected a number")


def test_lists_have_the_punctuation_of_the_language() -> None:
    problems = (Message("expected a number"), Message("expected 0 or 1"))
    assert chinese(Message("{problems}", problems=problems)) == "应为数字；应为 0 或 1"
    assert chinese(Message("expected one of {choices}", choices=("a", "b"))) == "应为下列之一：a、b"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Message("expected a number"), "应为数字 / expected a number"),
        (Message("{path}: {reason}", path="a.csv", reason=Message("file exists")), "a.csv: 已有同名文件 / file exists"),
        (Message("{text}", text="zlib error"), "zlib error"),
        (
            Message(
                "{path}: {problem}",
                path="2",
                problem=Message("{clear}: expected at most {setpoint}", clear=1, setpoint=0),
            ),
            "2: 1: 应不大于 0 / expected at most 0",
        ),
    ],
)
def test_both_languages_share_one_line_and_what_they_begin_with_appears_once(message: Message, line: str) -> None:
    assert both(message) == line
