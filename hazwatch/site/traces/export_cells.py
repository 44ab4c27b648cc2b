"""Times and values as the exports of other systems write them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

from plant import Message
from plant.instant import FIRST_INSTANT, LAST_INSTANT, parse_instant
from plant.units import MS, SECOND

# Year first, so that nobody must guess which number is the month.
_CLOCK: Final = r"(?:([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:[.,]([0-9]{1,9}))?秒?)?分?)?"
_YEAR_FIRST: Final = (
    re.compile(rf"([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?[ T]*{_CLOCK}"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"),
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+")
_DECIMAL_COMMA: Final = re.compile(r"([+-]?[0-9]+),([0-9]+)")
_COUNT: Final = re.compile(r"-?[0-9]{1,20}(?:[.][0-9]{0,9})?")
EPOCHS: Final = {"epoch-s": SECOND, "epoch-ms": MS}
"""Counts since 1970, by the name of their unit; what one of them is. [ns]"""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TimeReader = Callable[[str], int]
"""Returns the instant of a text [ns, UTC], or raises ValueError."""


def time_reader(form: str | None, zone: ZoneInfo) -> TimeReader:
    """Return what reads times: of a form of `strptime`, of a count since 1970, or any that begin with the year.

    A time without a zone is local time in `zone`. A table has each time in many rows, so readings are remembered.
    """
    if form in EPOCHS:
        return lru_cache(1 << 16)(lambda text: _of_count(text, EPOCHS[form]))
    if form is not None:
        return lru_cache(1 << 16)(lambda text: _of_form(text, form, zone))
    return lru_cache(1 << 16)(lambda text: _of_any_form(text, zone))


def read_value(text: str, *, decimal_comma: bool) -> float | None:
    """Return the number of a cell; None for words such as 断线 or `Bad`, which say that there is none.

    Raises
    ------
    ValueError
        The cell has digits, and is no number all the same.

    """
    if decimal_comma and (match := _DECIMAL_COMMA.fullmatch(text)):
        text = f"{match[1]}.{match[2]}"
    if _NUMBER.fullmatch(text) and isfinite(float(text)):
        return float(text)
    if any(letter.isdigit() for letter in text):
        raise ValueError(Message("expected a number, or words without digits; found {text!r}", text=text))
    return None


def _of_count(text: str, unit: int) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError(Message("expected a count since 1970; found {text!r}", text=text))
    return _within(int(Decimal(text) * unit), text)


def _of_form(text: str, form: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007  # the zone is added below where the text has none
    except ValueError:
        message = Message("expected a time of the form {form}; found {text!r}", form=form, text=text)
        raise ValueError(message) from None
    return _within(_instant(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)), text)


def _of_any_form(text: str, zone: ZoneInfo) -> int:
    match = next((match for form in _YEAR_FIRST if (match := form.fullmatch(text))), None)
    if match is None:
        try:
            return parse_instant(text)
        except ValueError:
            message = Message(
                "expected a time that begins with the year; found {text!r}: name its form with --time-format", text=text
            )
            raise ValueError(message) from None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise ValueError(Message("there is no such time: {text}", text=text)) from None
    return _within(_instant(moment) + int((match[7] or "").ljust(9, "0")), text)


def _instant(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _within(instant: int, text: str) -> int:
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        raise ValueError(Message("there is no such time: {text}", text=text))
    return instant
