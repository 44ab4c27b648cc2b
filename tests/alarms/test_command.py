"""Commands are read from JSON whole, or refused with all that is wrong."""

import pytest
from pydantic import ValidationError

from alarms import Acknowledge, Rectify, parse_command


def test_a_command_comes_back_from_its_json() -> None:
    for command in (
        Acknowledge(alarm="T1.alarm", episode="93a597c44913daff", by="张三", key="k", note="已通知"),
        Rectify(ticket="YH-2026-0001", responsible="李四", measures="加大风量\n\t降低产量", by="张三", key="k"),
    ):
        assert parse_command(command.model_dump_json()) == command
        assert parse_command(command.model_dump(mode="json")) == command


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"command":"silence","alarm":"T1","by":"张三","key":"k"}', id="unknown command"),
        pytest.param('{"command":"acknowledge","alarm":"T1","by":"张三","key":"k"}', id="no episode"),
        pytest.param('{"command":"acknowledge","alarm":"T1","episode":"e","by":" ","key":"k"}', id="nobody"),
        pytest.param('{"command":"accept","ticket":"YH","by":"a","key":"k","force":true}', id="unknown field"),
        pytest.param('{"command":"accept","ticket":"YH","by":"a\\u0007","key":"k"}', id="a bell in a name"),
        pytest.param('{"command":"accept","ticket":"YH","by":"a\\nb","key":"k"}', id="a name of two lines"),
        pytest.param('{"command":"refuse","ticket":"YH","by":"a","key":"k","reason":"\\u001b[2J"}', id="an escape"),
        pytest.param('{"command":"refuse","ticket":"YH","by":"a","key":"k","reason":"a\\u202eb"}', id="backwards"),
        pytest.param("[]", id="no object"),
    ],
)
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_command(text)
