"""Puts back headers of tables whose lines are missing, so that a lost header hides no mistake of its table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from adapters.sources.registry import PROTOCOLS
from hazwatch.site.headers import MANY, ONCE
from hazwatch.site.site_text import TABLE_HEADER, Mistake
from hazwatch.site.tables import TABLE_MODELS
from plant import Entity, Message, Site, mended

KEY_OF_TABLE: Final = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*[.=]")
CLEARLY: Final = 4
"""By how much more a block must fit another table than the one above it, where its `id` does not tell. [keys]"""
OF_OTHERS: Final = frozenset(("hazard_source", "point", "protocol", "kind"))
"""Keys that the table [site] does not have, and one of which every other table has that comes early in a file."""


class _Block(NamedTuple):
    """Lines without a gap between them: the number of the first one, and their keys in order."""

    start: int
    keys: tuple[str, ...]


def put_back_headers(file: Path, text: str) -> tuple[str, list[Mistake]]:
    """Return a text with lost headers in the gaps above their tables, and the mistakes; no line moves.

    A block of keys after a gap begins another table if its `id` stands in the table above already, or cannot stand
    there.
    """
    if '"""' in text or "'''" in text:
        return text, []
    lines = text.split("\n")
    mistakes: list[Mistake] = []
    table, seen = "", set[str]()
    for block in _blocks(lines):
        header = TABLE_HEADER.match(lines[block.start])
        if header is not None:
            table, seen = header[1], set()
        elif block.start and _begins_another(table, seen, block.keys):
            meant = _meant(table, block.keys)
            lines[block.start - 1] = f"[{meant}]" if meant in ONCE else f"[[{meant}]]"
            table, seen = meant, set()
            message = Message(
                "expected {meant} above this line: a table begins here without its header", meant=lines[block.start - 1]
            )
            mistakes.append(Mistake(str(file), block.start + 1, meant, message))
        seen.update(block.keys)
    return "\n".join(lines), mistakes


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """Yield the blocks; a header begins one, too."""
    start, keys = 0, list[str]()
    for number, line in enumerate(lines):
        begin = line.lstrip()[:1]
        if begin in ("", "#", "["):
            if number > start:
                yield _Block(start, tuple(keys))
            start, keys = (number if begin == "[" else number + 1), []
        # A large site has hundreds of thousands of lines, nearly all of them right.
        elif match := KEY_OF_TABLE.match(line if line.isascii() else mended(line)):
            keys.append(match[1])
    if start < len(lines):
        yield _Block(start, tuple(keys))


def _begins_another(table: str, seen: set[str], keys: Sequence[str]) -> bool:
    """Tell whether keys after a gap belong to another table than the one above."""
    if not table and "points" in keys:
        return False
    if "id" in keys:
        return not table or "id" in seen or "." in table or table in ("historian", "anchors")
    fits = _fits(keys)
    return table in fits and max(fits.values()) - fits[table] >= CLEARLY


def _meant(table: str, keys: Sequence[str]) -> str:
    """Return the table to which most of the keys belong; of several the one that is needed first."""
    if not table and OF_OTHERS.isdisjoint(keys):
        return "site"
    fits = _fits(keys)
    return max(MANY, key=lambda name: fits[name])


def _fits(keys: Sequence[str]) -> dict[str, int]:
    """Return for each table how many of the keys it has more than it lacks."""
    return {name: sum(1 if key in known else -1 for key in keys) for name, known in _keys_of_tables().items()}


@cache
def _keys_of_tables() -> Mapping[str, frozenset[str]]:
    models: dict[str, list[type[Entity]]] = {name: [model] for name, model in TABLE_MODELS.items()}
    models |= {"source": [protocol.spec for protocol in PROTOCOLS.values()], "site": [Site]}
    return {
        name: frozenset(field.alias or key for model in of_table for key, field in model.model_fields.items())
        for name, of_table in models.items()
    }
