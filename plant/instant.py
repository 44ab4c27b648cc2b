"""Instants: written as ISO 8601 with a zone or as nanoseconds UTC, kept as whole nanoseconds."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.message import Message
from plant.units import DAY, NANOSECONDS, SECOND

# int64 nanoseconds hold the years 1677 to 2262. The lowest number is left out: it is NO_ARRIVAL.
FIRST_INSTANT: Final = -(2**63) + 1
LAST_INSTANT: Final = 2**63 - 1

EXPECTED_INSTANT: Final = Message(
    'expected ISO 8601 with a zone, such as "2026-03-02T06:00:00.5+08:00" or "...Z", or nanoseconds UTC'
)
_INTEGER: Final = re.compile(r"-?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_ISO: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A count of seconds that is read as nanoseconds is a time in the first seconds of 1970, and looks like a valid one.
_EARLIEST: Final = 946_684_800
_LATEST: Final = 4_102_444_800
"""The years 2000 and 2100 in seconds: a count of another unit is known by lying between them. [s]"""
_MICRO: Final = 10**6
_UNITS: Final = {1: Message("seconds"), 10**3: Message("milliseconds"), _MICRO: Message("microseconds")}
"""Other units in which programs count time since 1970, by how many make a second."""


def parse_instant(text: str) -> int:
    """Read "2026-03-02T06:00:00.123456789+08:00" or "1772402400123456789" as nanoseconds UTC, exactly.

    Raises
    ------
    ValueError
        The text is not an instant: no zone, more than nine decimals, a date that does not exist, a year outside 1678
        to 2261, or a number that looks like seconds, milliseconds or microseconds.

    """
    text = text.strip()
    if _INTEGER.fullmatch(text):
        # Longer numbers are beyond 2261 anyway, and Python refuses to read numbers of thousands of digits.
        instant = int(text[:25])
        _check_unit(instant)
    else:
        instant = _iso(text)
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        raise ValueError(Message("expected a time of the years 1678 to 2261"))
    return instant


def _check_unit(number: float) -> None:
    """Refuse a number that counts time since 1970 in another unit than nanoseconds."""
    for count, unit in _UNITS.items():
        if _EARLIEST * count <= number < _LATEST * count:
            raise ValueError(
                Message(
                    "before the year 2000 in nanoseconds; it looks like {unit}: "
                    "write nanoseconds, {digits} more digits",
                    unit=unit,
                    digits=len(str(SECOND // count)) - 1,
                )
            )


def _iso(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        if _DECIMAL.fullmatch(text):
            _check_unit(float(text))
            raise ValueError(Message("expected whole nanoseconds UTC, without a decimal point"))
        raise ValueError(EXPECTED_INSTANT)
    day, minute, second, fraction, zone = match.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone.replace('Z', '+00:00')}")
    except ValueError:
        raise ValueError(Message("no such date or time; {expected}", expected=EXPECTED_INSTANT)) from None
    since_epoch = whole - _EPOCH
    return since_epoch.days * DAY + since_epoch.seconds * SECOND + int((fraction or "").ljust(9, "0"))


def parse_instants(texts: Sequence[str]) -> NDArray[np.int64]:
    """Read many instants, quickly if all are written in the same format.

    Returns
    -------
    (n,) int64
        [ns, UTC]

    Raises
    ------
    ValueError
        One of the texts is not an instant, see `parse_instant`.

    """
    joined = "".join(texts)
    alike = _alike(texts, joined) if joined.isascii() else None
    return np.fromiter(map(parse_instant, texts), np.int64, len(texts)) if alike is None else alike


def _alike(texts: Sequence[str], joined: str) -> NDArray[np.int64] | None:
    """Read instants that share one format; return None if they do not.

    The format is either digits alone, or the ISO form and the zone of the first text.
    """
    if not texts:
        return None
    lengths = set(map(len, texts))
    # Numbers of 18 digits always fit into int64, and of 19 digits those that start with a digit below 9.
    if joined.isdecimal() and min(lengths) >= 1 and max(lengths) <= 18 + (max(texts) < "9"):
        numbers = np.fromiter(map(int, texts), np.int64, len(texts))
        # The slow way finds out what is wrong with a small number, if anything.
        return None if ((numbers >= _EARLIEST) & (numbers < _LATEST * _MICRO)).any() else numbers
    first_parts = _ISO.fullmatch(texts[0])
    if first_parts is None or first_parts[3] is None or len(lengths) > 1:
        return None
    # The texts as a matrix of characters: one row per place, one column per text. All places must equal the first text,
    # except digits before the zone; so the texts differ in their digits alone.
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), len(texts[0])).T
    first = letters[:, 0]
    digit = (first >= ord("0")) & (first <= ord("9")) & (np.arange(len(first)) < first_parts.start(5))
    if (letters[~digit] != first[~digit, None]).any():
        return None
    # Characters below "0" wrap around to more than 9.
    digits = letters[digit] - np.uint8(ord("0"))
    return None if (digits > 9).any() else _dated(digits, _iso(f"1970-01-01T00:00:00{first_parts[5]}"))


def _dated(digits: NDArray[np.uint8], offset: int) -> NDArray[np.int64] | None:
    """Return the instants of digits YYYYMMDDhhmmss and decimals, one row per digit; None if a date does not exist."""
    year, month, day = _number(digits[:4]), _number(digits[4:6]), _number(digits[6:8])
    hour, minute, second = _number(digits[8:10]), _number(digits[10:12]), _number(digits[12:14])
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    # A day beyond the end of its month, such as February 30, lands in another month.
    days = months.astype("datetime64[D]") + (day - 1)
    right = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    right &= (year > 1677) & (year < 2262) & (hour < 24) & (minute < 60) & (second < 60)
    if not right.all():
        return None
    seconds = ((days.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second
    instants: NDArray[np.int64] = seconds * SECOND + _number(digits[14:]) * 10 ** (9 - len(digits[14:])) + offset
    return instants


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int64]:
    total = np.zeros(digits.shape[1], np.int64)
    for place in digits:
        total = total * 10 + place
    return total


def write_instants(instants: NDArray[np.int64]) -> list[str]:
    """Return instants as ISO 8601 in UTC, all with the fewest decimals (0, 3, 6 or 9) that hold each exactly.

    Parameters
    ----------
    instants : (n,) int64
        [ns, UTC]

    """
    unit = next((unit for unit in ("s", "ms", "us") if not (instants % NANOSECONDS[unit]).any()), "ns")
    written: list[str] = np.datetime_as_string(instants.astype("datetime64[ns]"), unit=unit, timezone="UTC").tolist()  # type: ignore[call-overload]
    return written
