"""Reads headers of tables that are nearly right, so that a broken header hides no mistake of its table."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from hazwatch.site.site_text import Mistake
from plant import Message, mended

ONCE: Final = ("site", "historian", "anchors")
"""Tables that a site file has at most once."""
MANY: Final = ("hazard_source", "source", "point", "limit", "vote", "interlock", "store")
"""Tables that a site file may have many times."""
CASE: Final = "case"
"""The one table of a case file, which it has many times."""
NEAR_HEADER: Final = re.compile(r"^\s*([\[［【]{1,2}\s*([\w.-]+)\s*[\]］】]{0,2}\s*[;；,，]?)\s*(?:#.*)?$")
"""A header, or what may have been meant for one."""
ALIKE_ENOUGH: Final = 0.7
"""How alike a name and the name of a table must be, as `difflib` measures it, to be taken for it. [1]"""


def read_headers(file: Path, text: str, tables: Sequence[str] = (*ONCE, *MANY)) -> tuple[str, list[Mistake]]:
    """Return a text with the headers that were meant, line by line, and the mistakes of those that were written.

    `tables` has the names of the tables that the file may have.
    """
    # A text of several lines may have lines that only look like headers.
    if '"""' in text or "'''" in text:
        return text, []
    lines = text.split("\n")
    mistakes: list[Mistake] = []
    for number, line in enumerate(lines):
        header = NEAR_HEADER.match(line)
        meant = None if header is None else _meant(header[2], tables)
        if header is None or meant is None or meant == re.sub(r"\s", "", header[1]):
            continue
        lines[number] = meant
        mistakes.append(Mistake(str(file), number + 1, header[2], _problem(header[1].strip(), meant)))
    return "\n".join(lines), mistakes


def _meant(name: str, tables: Sequence[str]) -> str | None:
    """Return the header that a name stands for; None if it is not like any."""
    table, dot, key = mended(name).lower().partition(".")
    # A large site has tens of thousands of headers, nearly all of them right.
    alike = [table] if table in tables else get_close_matches(table, tables, n=1, cutoff=ALIKE_ENOUGH)
    if not alike:
        return None
    # An expected event is a table of a list inside of its case; inner tables of a site file are single ones.
    is_one = alike[0] != CASE if dot else alike[0] in ONCE
    return f"[{alike[0]}{dot}{key}]" if is_one else f"[[{alike[0]}{dot}{key}]]"


def _problem(written: str, meant: str) -> Message:
    if meant == f"[{written}]":
        return Message("expected [[{table}]], in double brackets; found [{table}]", table=written[1:-1])
    return Message("expected {meant}; found {written}", meant=meant, written=written)
