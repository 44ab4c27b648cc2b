"""Columns of text, as wide as a terminal shows them: a Chinese sign takes two places."""

import unicodedata
from collections.abc import Iterator, Sequence


def table(rows: Sequence[Sequence[str]], sides: str, without: Sequence[int] = ()) -> Iterator[str]:
    """Align columns to their side, < or >; some may be left out."""
    kept = [number for number in range(len(sides)) if number not in without]
    widths = {number: max(_width(row[number]) for row in rows) for number in kept}
    for row in rows:
        yield "  ".join(pad(row[number], widths[number], sides[number]) for number in kept).rstrip()


def pad(text: str, width: int, side: str = "<") -> str:
    """Fill a text up with blanks, on the right, or on the left (>)."""
    blanks = " " * max(0, width - _width(text))
    return text + blanks if side == "<" else blanks + text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
