"""Checks the write-ahead log beside a day file: SQLite takes a damaged one for a shorter one, without a word.

References
----------
SQLite, Database File Format, 4 The Write-Ahead Log.

"""

from itertools import pairwise
from pathlib import Path
from struct import unpack_from
from typing import Final, NamedTuple

from adapters.stores.historian.day.database import PAGE_SIZE
from plant import Message

LOG_DAMAGED: Final = Message("the write-ahead log of the file is damaged")
_HEADER: Final = 32
_FRAME: Final = 24
_WORD: Final = 0xFFFFFFFF
_Sum = tuple[int, int]


class LogFrame(NamedTuple):
    """Header of a frame: whether it ends a transaction, the salts of its log, its checksum, and where it begins."""

    ends: bool
    salts: bytes
    stored: bytes
    begin: int


def is_log_damaged(path: Path) -> bool:
    """Tell whether the log of a day file has transactions behind a place that is not as it was written.

    A log that ends in an incomplete transaction is sound: a power loss leaves such a log. If only the last transaction
    is damaged, it looks the same, and this function cannot tell.
    """
    log = path.with_name(f"{path.name}-wal")
    place = _broken_place(log)
    # A writer may have begun the log anew between the bytes: the same place must be broken twice.
    return place is not None and _broken_place(log) == place


def _broken_place(log: Path) -> bytes | None:
    """Return header and frame at the place of a damage; None if there is none."""
    try:
        content = log.read_bytes()
    except OSError:
        return None
    if len(content) < _HEADER:
        return None
    # The lowest bit of the first word has the byte order of the words that are summed.
    order = ">" if content[3] & 1 else "<"
    frames = frames_of(content)
    known = content[16:24]
    before = _sum((0, 0), content[:24], order)
    if _written(before) != content[24:32]:
        # Without a header the frames must speak for themselves: those of one log have the same salts.
        alike = [frame for frame, after in pairwise(frames) if frame.salts == after.salts]
        return content[:_HEADER] if sum(frame.ends for frame in alike) > 1 else None
    for number, frame in enumerate(frames):
        head, body = (
            content[frame.begin : frame.begin + 8],
            content[frame.begin + _FRAME : frame.begin + _FRAME + PAGE_SIZE],
        )
        before = _sum(_sum(before, head, order), body, order)
        if frame.salts != known or _written(before) != frame.stored:
            later = [other for other in frames[number:] if other.salts == known]
            is_damaged = _goes_on_after_a_commit(later)
            return content[:_HEADER] + content[frame.begin : frame.begin + _FRAME] if is_damaged else None
    return None


def _goes_on_after_a_commit(frames: list[LogFrame]) -> bool:
    """Tell whether frames belong to more than the one transaction that a power loss may have cut."""
    first = next((place for place, frame in enumerate(frames) if frame.ends), None)
    return first is not None and first + 1 < len(frames)


def frames_of(content: bytes) -> list[LogFrame]:
    """Return the headers of the whole frames of a log."""
    places = range(_HEADER, len(content) - _FRAME - PAGE_SIZE + 1, _FRAME + PAGE_SIZE)
    return [
        LogFrame(
            content[place + 4 : place + 8] != bytes(4),
            content[place + 8 : place + 16],
            content[place + 16 : place + 24],
            place,
        )
        for place in places
    ]


def _sum(before: _Sum, content: bytes, order: str) -> _Sum:
    low, high = before
    words = unpack_from(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        low = (low + first + high) & _WORD
        high = (high + second + low) & _WORD
    return low, high


def _written(numbers: _Sum) -> bytes:
    low, high = numbers
    return low.to_bytes(4, "big") + high.to_bytes(4, "big")
