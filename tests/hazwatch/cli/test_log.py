"""The log of the program is written in both languages."""

import io
import logging

import pytest

from hazwatch.cli.log import BothLanguages
from hazwatch.cli.sparing import AT_MOST, MOST_KINDS, PERIOD, SparingHandler
from plant import Message

FAILED = "socket.accept() failed"


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


def written(*records: logging.LogRecord) -> list[str]:
    stream = io.StringIO()
    handler = SparingHandler(stream)
    handler.setFormatter(BothLanguages("%(name)s %(message)s"))
    for line in records:
        handler.handle(line)
    handler.close()
    return stream.getvalue().splitlines()


def repeated(
    name: str, count: int, *, every: float = 0.0, text: str = "socket.accept() failed"
) -> list[logging.LogRecord]:
    lines = [logging.LogRecord(name, logging.ERROR, "", 0, text, (), None) for _ in range(count)]
    for number, line in enumerate(lines):
        line.created = 1000.0 + number * every
    return lines


def test_a_library_that_repeats_itself_is_cut_short_and_what_was_left_out_is_counted() -> None:
    lines = written(*repeated("asyncio", 1000))
    assert lines[:AT_MOST] == ["asyncio socket.accept() failed"] * AT_MOST
    assert lines[AT_MOST:] == [
        f"asyncio 略去的同类日志 / lines like this left out count={1000 - AT_MOST} line=socket.accept() failed"
    ]


def test_every_period_begins_anew() -> None:
    lines = written(*repeated("asyncio", 4 * AT_MOST, every=PERIOD / AT_MOST))
    assert lines == ["asyncio socket.accept() failed"] * (4 * AT_MOST)


def test_lines_that_are_never_the_same_have_an_end_too() -> None:
    lines = written(*(line for number in range(5000) for line in repeated("lib", 1, text=f"{number} failed")))
    assert len(lines) == MOST_KINDS + AT_MOST + 1
    assert f"count={5000 - MOST_KINDS - AT_MOST}" in lines[-1]


@pytest.mark.parametrize("name", ["hazwatch.live", "adapters.sources.modbus"])
def test_our_own_lines_are_all_written(name: str) -> None:
    assert len(written(*repeated(name, 100))) == 100
