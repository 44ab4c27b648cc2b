"""Aligns columns of text by their width on a terminal, where a Chinese character takes two places."""

import unicodedata
from collections.abc import Iterator, Sequence


def table(rows: Sequence[Sequence[str]], sides: str, without: Sequence[int] = ()) -> Iterator[str]:
    """Yield the rows with columns aligned to the left (<) or right (>), except the columns in `without`."""
    kept = [number for number in range(len(sides)) if number not in without]
    widths = {number: max(_width(row[number]) for row in rows) for number in kept}
    for row in rows:
        yield "  ".join(pad(row[number], widths[number], sides[number]) for number in kept).rstrip()


def pad(text: str, width: int, side: str = "<") -> str:
    """Return a text filled with blanks on the right, or on the left (>)."""
    blanks = " " * max(0, width - _width(text))
    return text + blanks if side == "<" else blanks + text


def _width(text: str) -> int:
    # W and F are the wide classes of Unicode; ambiguous ones are narrow on the terminals of our users.
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
