"""The log of the program is written in both languages."""

import logging

from hazwatch.cli.log import BothLanguages
from plant import Message


def record(form: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("hazwatch", logging.WARNING, "", 0, form, arguments, None)


def test_events_and_errors_are_written_in_chinese_and_english() -> None:
    line = record("%s source=%s reason=%s", Message("source lost"), "kj-ua", ValueError(Message("no answer in time")))
    assert BothLanguages("%(message)s").format(line) == (
        "数据源通信中断 / source lost source=kj-ua reason=应答超时 / no answer in time"
    )


def test_a_record_stays_as_it_is_for_other_handlers() -> None:
    line = record("%s", Message("source lost"))
    BothLanguages("%(message)s").format(line)
    assert line.getMessage() == "source lost"
